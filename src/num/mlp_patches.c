/* mlp_patches.c: nets of two inputs on a grid, by exact affine patches.
 *
 * Inside a patch of SIDE x SIDE points every pre-activation is a sum of basis functions, at first
 * 1, x, y. A unit that is positive on the whole patch hands its coefficients on, one that is
 * negative vanishes, and one that changes sign becomes a basis function of its own (its values at
 * the points of the patch). What sign a unit has is decided by bounds, and by evaluation where the
 * bounds leave it open. A layer then costs in * out * (basis functions) products in place of in *
 * out * (points). A patch whose basis would outgrow half its points is computed densely. */
#include "mlp_net.h"

enum { SIDE = 8, CELLS = SIDE * SIDE, BASIS = CELLS / 2 };

typedef struct {
  const limn_mlp *net;
  const limn_mlp_kernels *k;
  const limn_mlp_grid *grid;
  limn_dtype type;
  bool dense;
  double *f, *kinks;
  size_t width, across, rows; /* padded units; patches along x and y */
  char *memory;
  size_t bytes, dense_bytes;
} patch_job;

typedef struct {
  void *c, *next;   /* coefficients: BASIS x width */
  void *basis;      /* BASIS x CELLS */
  void *low, *high; /* width */
  void *row;        /* coefficients of one unit: BASIS */
  void *values;     /* CELLS */
  void *scratch;
  double *x, *out; /* a dense patch: CELLS x 2 points, CELLS outputs */
} patch_space;

static patch_space carve(const patch_job *j, char *base, size_t *bytes) {
  size_t real = limn_real(j->type), at = 0;
  patch_space s;
#define TAKE(name, numbers)                                                                        \
  s.name = base ? (void *)(base + at) : NULL, at += limn_pad(numbers) * real
  TAKE(c, BASIS * j->width);
  TAKE(next, BASIS * j->width);
  TAKE(basis, BASIS * CELLS);
  TAKE(low, j->width);
  TAKE(high, j->width);
  TAKE(row, BASIS);
  TAKE(values, CELLS);
  TAKE(scratch, limn_mlp_scratch(j->net));
#undef TAKE
  s.x = base ? (double *)(void *)(base + at) : NULL, at += 2 * CELLS * sizeof *s.x;
  s.out = base ? (double *)(void *)(base + at) : NULL, at += CELLS * sizeof *s.out;
  *bytes = (at + 63) & ~(size_t)63;
  return s;
}

static void *at(const patch_job *j, const void *p, size_t i) {
  return limn_at(p, j->type, i);
}

/* Coefficients of the next layer from those of the units below. */
static void through(const patch_job *j, const void *p, size_t l, void *to, const void *c,
                    size_t basis) {
  const limn_mlp *net = j->net;
  const limn_mlp_layer *a = &net->layer[l];
  const void *w = limn_at(p, j->type, net->w_at[l]), *b = limn_at(p, j->type, net->b_at[l]);
  if (a->out < LIMN_MLP_PAD) {
    for (size_t q = 0; q < basis; q++)
      memset(at(j, to, q * j->width), 0, LIMN_MLP_PAD * limn_real(j->type));
    j->k->narrow_forward(to, j->width, c, j->width, w, basis, a->in, a->out);
  } else
    j->k->wide_forward(to, j->width, c, j->width, w, net->ld[l], basis, a->in, 0, limn_pad(a->out),
                       false);
  for (size_t o = 0; o < a->out; o++)
    limn_set_real(to, j->type, o, limn_get_real(to, j->type, o) + limn_get_real(b, j->type, o));
}

/* The values of unit u on the patch. */
static void evaluate(const patch_job *j, patch_space *s, const void *c, size_t u, size_t basis) {
  for (size_t q = 0; q < basis; q++)
    limn_set_real(s->row, j->type, q, limn_get_real(c, j->type, q * j->width + u));
  j->k->wide_forward(s->values, CELLS, s->row, BASIS, s->basis, CELLS, 1, basis, 0, CELLS, false);
}

/* Outputs at the CELLS points of a patch into s->values, or false when its basis is full. */
static bool affine(const patch_job *j, patch_space *s, const void *p, const double centre[2],
                   const double half[2], double *kinks) {
  const limn_mlp *net = j->net;
  limn_dtype t = j->type;
  double top[BASIS] = {0};
  size_t basis = 3;
  memset(s->c, 0, 3 * j->width * limn_real(t));
  limn_set_real(s->c, t, j->width, 1);         /* input 1 is x */
  limn_set_real(s->c, t, 2 * j->width + 1, 1); /* input 2 is y */
  for (size_t l = 0;; l++) {
    through(j, p, l, s->next, s->c, basis);
    if (l + 1 == net->spec.layers) break;
    void *swap = s->c;
    s->c = s->next, s->next = swap;
    if (net->spec.activation == LIMN_PHI_LINEAR) continue;
    size_t units = net->layer[l].out, before = basis;
    j->k->patch_bounds(s->low, s->high, s->c, j->width, basis - 3, top, centre, half,
                       limn_pad(units));
    for (size_t u = 0; u < units; u++) {
      if (limn_get_real(s->low, t, u) >= 0) continue;
      int signs = 2; /* not above 0 anywhere */
      double most = 0;
      if (!(limn_get_real(s->high, t, u) <= 0)) {
        evaluate(j, s, s->c, u, before);
        signs = j->k->patch_signs(s->values, CELLS, &most);
      }
      if (signs == 1) continue;
      for (size_t q = 0; q < before; q++) limn_set_real(s->c, t, q * j->width + u, 0);
      if (signs == 2) continue;
      if (basis == BASIS) return false;
      memset(at(j, s->c, basis * j->width), 0, j->width * limn_real(t));
      limn_set_real(s->c, t, basis * j->width + u, 1);
      j->k->activate(LIMN_PHI_RELU, at(j, s->basis, basis * CELLS), NULL, s->values, CELLS);
      top[basis - 3] = most;
      basis++;
      (*kinks)++;
    }
  }
  evaluate(j, s, s->next, 0, basis);
  return true;
}

static void map_rows(void *ctx, size_t task, int worker) {
  const patch_job *j = ctx;
  const limn_mlp *net = j->net;
  const limn_mlp_grid *g = j->grid;
  size_t bytes, member = task / j->rows, row = task % j->rows;
  patch_space s = carve(j, j->memory + (size_t)worker * j->bytes, &bytes);
  double *f = j->f + member * g->nx * g->ny, kinks = 0;
  size_t y1 = (row + 1) * SIDE < g->ny ? (row + 1) * SIDE : g->ny;
  double scale = net->twins == 2 ? 0.70710678118654752440 : 1;
  size_t parts = net->twins == 2 || net->spec.start == LIMN_START_NONE ? 2 : 1;
  for (size_t column = 0; column < j->across; column++) {
    size_t x1 = (column + 1) * SIDE < g->nx ? (column + 1) * SIDE : g->nx;
    for (size_t q = 0; q < CELLS; q++) {
      size_t ix = column * SIDE + q % SIDE, iy = row * SIDE + q / SIDE;
      s.x[2 * q] = g->x0 + (double)ix * g->dx, s.x[2 * q + 1] = g->y0 + (double)iy * g->dy;
      limn_set_real(s.basis, j->type, q, 1);
      limn_set_real(s.basis, j->type, CELLS + q, s.x[2 * q]);
      limn_set_real(s.basis, j->type, 2 * CELLS + q, s.x[2 * q + 1]);
    }
    double half[2] = {fabs(g->dx) * (SIDE - 1) / 2, fabs(g->dy) * (SIDE - 1) / 2};
    double centre[2] = {s.x[0] + g->dx * (SIDE - 1) / 2, s.x[1] + g->dy * (SIDE - 1) / 2};
    for (size_t part = 0; part < parts; part++) {
      const void *from = part && net->twins == 1 ? net->start : net->now;
      size_t block = member * net->twins + (net->twins == 2 ? part : 0);
      double sign = parts == 1 ? 1 : part ? -scale : scale;
      bool done = !j->dense &&
                  affine(j, &s, limn_at(from, j->type, block * net->block), centre, half, &kinks);
      if (!done) limn_mlp_outputs(net, from, block, s.out, s.x, CELLS, s.scratch);
      for (size_t y = row * SIDE; y < y1; y++)
        for (size_t x = column * SIDE; x < x1; x++) {
          size_t q = (y - row * SIDE) * SIDE + x - column * SIDE;
          double value = done ? limn_get_real(s.values, j->type, q) : s.out[q];
          double *to = &f[y * g->nx + x];
          *to = part ? *to + sign * value : sign * value;
        }
    }
  }
  if (j->kinks) j->kinks[task] = kinks;
}

/* Rounding of the coordinates must not put a unit's sign in doubt: bounds are for the points of the
 * patch as the nets' type holds them, and a zero crossing at the last digit changes nothing, since
 * both pieces agree there. */
limn_status limn_mlp_map(const limn_mlp *net, double *f, double *kinks, const limn_mlp_grid *grid,
                         bool dense, const limn_token *token, limn_err *err) {
  const char *who = "mlp.map";
  const limn_mlp_spec *s = &net->spec;
  if (s->sizes[0] != 2 || s->sizes[s->layers] != 1)
    return limn_fail(err, LIMN_EINVAL,
                     "%s: the net must have 2 inputs and 1 output, got %zu and %zu", who,
                     s->sizes[0], s->sizes[s->layers]);
  if (grid->nx < 1 || grid->ny < 1 || !isfinite(grid->x0 + grid->dx * (double)grid->nx) ||
      !isfinite(grid->y0 + grid->dy * (double)grid->ny))
    return limn_fail(err, LIMN_EINVAL, "%s: the grid is empty or not finite", who);
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
  if (!j.memory || (kinks && !j.kinks)) st = limn_nomem(err, who, "patches", workers, j.bytes);
  if (!st) st = limn_parallel(tasks, map_rows, &j, token, who, err);
  for (size_t r = 0; r < s->count && kinks && !st; r++) {
    double sum = 0;
    for (size_t q = 0; q < j.rows; q++) sum += j.kinks[r * j.rows + q];
    kinks[r] = s->layers > 1 ? sum / (double)(j.rows * j.across * (s->layers - 1)) : 0;
  }
  limn_free(j.memory), limn_free(j.kinks);
  return st;
}
