/* sample.c: draws of (P, R), and of the prediction at a new point, in O(1) for any D and N.
 *
 * L is rotated onto the first axis. Row 1 of F is then x_j = sqrt(D) rho_j + tau_j g_j with tau^2 =
 * 1 - rho^2; the other D-1 rows are noise of variance tau_j^2. The minimum-norm weights are w =
 * sqrt(D) (I-T) x / Q with T the projection onto those rows and Q = x'(I-T)x, so class k
 * contributes the fraction A_k/Q of sqrt(D), A_k = x_k'((I-T)x)_k. Perfect features have no noise:
 * A = n_k D. For one random class A = X ~ chi-square(n-D+1) exactly, because T is then a uniform
 * projection. */
#include <math.h>
#include "limn/stats.h"
#include "num/theory/sample.h"

enum { CHUNK = 1024 };

typedef struct {
  const limn_theory_spec *spec;
  limn_theory_draws out;
  const limn_token *token;
  uint64_t reps;
  double perfect, random;         /* numbers of features with |rho| = 1 and with |rho| < 1 */
  double nu[LIMN_THEORY_CLASSES]; /* degrees of freedom left for row 1 */
  double tau2[LIMN_THEORY_CLASSES];
  double spread[LIMN_THEORY_CLASSES]; /* noise of class k = (D/Q^2) spread_k A_k */
  bool toy;                           /* all rho are 0 or +-1 */
  limn_status *status;                /* one per task; the first error is reported */
  limn_err *errs;
} engine;

/* One draw. alpha: mean of the output at a new point per unit label. */
typedef struct {
  double P, R, s, log_ratio, fluctuation, noise, offset, alpha, constant;
  double fraction[LIMN_THEORY_CLASSES];
} draw;

/* log X for the random features of kind SIGN: the relative variance of X is (2 - 2/D)/n instead of
 * 2/n, and E s = (D/n)(1 + (D-1)/n + ..), as results from this. */
static double sign_log_chi2(limn_rng *rng, double nu, double n, double D, double *fluctuation) {
  double spread = 1 - 1 / D;
  *fluctuation = spread > 0 ? limn_theory_log_chi2(rng, nu / spread) : 0;
  return log(nu) + *fluctuation - log1p(-2 * spread / fmax(n, 3));
}

static void all_perfect(const engine *g, draw *d) {
  const limn_theory_spec *sp = g->spec;
  d->P = sqrt(sp->points);
  d->s = d->log_ratio = INFINITY;
  d->alpha = 1;
  for (int k = 0; k < sp->classes; k++)
    if (fabs(sp->rho[k]) == 1 && sp->count[k] > 0) d->fraction[k] = sp->count[k] / g->perfect;
}

/* A constant feature of weight variance beta: L and the vector of ones span a plane, in which the
 * inverse of W is the inverse of a 2 x 2 Wishart matrix with n-D+2 degrees of freedom
 * (Bartlett). */
static void with_bias(const engine *g, draw *d, limn_rng *rng) {
  const limn_theory_spec *sp = g->spec;
  double D = sp->points, m = g->perfect, nu = g->random - D + 1, beta = sp->bias, b = sp->imbalance;
  double t11 = sqrt((nu + 1) * exp(limn_theory_log_chi2(rng, nu + 1)));
  d->fluctuation = limn_theory_log_chi2(rng, nu);
  double t22 = sqrt(nu * exp(d->fluctuation)), t21 = limn_rng_normal(rng), c = sqrt(1 - b * b);
  double o1 = c / t11, o2 = (b - c * t21 / t11) / t22; /* halves of T^-1 1 / sqrt(D) */
  double ll = D / (t22 * t22), l1 = D * o2 / t22, one = D * (o1 * o1 + o2 * o2);
  double drop = 1 + beta * one, s = ll - beta * l1 * (l1 / drop);
  double onea = l1 / drop / (1 + m * s), la = s / (1 + m * s);
  d->s = s;
  d->P = sqrt(D) * m * la;
  d->constant = beta * onea;
  double along = d->constant * b * sqrt(D);
  d->R = sqrt(D) - d->P - along;
  d->noise = fmax(0, la - beta * onea * onea - m * la * la);
  d->alpha = m * la;
  d->log_ratio = log(d->P / d->R);
  for (int k = 0; k < sp->classes; k++) {
    double part = fabs(sp->rho[k]) == 1 ? d->P / fmax(m, 1) : d->R / g->random;
    d->fraction[k] = sp->count[k] * part / sqrt(D);
  }
}

static limn_status with_ridge(const engine *g, draw *d, limn_rng *rng, double **scratch,
                              size_t *room, limn_err *err) {
  const limn_theory_spec *sp = g->spec;
  double D = sp->points, m = g->perfect, x, slope;
  limn_status status = limn_theory_ridge_draw(&x, &slope, D, g->random, sp->ridge, rng, scratch,
                                              room, g->token, err);
  if (status != LIMN_OK) return status;
  double G = 1 / (sp->ridge + x), s = D * G, grow = 1 + m * s;
  d->s = s;
  d->P = sqrt(D) * m * s / grow;
  d->R = sqrt(D) * G * x / grow;
  d->log_ratio = log(m) + log(D) - log(x);
  d->fluctuation = log(x) - log(fmax(g->random - D + 1, 1));
  d->noise = D * G * G * (x - sp->ridge * slope) / (grow * grow);
  d->alpha = m * s / grow;
  for (int k = 0; k < sp->classes; k++)
    d->fraction[k] =
        fabs(sp->rho[k]) == 1 ? sp->count[k] * s / grow : sp->count[k] / g->random * G * x / grow;
  return LIMN_OK;
}

static void interpolate(const engine *g, draw *d, limn_rng *rng) {
  const limn_theory_spec *sp = g->spec;
  double D = sp->points, others = 0;
  double a[LIMN_THEORY_CLASSES] = {0}, mean[LIMN_THEORY_CLASSES] = {0};
  for (int k = 0; k < sp->classes; k++) {
    double n = sp->count[k], nu = g->nu[k], rho = sp->rho[k], tau2 = g->tau2[k];
    if (n == 0) continue;
    if (tau2 == 0) {
      a[k] = mean[k] = n * D;
      continue;
    }
    if (rho == 0) {
      if (sp->kind == LIMN_THEORY_SIGN)
        a[k] = exp(sign_log_chi2(rng, nu, n, D, &d->fluctuation));
      else
        a[k] = nu * exp(d->fluctuation = limn_theory_log_chi2(rng, nu));
    } else { /* noncentral: the correlation is in the component along (1,..,1) */
      double along = rho * sqrt(nu * D) + sqrt(tau2) * limn_rng_normal(rng);
      a[k] = along * along;
      mean[k] = rho * sqrt(D * nu) * along;
      if (nu > 1) a[k] += tau2 * (nu - 1) * exp(limn_theory_log_chi2(rng, nu - 1));
    }
    others += a[k];
  }
  double m = g->perfect, q = m * D + others;
  d->P = sqrt(D) * (m * D / q);
  d->R = sqrt(D) * (others / q);
  d->s = g->toy ? D / others : NAN;
  d->log_ratio = log(m) + log(D) - log(others);
  for (int k = 0; k < sp->classes; k++) {
    d->fraction[k] = a[k] / q;
    d->alpha += mean[k] / q;
    d->noise += g->spread[k] * (D / q) * (a[k] / q);
  }
  if (sp->start > 0) d->offset = sp->start * (g->random - D + (m + m * d->s) / (1 + m * d->s));
}

static void put(double *p, uint64_t i, double x) {
  if (p) p[i] = x;
}

static void run(void *ctx, size_t task, int worker) {
  (void)worker;
  const engine *g = ctx;
  const limn_theory_spec *sp = g->spec;
  const limn_theory_draws *o = &g->out;
  double *scratch = NULL;
  size_t room = 0;
  uint64_t first = task * CHUNK, last = first + CHUNK < g->reps ? first + CHUNK : g->reps;
  for (uint64_t i = first; i < last && g->status[task] == LIMN_OK; i++) {
    limn_rng rng = limn_rng_start(limn_key_of(sp->seed, sp->point, i, LIMN_FOR_THEORY), 0);
    draw d = {0};
    if (sp->ridge > 0 && g->random > 0)
      g->status[task] = with_ridge(g, &d, &rng, &scratch, &room, &g->errs[task]);
    else if (g->random < sp->points)
      all_perfect(g, &d);
    else if (sp->bias > 0)
      with_bias(g, &d, &rng);
    else
      interpolate(g, &d, &rng);
    double width = sqrt(d.noise + d.offset), b = sp->imbalance;
    double good = d.alpha > 0 ? 1 : 0.5;
    if (width > 0) {
      good = limn_stats_phi((d.alpha + d.constant) / width);
      if (d.constant != 0)
        good =
            0.5 * (1 + b) * good + 0.5 * (1 - b) * limn_stats_phi((d.alpha - d.constant) / width);
    }
    put(o->P, i, d.P), put(o->R, i, d.R), put(o->s, i, d.s), put(o->noise, i, d.noise);
    put(o->ratio, i, exp(d.log_ratio)), put(o->log2ratio, i, d.log_ratio * 1.44269504088896340736);
    put(o->fluctuation, i, d.fluctuation);
    put(o->offset, i, d.offset), put(o->accuracy, i, good);
    if (o->fraction)
      for (int k = 0; k < sp->classes; k++)
        o->fraction[i * (uint64_t)sp->classes + (uint64_t)k] = d.fraction[k];
  }
  limn_free(scratch);
}

/* The noise at a new point is (D/Q^2) sum_k tau_k^2 B_k with B_k = |((I-T)x)_k|^2. The B sum to the
 * same Q as the A, but each is another fraction of it: with kappa from sum_k n_k t_k = D-1, t_k =
 * tau_k^2/(tau_k^2 + kappa), the deterministic equivalent of (I-T) M (I-T) gives
 *   sum_k tau_k^2 B_k = (D-1)/(D-1 - sum_k n_k t_k^2) sum_k tau_k^2 (1-t_k) A_k.
 * With one variance, B = A without approximation. */
static void noise_per_class(engine *g, const double *taken) {
  const limn_theory_spec *sp = g->spec;
  double free = 0, used = 0, first = 0;
  bool several = false;
  for (int k = 0; k < sp->classes; k++) {
    g->spread[k] = g->tau2[k];
    if (!(g->tau2[k] > 0) || !(sp->count[k] > 0)) continue;
    several = several || (first > 0 && g->tau2[k] != first);
    first = g->tau2[k];
    used += sp->count[k] * taken[k];
    free += sp->count[k] * taken[k] * (1 - taken[k]);
  }
  if (!several || !(used > 0) || !(free > 0)) return;
  for (int k = 0; k < sp->classes; k++) g->spread[k] *= (1 - taken[k]) * (used / free);
}

static limn_status check(engine *g, limn_err *err) {
  const limn_theory_spec *sp = g->spec;
  if (!(sp->points >= 1) || isinf(sp->points) || floor(sp->points) != sp->points)
    return limn_fail_argument(err, LIMN_EINVAL, "points",
                              "must be a whole number of at least 1, got %g", sp->points);
  if (sp->classes < 1 || sp->classes > LIMN_THEORY_CLASSES)
    return limn_fail_argument(err, LIMN_EINVAL, "classes", "must be 1 .. %d in number, got %d",
                              LIMN_THEORY_CLASSES, sp->classes);
  g->toy = true;
  for (int k = 0; k < sp->classes; k++) {
    double n = sp->count[k], rho = sp->rho[k];
    if (!(n >= 0) || isinf(n) || floor(n) != n)
      return limn_fail_entry(err, LIMN_EINVAL, "count", k, -1, "must be a whole number, got %g", n);
    if (!(fabs(rho) <= 1))
      return limn_fail_entry(err, LIMN_EINVAL, "rho", k, -1, "must lie in [-1, 1], got %g", rho);
    g->tau2[k] = (1 - rho) * (1 + rho);
    if (fabs(rho) == 1)
      g->perfect += n;
    else
      g->random += n;
    if (rho != 0 && fabs(rho) != 1 && n > 0) g->toy = false;
  }
  const char *const names[] = {"bias", "ridge", "start"};
  const double extra[] = {sp->bias, sp->ridge, sp->start};
  for (int k = 0; k < 3; k++)
    if (!(extra[k] >= 0) || isinf(extra[k]))
      return limn_fail_argument(err, LIMN_EINVAL, names[k], "must be finite and >= 0, got %g",
                                extra[k]);
  if (!(fabs(sp->imbalance) < 1))
    return limn_fail_argument(err, LIMN_EINVAL, "imbalance", "must lie inside (-1,1), got %g",
                              sp->imbalance);
  int extras = (sp->bias > 0) + (sp->ridge > 0) + (sp->start > 0);
  if (extras > 1 ||
      (extras == 1 && (!g->toy || (sp->kind == LIMN_THEORY_SIGN && !(sp->start > 0)))))
    return limn_fail(err, LIMN_EINVAL,
                     "bias, ridge and start cannot be combined, and require Gaussian perfect and "
                     "random features (start: sign too)");
  if (sp->bias > 0 && sp->points < 2)
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must be at least 2 with a bias, got %g",
                              sp->points);
  if (g->perfect + g->random == 0 ||
      (g->perfect == 0 && g->random < sp->points && !(sp->ridge > 0)))
    return limn_fail(err, LIMN_EINVAL,
                     "%g features, none of them perfect, cannot interpolate %g points", g->random,
                     sp->points);
  double taken[LIMN_THEORY_CLASSES];
  limn_theory_taken(taken, sp->count, g->tau2, sp->classes, fmin(sp->points - 1, g->random));
  for (int k = 0; k < sp->classes; k++) g->nu[k] = sp->count[k] * (1 - taken[k]);
  noise_per_class(g, taken);
  if (g->toy) { /* exact for whole numbers */
    for (int k = 0; k < sp->classes; k++)
      if (g->tau2[k] > 0 && sp->count[k] == g->random) g->nu[k] = g->random - sp->points + 1;
  }
  return LIMN_OK;
}

limn_status limn_theory_sample(limn_theory_draws out, const limn_theory_spec *spec, uint64_t reps,
                               const limn_token *token, limn_err *err) {
  engine g = {.spec = spec, .out = out, .reps = reps, .token = token};
  limn_status status = check(&g, err);
  if (status != LIMN_OK) return status;
  size_t tasks = (size_t)((reps + CHUNK - 1) / CHUNK);
  if (tasks == 0) return LIMN_OK;
  g.status = limn_alloc(tasks, sizeof *g.status);
  g.errs = limn_alloc(tasks, sizeof *g.errs);
  if (!g.status || !g.errs) {
    limn_free(g.status), limn_free(g.errs);
    return limn_nomem(err, "tasks", tasks, sizeof *g.errs);
  }
  status = limn_parallel(tasks, run, &g, token, err);
  for (size_t i = 0; status == LIMN_OK && i < tasks; i++)
    if (g.status[i] != LIMN_OK) {
      status = g.status[i];
      if (err) *err = g.errs[i];
    }
  limn_free(g.status), limn_free(g.errs);
  return status;
}
