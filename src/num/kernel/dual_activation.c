/* dual_activation.c: moments of one layer: closed forms (ReLU, step, erf, GELU, sin, linear); for
 * tanh Mehler's series, or a mixture of the closed forms of erf where the series is too long.
 * Formulas: Cho & Saul 2009 (arc-cosine), Williams 1997 (erf), E sin u sin v = exp(-(q1+q2)/2) sinh
 * k, Mehler 1866; GELU by partial integration from E Phi(u) Phi(v) and E Phi'(u) Phi'(v). */
#include "num/kernel/dual_activation.h"
#include "num/simd/arccos/arccos.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* The x86-64 variant of a function for the instruction set in use. */
#if defined(__x86_64__)
#define CHOOSE(f)                                                                                  \
  (limn_isa_get() == LIMN_ISA_AVX512 ? f##_avx512                                                  \
   : limn_isa_get() == LIMN_ISA_AVX2 ? f##_avx2                                                    \
                                     : f##_ref)
#else
#define CHOOSE(f) f##_ref
#endif

limn_arccos_fn *limn_arccos(void) {
  return CHOOSE(limn_arccos);
}
limn_versines_fn *limn_versines(void) {
  return CHOOSE(limn_versines);
}
limn_relu_fn *limn_relu(void) {
  return CHOOSE(limn_relu);
}

bool limn_dual_is_series(limn_phi phi) {
  return phi == LIMN_PHI_TANH;
}

static double gelu_moment(double q1, double q2, double u, double v, double *slope);

double limn_dual_diagonal(limn_phi phi, double q) {
  switch (phi) {
  case LIMN_PHI_RELU:
    return 0.5 * q;
  case LIMN_PHI_STEP:
    return q > 0 ? 0.5 : 0; /* the step of 0 is 0 */
  case LIMN_PHI_ERF:
    return 2 / PI * atan2(2 * q, sqrt(1 + 4 * q));
  case LIMN_PHI_GELU:
    return gelu_moment(q, q, 0, 2, NULL);
  case LIMN_PHI_SIN:
    return -0.5 * expm1(-2 * q);
  default:
    return q; /* linear */
  }
}

static void gap_from_moment(const limn_dual_block *b) {
  for (size_t j = 0; j < b->n; j++) {
    double scale = sqrt(b->e1) * sqrt(b->e2[j]);
    double gap = scale > 0 ? 1 - b->e[j] / scale : 0;
    /* rho = 1 with equal norms is the same pre-activation twice, and the gap is exactly 0. Equal
     * moments are not sufficient: sines of large inputs all have moment 1/2. */
    b->gap[j] = b->u[j] == 0 && b->q1 == b->q2[j] ? 0 : fmin(fmax(gap, 0), 2);
  }
}

static void relu(const limn_dual_block *b) {
  limn_arccos()(b->n, b->u, b->v, b->e, b->gap, b->d, b->spare);
  double s1 = 0.5 * sqrt(b->q1);
  for (size_t j = 0; j < b->n; j++) {
    b->e[j] *= s1 * sqrt(b->q2[j]);
    b->d[j] *= 0.5;
  }
}

static void step(const limn_dual_block *b) {
  limn_arccos()(b->n, b->u, b->v, b->e, b->spare, b->d, b->gap);
  for (size_t j = 0; j < b->n; j++) /* the gap is t/pi */
    b->e[j] = b->q1 > 0 && b->q2[j] > 0 ? 0.5 * b->d[j] : 0;
}

/* sqrt(base + s^2), also where s^2 overflows. */
static double root_of_sum(double base, double s) {
  return s < 1e150 ? sqrt(base + s * s) : hypot(sqrt(base), s);
}

static void erf_layer(const limn_dual_block *b) {
  for (size_t j = 0; j < b->n; j++) {
    double u = b->u[j], scale = sqrt(b->q1) * sqrt(b->q2[j]), k = scale * (1 - u);
    /* (1+2q1)(1+2q2) - 4k^2, with q1 q2 - k^2 = q1 q2 u v without a difference of large numbers */
    double root = root_of_sum(1 + 2 * (b->q1 + b->q2[j]), 2 * scale * sqrt(u * b->v[j]));
    b->e[j] = 2 / PI * atan2(2 * k, root);
    b->d[j] = 4 / PI / root;
  }
  gap_from_moment(b);
}

/* With A = E Phi(u) Phi(v), P = E Phi'(u) Phi'(v) and D = (1+q1)(1+q2) - k^2:
 *     E phi phi   = k A + P (q1 q2 - k^2 + k^2/(1+q1) + k^2/(1+q2)),
 *     E phi' phi' = A + k P (1/(1+q1) + 1/(1+q2) + 1/D),
 * where q1 q2 - k^2 = q1 q2 u v. */
static double gelu_moment(double q1, double q2, double u, double v, double *slope) {
  double scale = sqrt(q1) * sqrt(q2), k = scale * (1 - u), side = scale * sqrt(u * v);
  double root = root_of_sum(1 + q1 + q2, side), A = atan2(root, -k) / (2 * PI);
  double P = 1 / (2 * PI * root), inverse = 1 / (1 + q1) + 1 / (1 + q2);
  if (slope) *slope = A + k * P * (inverse + 1 / root / root);
  return k * A + (side / root * side + k * (k * inverse) / root) / (2 * PI);
}

/* 1 - 2 E phi phi/sqrt(q1 q2) at rho = 1: of order q^-3/2, with an error of one rounding of
 * q^-1/2. */
static double gelu_lack(double q1, double q2) {
  double scale = sqrt(q1) * sqrt(q2), root = sqrt(1 + q1 + q2);
  return (atan2(root, scale) - scale * (1 / (1 + q1) + 1 / (1 + q2)) / root) / PI;
}

/* 1 - E phi phi/sqrt(e1 e2) for rho >= 0 without a difference of large numbers; full precision is
 * needed because the kernel of the next layer has a kink at rho = 1, smoothed only over 1 - rho ~
 * 1/q. First the gap at rho = 1 due to different norms (lack12, lack1, lack2: gelu_lack of the
 * three pairs), then E phi phi at rho = 1 minus that at rho. With s = sqrt(q1 q2) and r0, r the
 * square roots of D at 1 and at rho: s (A0 - A) + s u A + (s^2 u v/r) (inverse s^2/(r0 (r0 + r)) +
 * inverse - 1)/(2 pi). */
static double gelu_gap(double q1, double q2, double u, double v, double lack1, double lack2) {
  double s = sqrt(q1) * sqrt(q2), k = s * (1 - u), side = s * sqrt(u * v), missing = 0;
  double r0 = sqrt(1 + q1 + q2), r = root_of_sum(1 + q1 + q2, side);
  double x = lack1 + lack2 - lack1 * lack2, left = sqrt(1 - x); /* 2 sqrt(e1 e2)/s */
  if (q1 != q2) missing = gelu_lack(q1, q2) - x / (1 + left);
  double turn = atan2(side / (r0 + r) * side / r + r0 * u / r, k / r + r0 / s);
  double inverse = 1 / (1 + q1) + 1 / (1 + q2);
  double rest = side / r * (side / s) * (inverse * (s / (r0 + r)) * (s / r0) + inverse - 1);
  double fall = (turn + rest) / PI + u * atan2(r, -k) / PI; /* times s/2 */
  return fmin(fmax((missing + fall) / left, 0), 2);
}

static void gelu_layer(const limn_dual_block *b) {
  for (size_t j = 0; j < b->n; j++)
    b->e[j] = gelu_moment(b->q1, b->q2[j], b->u[j], b->v[j], &b->d[j]);
  gap_from_moment(b);
  if (!(b->q1 > 0)) return;
  double lack1 = gelu_lack(b->q1, b->q1);
  for (size_t j = 0; j < b->n; j++)
    if (b->u[j] <= 1 && b->q2[j] > 0)
      b->gap[j] = gelu_gap(b->q1, b->q2[j], b->u[j], b->v[j], lack1, gelu_lack(b->q2[j], b->q2[j]));
}

static void sin_layer(const limn_dual_block *b) {
  for (size_t j = 0; j < b->n; j++) {
    double s1 = sqrt(b->q1), s2 = sqrt(b->q2[j]), u = b->u[j], v = b->v[j];
    double unequal = -0.5 * (s1 - s2) * (s1 - s2), k = s1 * s2 * (1 - u);
    double most = exp(unequal - s1 * s2 * fmin(u, v)); /* exp(|k| - (q1+q2)/2) */
    double less = expm1(-2 * fabs(k));
    b->e[j] = copysign(-0.5 * most * less, k);
    b->d[j] = 0.5 * most * (2 + less);
  }
  gap_from_moment(b);
}

static void linear(const limn_dual_block *b) {
  for (size_t j = 0; j < b->n; j++) {
    b->e[j] = sqrt(b->q1) * sqrt(b->q2[j]) * (1 - b->u[j]);
    b->gap[j] = b->u[j];
    b->d[j] = 1;
  }
}

/* ---- tanh ---- */

/* tanh x = E erf(x/(sqrt 2 K)) with Kolmogorov's distribution of K, because the logistic
 * distribution is a scale mixture of normals with scale 2K (Andrews & Mallows 1974). In t = log K
 * the density decays double-exponentially in both directions and is analytic for |Im t| < pi/4, so
 * the error of the trapezoidal rule with step 0.11 is below rounding. */
enum { MIXED = 31 };
typedef struct {
  double w[MIXED], b[MIXED]; /* tanh x = sum w erf(b x) */
} mixture;

static double kolmogorov_density(double k) {
  double sum = 0;
  if (k < 1) {
    for (int j = 1; j < 12; j += 2) {
      double c = j * PI * j * PI / (8 * k * k);
      sum += (2 * c - 1) * exp(-c);
    }
    return sqrt(2 * PI) / (k * k) * sum;
  }
  for (int j = 1; j < 8; j++) sum += (j % 2 ? 1 : -1) * j * j * exp(-2 * j * j * k * k);
  return 8 * k * sum;
}

static void mix(mixture *m) {
  const double h = 0.11;
  for (int i = 0; i < MIXED; i++) {
    double k = exp(-1.8 + h * i);
    m->w[i] = h * k * kolmogorov_density(k);
    m->b[i] = 0.70710678118654752440 / k;
  }
}

/* E phi(u) phi(v) and E phi' phi' as double sums over erf's. All terms of a sum have one sign, so
 * the result is accurate to a few roundings for all q and rho. */
static double mixed_moment(const mixture *m, double q1, double q2, double u, double v,
                           double *slope) {
  double scale = sqrt(q1) * sqrt(q2), k = scale * (1 - u), side = scale * sqrt(u * v);
  double e = 0, d = 0;
  for (int i = 0; i < MIXED; i++) {
    double p1 = m->b[i] * m->b[i] * q1;
    for (int j = 0; j < MIXED; j++) {
      double b = m->b[i] * m->b[j], w = m->w[i] * m->w[j];
      double root = root_of_sum(1 + 2 * (p1 + m->b[j] * m->b[j] * q2), 2 * b * side);
      e += w * atan2(2 * b * k, root);
      d += w * b / root;
    }
  }
  if (slope) *slope = 4 / PI * d;
  return 2 / PI * e;
}

/* sum a1_n a2_n rho^n and its derivative by Horner's rule; the mixture, where a variance is too
 * large for a short series. */
static void tanh_layer(const limn_dual_block *b) {
  double s1 = sqrt(b->q1);
  mixture m;
  bool mixed = false;
  for (size_t j = 0; j < b->n; j++) {
    if (b->q1 > LIMN_SERIES_VARIANCE || b->q2[j] > LIMN_SERIES_VARIANCE) {
      if (!mixed) mix(&m);
      mixed = true;
      b->e[j] = mixed_moment(&m, b->q1, b->q2[j], b->u[j], b->v[j], &b->d[j]);
      continue;
    }
    const double *a2 = b->a2 + j * b->stride;
    double rho = 1 - b->u[j], e = 0, d = 0;
    for (size_t k = b->terms; k-- > 0;) {
      d = d * rho + e;
      e = e * rho + b->a1[k] * a2[k];
    }
    double s2 = sqrt(b->q2[j]);
    b->e[j] = e;
    b->d[j] = s1 * s2 > 0 ? d / (s1 * s2) : 0;
  }
  gap_from_moment(b);
}

void limn_dual(limn_phi phi, const limn_dual_block *b) {
  switch (phi) {
  case LIMN_PHI_RELU:
    relu(b);
    break;
  case LIMN_PHI_STEP:
    step(b);
    break;
  case LIMN_PHI_ERF:
    erf_layer(b);
    break;
  case LIMN_PHI_GELU:
    gelu_layer(b);
    break;
  case LIMN_PHI_SIN:
    sin_layer(b);
    break;
  case LIMN_PHI_LINEAR:
    linear(b);
    break;
  default:
    tanh_layer(b);
    break;
  }
}

/* a_n = E[tanh(s x) h_n(x)], h_n the orthonormal Hermite polynomials, by the trapezoidal rule: the
 * integrand is analytic and decays at least like exp(-x^2/4), so the rule converges geometrically.
 * The recurrence is in g_n = h_n(x) exp(-x^2/4), which is bounded. The series is truncated where
 * its terms are negligible in the sum of n a_n^2, which is q E[phi'^2]. */
double limn_series_row(limn_series *s, size_t i, double q) {
  enum { NODES = 801 };
  const double reach = 13, h = 2 * reach / (NODES - 1), sigma = sqrt(q);
  if (q > LIMN_SERIES_VARIANCE) {
    mixture m;
    mix(&m);
    s->error = fmax(s->error, 1e-15);
    return mixed_moment(&m, q, q, 0, 2, NULL);
  }
  double value[NODES], here[NODES], before[NODES], x[NODES], square = 0, slope = 0;
  for (int k = 0; k < NODES; k++) {
    x[k] = -reach + h * k;
    double f = tanh(sigma * x[k]), half = exp(-0.25 * x[k] * x[k]);
    value[k] = f * half * h / sqrt(2 * PI);
    here[k] = half;
    before[k] = 0;
    square += f * value[k] * half;
    slope += (1 - f * f) * (1 - f * f) * half * half * h / sqrt(2 * PI);
  }
  double *a = s->a + i * s->stride, left = square, steep = q * slope;
  size_t n = 0;
  for (; n < LIMN_SERIES_TERMS; n++) {
    double sum = 0;
    for (int k = 0; k < NODES; k++) sum += value[k] * here[k];
    a[n] = sum;
    left -= sum * sum;
    steep -= (double)n * sum * sum;
    double up = 1 / sqrt((double)n + 1), down = sqrt((double)n);
    for (int k = 0; k < NODES; k++) {
      double next = (x[k] * here[k] - down * before[k]) * up;
      before[k] = here[k];
      here[k] = next;
    }
    if (n % 2 == 1 &&
        (double)(n * n) * sum * sum < 1e-17 * q * slope) { /* even coefficients are 0 */
      n++;
      break;
    }
  }
  if (n > s->terms) s->terms = n;
  double error = square > 0 ? fmax(fabs(left) / square, fabs(steep) / (q * slope)) : 0;
  if (error > s->error) s->error = error;
  return square;
}
