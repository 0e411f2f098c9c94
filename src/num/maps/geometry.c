/* geometry.c: the grid, and the geometry of one map: boundary, variation, energy. */
#include "core/core.h"
#include "num/maps/core.h"

#include <math.h>

limn_status limn_maps_valid(const limn_maps_grid *g, limn_err *err) {
  size_t cells;
  if (g->nx < 2 || g->ny < 2)
    return limn_fail_argument(err, LIMN_EINVAL, "n", "must be at least 2 x 2 cells, got %zu x %zu",
                              g->nx, g->ny);
  if (limn_mul_overflows(g->nx, g->ny, &cells) || cells > LIMN_MAPS_CELLS)
    return limn_fail_argument(
        err, LIMN_EINVAL, "n",
        "gives too many cells: %zu x %zu = %.4g, %.3g GiB per map; the maximum is %zu "
        "(8192 x 8192)",
        g->nx, g->ny, (double)g->nx * (double)g->ny,
        (double)g->nx * (double)g->ny * 8 / 1073741824.0, LIMN_MAPS_CELLS);
  const double ends[2][2] = {{g->x0, g->x1}, {g->y0, g->y1}};
  for (int k = 0; k < 2; k++)
    if (!isfinite(ends[k][0]) || !isfinite(ends[k][1]) || !(ends[k][0] < ends[k][1]))
      return limn_fail_argument(err, LIMN_EINVAL, k ? "y" : "x",
                                "must be a finite and ascending range, got %g .. %g", ends[k][0],
                                ends[k][1]);
  return LIMN_OK;
}

static double coordinate(double first, double last, size_t i, size_t n) {
  double t = (double)i / (double)(n - 1);
  return i + 1 == n ? last : first * (1 - t) + last * t;
}

limn_status limn_maps_points(double *out, const limn_maps_grid *g, limn_err *err) {
  limn_status st = limn_maps_valid(g, err);
  if (st != LIMN_OK) return st;
  for (size_t j = 0; j < g->ny; j++)
    for (size_t i = 0; i < g->nx; i++) {
      out[2 * (j * g->nx + i)] = coordinate(g->x0, g->x1, i, g->nx);
      out[2 * (j * g->nx + i) + 1] = coordinate(g->y0, g->y1, j, g->ny);
    }
  return LIMN_OK;
}

limn_status limn_maps_finite(const double *maps, size_t count, const limn_maps_grid *g,
                             limn_err *err) {
  size_t cells = g->nx * g->ny;
  for (size_t k = 0; k < count * cells; k++)
    if (!isfinite(maps[k])) {
      size_t cell = k % cells;
      return limn_fail_entry(
          err, LIMN_ENONFINITE, "maps", k / cells, cell, "must be finite, got %g at x = %g, y = %g",
          isnan(maps[k]) ? NAN : maps[k], coordinate(g->x0, g->x1, cell % g->nx, g->nx),
          coordinate(g->y0, g->y1, cell / g->nx, g->ny));
    }
  return LIMN_OK;
}

/* Length of the zero contour in one cell with sides hx, hy and corners a (x0,y0), b (x1,y0), c
 * (x1,y1), d (x0,y1). Contours intersect each side where the linear interpolant is 0. In a cell
 * with four intersections the sign of the bilinear interpolant at its saddle decides which corners
 * are connected. */
static double cell_boundary(double a, double b, double c, double d, double hx, double hy) {
  bool pa = a > 0, pb = b > 0, pc = c > 0, pd = d > 0;
  if (pa == pb && pb == pc && pc == pd) return 0;
  double bottom = hx * a / (a - b),
         right = hy * b / (b - c); /* used only if the contour intersects the side */
  double top = hx * d / (d - c), left = hy * a / (a - d);
  bool cut_b = pa != pb, cut_r = pb != pc, cut_t = pd != pc, cut_l = pa != pd;
  if (cut_b && cut_r && cut_t && cut_l) {
    bool middle = (a * c - b * d) / (a + c - b - d) > 0;
    if (middle == pa) /* a and c are connected; the contour separates b and d */
      return hypot(hx - bottom, right) + hypot(top, hy - left);
    return hypot(bottom, left) + hypot(hx - top, hy - right);
  }
  double x[2], y[2];
  int n = 0;
  if (cut_b) x[n] = bottom, y[n++] = 0;
  if (cut_r) x[n] = hx, y[n++] = right;
  if (cut_t) x[n] = top, y[n++] = hy;
  if (cut_l) x[n] = 0, y[n++] = left;
  return hypot(x[1] - x[0], y[1] - y[0]);
}

void limn_maps_geometry(double *row, const double *map, const limn_maps_grid *g) {
  size_t nx = g->nx, ny = g->ny, positive = 0;
  double hx = (g->x1 - g->x0) / (double)(nx - 1), hy = (g->y1 - g->y0) / (double)(ny - 1);
  double sum = 0, boundary = 0, variation = 0, energy = 0;
  for (size_t k = 0; k < nx * ny; k++) {
    sum += map[k];
    positive += map[k] > 0;
  }
  for (size_t j = 0; j + 1 < ny; j++) {
    const double *low = map + j * nx, *high = low + nx;
    double line[3] = {0}; /* sums per grid row, to reduce rounding error */
    for (size_t i = 0; i + 1 < nx; i++) {
      double a = low[i], b = low[i + 1], c = high[i + 1], d = high[i];
      double x1 = b - a, x2 = c - d, y1 = d - a, y2 = c - b;
      double gx = 0.5 * (x1 + x2) / hx, gy = 0.5 * (y1 + y2) / hy;
      line[0] += cell_boundary(a, b, c, d, hx, hy);
      line[1] += sqrt(gx * gx + gy * gy);
      line[2] += hy / hx * (x1 * x1 + x1 * x2 + x2 * x2) + hx / hy * (y1 * y1 + y1 * y2 + y2 * y2);
    }
    boundary += line[0], variation += line[1], energy += line[2];
  }
  row[LIMN_MAPS_MEAN] = sum / (double)(nx * ny);
  row[LIMN_MAPS_POSITIVE] = (double)positive / (double)(nx * ny);
  row[LIMN_MAPS_BOUNDARY] = boundary;
  row[LIMN_MAPS_VARIATION] = variation * hx * hy;
  row[LIMN_MAPS_ENERGY] = energy / 3;
}
