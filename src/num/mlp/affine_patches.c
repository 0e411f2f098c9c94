/* affine_patches.c: evaluates nets of two inputs on a grid by exact affine patches.
 *
 * On a patch of SIDE x SIDE points every pre-activation is a linear combination of basis functions,
 * initially 1, x, y. A unit that is positive on the whole patch passes its coefficients to the next
 * layer; a unit that is negative on it contributes nothing; a unit that changes sign becomes a new
 * basis function, stored as its values at the points of the patch. The sign of a unit is decided by
 * bounds, or by evaluation where the bounds are inconclusive. A layer then costs (positive units) *
 * out * (basis functions) products instead of in * out * (points). A patch whose basis would exceed
 * three quarters of its points is evaluated densely. num/simd/mlp/patch_body.h implements one
 * patch. */
#include "num/mlp/net.h"

enum { SIDE = LIMN_PATCH_SIDE, CELLS = LIMN_PATCH_CELLS, POINTS = LIMN_MLP_POINTS };
_Static_assert(POINTS >= CELLS, "a patch is one run of points");

typedef struct {
  const limn_mlp *net;
  const limn_mlp_kernels *k;
  const limn_mlp_grid *grid;
  limn_dtype type;
  bool dense;
  double *f, *kinks;
  size_t width, across, rows; /* padded width of the widest layer; patches along x and y */
  char *memory;
  size_t bytes;
} patch_job;

typedef struct {
  void *kernel_scratch;
  void *narrow; /* padded weights of layers narrower than a vector */
  void *dense_scratch;
  double *x, *out; /* (POINTS,2) points, (POINTS) outputs */
} patch_space;

static size_t narrow_numbers(const limn_mlp *net) {
  size_t numbers = 0;
  for (size_t l = 0; l + 1 < net->spec.layers; l++)
    if (net->layer[l].out < LIMN_MLP_PAD) numbers += net->layer[l].in * LIMN_MLP_PAD;
  return limn_pad(numbers);
}

static patch_space carve(const patch_job *j, char *base, size_t *bytes) {
  size_t real = limn_real(j->type), at = 0;
  patch_space s;
#define TAKE(name, numbers, size)                                                                  \
  s.name = base ? (void *)(base + at) : NULL, at += limn_pad(numbers) * (size)
  TAKE(kernel_scratch, limn_patch_scratch(j->width), real);
  TAKE(narrow, narrow_numbers(j->net), real);
  TAKE(dense_scratch, limn_mlp_scratch(j->net), real);
  TAKE(x, 2 * POINTS, sizeof(double));
  TAKE(out, POINTS, sizeof(double));
#undef TAKE
  *bytes = (at + 63) & ~(size_t)63;
  return s;
}

/* Describes the layers of one block for the kernel; copies narrow layers to `narrow` with padding.
 */
static void layers_of(const patch_job *j, limn_patch_layer *layer, void *narrow, const void *p) {
  const limn_mlp *net = j->net;
  size_t used = 0;
  for (size_t l = 0; l < net->spec.layers; l++) {
    const limn_mlp_layer *a = &net->layer[l];
    const void *w = limn_at(p, j->type, net->w_at[l]);
    layer[l] = (limn_patch_layer){w, limn_at(p, j->type, net->b_at[l]), net->ld[l], a->out,
                                  limn_pad(a->out)};
    if (l + 1 == net->spec.layers || a->out >= LIMN_MLP_PAD) continue;
    void *to = limn_at(narrow, j->type, used);
    memset(to, 0, a->in * LIMN_MLP_PAD * limn_real(j->type));
    for (size_t i = 0; i < a->in; i++)
      memcpy(limn_at(to, j->type, i * LIMN_MLP_PAD), limn_at(w, j->type, i * net->ld[l]),
             a->out * limn_real(j->type));
    layer[l].w = to, layer[l].ld = LIMN_MLP_PAD;
    used += a->in * LIMN_MLP_PAD;
  }
}

/* Adds sign times the outputs of a block at grid points first .. end-1 (x fastest) to f, point by
 * point. */
static void block_points(const patch_job *j, patch_space *s, double *f, const void *from,
                         size_t block, size_t first, size_t end, double sign) {
  const limn_mlp_grid *g = j->grid;
  size_t column = first % g->nx, row = first / g->nx;
  for (; first < end; first += POINTS) {
    size_t n = end - first < POINTS ? end - first : POINTS;
    for (size_t q = 0; q < n; q++) {
      s->x[2 * q] = g->x0 + (double)column * g->dx;
      s->x[2 * q + 1] = g->y0 + (double)row * g->dy;
      if (++column == g->nx) column = 0, row++;
    }
    limn_mlp_outputs(j->net, from, block, s->out, s->x, n, s->dense_scratch);
    for (size_t q = 0; q < n; q++) f[first + q] += sign * s->out[q];
  }
}

/* Adds sign times the outputs of a block on one row of patches to f. */
static void block_row(const patch_job *j, patch_space *s, double *f, const void *from, size_t block,
                      size_t row, double sign, size_t *kinks) {
  const limn_mlp *net = j->net;
  const limn_mlp_grid *g = j->grid;
  if (j->dense) {
    size_t end = (row + 1) * SIDE < g->ny ? (row + 1) * SIDE : g->ny;
    block_points(j, s, f, from, block, row * SIDE * g->nx, end * g->nx, sign);
    return;
  }
  limn_patch_layer layer[LIMN_MLP_LAYERS];
  limn_patch_net n = {net->spec.layers, j->width, net->spec.activation == LIMN_PHI_RELU, layer};
  layers_of(j, layer, s->narrow, limn_at(from, j->type, block * net->block));
  double half[2] = {g->dx * (SIDE - 1) / 2, g->dy * (SIDE - 1) / 2};
  size_t y1 = (row + 1) * SIDE < g->ny ? SIDE : g->ny - row * SIDE;
  for (size_t column = 0; column < j->across; column++) {
    size_t x1 = (column + 1) * SIDE < g->nx ? SIDE : g->nx - column * SIDE;
    double x = g->x0 + (double)(column * SIDE) * g->dx, y = g->y0 + (double)(row * SIDE) * g->dy;
    double centre[2] = {x + half[0], y + half[1]};
    if (!j->k->patch(s->out, &n, s->kernel_scratch, centre, half, kinks)) {
      for (size_t q = 0; q < CELLS; q++) {
        size_t across = q % SIDE, up = q / SIDE;
        s->x[2 * q] = x + (double)across * g->dx;
        s->x[2 * q + 1] = y + (double)up * g->dy;
      }
      limn_mlp_outputs(net, from, block, s->out, s->x, CELLS, s->dense_scratch);
    }
    for (size_t q = 0; q < y1; q++)
      for (size_t p = 0; p < x1; p++)
        f[(row * SIDE + q) * g->nx + column * SIDE + p] += sign * s->out[q * SIDE + p];
  }
}

static void map_rows(void *ctx, size_t task, int worker) {
  const patch_job *j = ctx;
  const limn_mlp *net = j->net;
  const limn_mlp_grid *g = j->grid;
  size_t bytes, member = task / j->rows, row = task % j->rows, kinks = 0;
  patch_space s = carve(j, j->memory + (size_t)worker * j->bytes, &bytes);
  double *f = j->f + member * g->nx * g->ny;
  size_t last = (row + 1) * SIDE < g->ny ? (row + 1) * SIDE : g->ny;
  for (size_t q = row * SIDE * g->nx; q < last * g->nx; q++) f[q] = 0;
  if (net->halves == 2) {
    const double scale = 0.70710678118654752440;
    block_row(j, &s, f, net->now, member * 2, row, scale, &kinks);
    block_row(j, &s, f, net->now, member * 2 + 1, row, -scale, &kinks);
  } else {
    block_row(j, &s, f, net->now, member, row, 1, &kinks);
    if (net->spec.start == LIMN_START_NONE)
      block_row(j, &s, f, net->start, member, row, -1, &kinks);
  }
  if (j->kinks) j->kinks[task] = (double)kinks;
}

/* The bounds hold for the patch's points as represented in the nets' type. If rounding moves a
 * point across a unit's kink, the result changes only by rounding, since both affine pieces agree
 * at the kink. */
limn_status limn_mlp_map(double *f, double *kinks, const limn_mlp *net, const limn_mlp_grid *grid,
                         bool dense, const limn_token *token, limn_err *err) {
  limn_mlp_settle(net);
  const limn_mlp_spec *s = &net->spec;
  if (s->sizes[0] != 2 || s->sizes[s->layers] != 1)
    return limn_fail_argument(err, LIMN_EINVAL, "net",
                              "must have 2 inputs and 1 output, got %zu and %zu", s->sizes[0],
                              s->sizes[s->layers]);
  if (grid->nx < 1 || grid->ny < 1 || !isfinite(grid->x0 + grid->dx * (double)grid->nx) ||
      !isfinite(grid->y0 + grid->dy * (double)grid->ny))
    return limn_fail_argument(err, LIMN_EINVAL, "grid", "must be finite and not empty");
  patch_job j = {.net = net,
                 .k = limn_mlp_kernels_of(s->dtype),
                 .grid = grid,
                 .type = s->dtype,
                 .dense = dense,
                 .f = f};
  if (s->activation != LIMN_PHI_RELU && s->activation != LIMN_PHI_LINEAR) j.dense = true;
  for (size_t l = 0; l <= s->layers; l++)
    if (limn_pad(s->sizes[l]) > j.width) j.width = limn_pad(s->sizes[l]);
  j.across = (grid->nx + SIDE - 1) / SIDE, j.rows = (grid->ny + SIDE - 1) / SIDE;
  carve(&j, NULL, &j.bytes);
  size_t tasks = s->count * j.rows, workers = (size_t)limn_workers(tasks);
  j.memory = limn_alloc(workers, j.bytes);
  j.kinks = kinks ? limn_alloc(tasks, sizeof *kinks) : NULL;
  limn_status st = LIMN_OK;
  if (!j.memory || (kinks && !j.kinks)) st = limn_nomem(err, "patches", workers, j.bytes);
  if (!st) st = limn_parallel(tasks, map_rows, &j, token, err);
  for (size_t r = 0; r < s->count && kinks && !st; r++) {
    double sum = 0;
    for (size_t q = 0; q < j.rows; q++) sum += j.kinks[r * j.rows + q];
    kinks[r] = s->layers > 1 ? sum / (double)(j.rows * j.across * (s->layers - 1)) : 0;
  }
  limn_free(j.memory), limn_free(j.kinks);
  return st;
}
