/* thin.c: data reduction for plots; contracts in thin.h. */
#include "num/array/thin.h"

#include <math.h>
#include <string.h>

void limn_extent_of(limn_extent *out, const double *x, size_t n) {
  limn_extent e = {INFINITY, -INFINITY, INFINITY, 0, 0};
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(x[i])) continue;
    e.finite++;
    if (x[i] < e.low) e.low = x[i];
    if (x[i] > e.high) e.high = x[i];
    if (x[i] <= 0)
      e.refused++;
    else if (x[i] < e.positive)
      e.positive = x[i];
  }
  *out = e;
}

void limn_round_digits(double *out, const double *x, size_t n, int digits) {
  for (size_t i = 0; i < n; i++) {
    double size = fabs(x[i]);
    int shift = isfinite(size) && size > 1e-280 && size < 1e280
                    ? digits - 1 - (int)floor(log10(size))
                    : 400;
    if (shift >= 0 && shift < 300) {
      double unit = pow(10, shift);
      out[i] = nearbyint(x[i] * unit) / unit;
    } else if (shift < 0) {
      double unit = pow(10, -shift);
      out[i] = nearbyint(x[i] / unit) * unit;
    } else {
      out[i] = x[i];
    }
  }
}

size_t limn_bin(double *count, size_t bins, const double *x, size_t n, double low, double high) {
  size_t outside = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(x[i] >= low && x[i] <= high)) {
      outside++;
      continue;
    }
    size_t k = (size_t)((x[i] - low) / (high - low) * (double)bins);
    count[k < bins ? k : bins - 1]++;
  }
  return outside;
}

/* A prepared axis: position = (x - low) scale, in strips. */
typedef struct {
  double low, scale;
  bool log;
} axis;

static axis axis_of(const limn_strips *s) {
  double low = s->log ? log(s->low) : s->low, high = s->log ? log(s->high) : s->high;
  return (axis){low, (double)s->count / (high - low), s->log};
}

static double position(const axis *a, double x) {
  return ((a->log ? log(x) : x) - a->low) * a->scale;
}

size_t limn_thin_line(unsigned char *keep, const double *x, const double *y, size_t n,
                      const limn_strips *strips) {
  axis a = axis_of(strips);
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) keep[i] = 0;
  for (size_t i = 0; i < n;) {
    if (!isfinite(x[i]) || !isfinite(y[i])) {
      keep[i] = 1; /* one entry per run of gaps */
      for (i++; i < n && (!isfinite(x[i]) || !isfinite(y[i])); i++) continue;
      continue;
    }
    double strip = floor(position(&a, x[i]));
    size_t least = i, most = i, last = i;
    for (size_t j = i + 1;
         j < n && isfinite(x[j]) && isfinite(y[j]) && floor(position(&a, x[j])) == strip; j++) {
      if (y[j] < y[least]) least = j;
      if (y[j] > y[most]) most = j;
      last = j;
    }
    keep[i] = keep[least] = keep[most] = keep[last] = 1;
    i = last + 1;
  }
  for (size_t i = 0; i < n; i++) kept += keep[i];
  return kept;
}

static size_t put_row(double *out, size_t row, double x, double lo, double hi) {
  out[3 * row] = x;
  out[3 * row + 1] = lo;
  out[3 * row + 2] = hi;
  return row + 1;
}

size_t limn_thin_band(double *out, const double *x, const double *lo, const double *hi, size_t n,
                      const limn_strips *strips) {
  axis a = axis_of(strips);
  size_t kept = 0;
  for (size_t i = 0; i < n;) {
    if (!isfinite(x[i]) || !isfinite(lo[i]) || !isfinite(hi[i])) {
      kept = put_row(out, kept, NAN, NAN, NAN);
      for (i++; i < n && (!isfinite(x[i]) || !isfinite(lo[i]) || !isfinite(hi[i])); i++) continue;
      continue;
    }
    double strip = floor(position(&a, x[i])), least = lo[i], most = hi[i];
    size_t last = i;
    for (size_t j = i + 1; j < n && isfinite(x[j]) && isfinite(lo[j]) && isfinite(hi[j]) &&
                           floor(position(&a, x[j])) == strip;
         j++) {
      least = fmin(least, lo[j]);
      most = fmax(most, hi[j]);
      last = j;
    }
    kept = put_row(out, kept, x[i], least, most);
    if (last > i) kept = put_row(out, kept, x[last], least, most);
    i = last + 1;
  }
  return kept;
}

size_t limn_thin_points(unsigned char *keep, unsigned char *taken, const double *x, const double *y,
                        size_t n, const limn_strips *axes) {
  axis ax = axis_of(&axes[0]), ay = axis_of(&axes[1]);
  size_t across = axes[0].count, up = axes[1].count, kept = 0;
  memset(taken, 0, across * up);
  for (size_t i = n; i-- > 0;) {
    double a = position(&ax, x[i]), b = position(&ay, y[i]);
    keep[i] = 0;
    if (!(a >= 0 && a <= (double)across && b >= 0 && b <= (double)up)) continue;
    size_t ia = (size_t)a, ib = (size_t)b;
    if (ia == across) ia--; /* points on the upper boundary belong to the last strip */
    if (ib == up) ib--;
    unsigned char *cell = &taken[ia * up + ib];
    keep[i] = !*cell;
    *cell = 1;
    kept += keep[i];
  }
  return kept;
}

void limn_keep(double *out, const double *x, const unsigned char *keep, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (keep[i]) *out++ = x[i];
}
