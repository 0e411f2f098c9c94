/* kernel_dual.c: moments of one layer: closed forms (ReLU, step, erf, sin, linear) and Mehler's
 * series (tanh, GELU). Formulas: Cho & Saul 2009 (arc-cosine), Williams 1997 (erf), E sin u sin v =
 * (exp(k - m) - exp(-k - m))/2 with m = (q1+q2)/2, and Mehler 1866. */
#include "kernel_dual.h"
#include "kernels/arccos.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* The x86-64 variant of a function that the instruction set in use calls for. */
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
  return phi == LIMN_PHI_TANH || phi == LIMN_PHI_GELU;
}

double limn_dual_diagonal(limn_phi phi, double q) {
  switch (phi) {
  case LIMN_PHI_RELU:
    return 0.5 * q;
  case LIMN_PHI_STEP:
    return 0.5;
  case LIMN_PHI_ERF:
    return 2 / PI * atan2(2 * q, sqrt(1 + 4 * q));
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
    /* rho = 1 with equal norms is the same pre-activation twice: exactly no gap */
    b->gap[j] = b->u[j] == 0 && b->e1 == b->e2[j] ? 0 : fmin(fmax(gap, 0), 2);
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
  for (size_t j = 0; j < b->n; j++) b->e[j] = 0.5 * b->d[j]; /* the gap is t/pi itself */
}

static void erf_layer(const limn_dual_block *b) {
  for (size_t j = 0; j < b->n; j++) {
    double u = b->u[j], product = b->q1 * b->q2[j];
    double k = sqrt(b->q1) * sqrt(b->q2[j]) * (1 - u);
    /* (1+2q1)(1+2q2) - 4k^2, with q1 q2 - k^2 = q1 q2 u v and no difference of large numbers */
    double root = sqrt(1 + 2 * (b->q1 + b->q2[j]) + 4 * product * (u * b->v[j]));
    b->e[j] = 2 / PI * atan2(2 * k, root);
    b->d[j] = 4 / PI / root;
  }
  gap_from_moment(b);
}

static void sin_layer(const limn_dual_block *b) {
  for (size_t j = 0; j < b->n; j++) {
    double s1 = sqrt(b->q1), s2 = sqrt(b->q2[j]), u = b->u[j];
    double less = -0.5 * (s1 - s2) * (s1 - s2) - s1 * s2 * u;       /* k - (q1+q2)/2 */
    double more = -0.5 * (s1 - s2) * (s1 - s2) - s1 * s2 * b->v[j]; /* -k - (q1+q2)/2 */
    double same = exp(less), opposite = exp(more);
    b->e[j] = 0.5 * (same - opposite);
    b->d[j] = 0.5 * (same + opposite);
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

/* sum a1_n a2_n rho^n and its derivative by Horner's rule. */
static void series(const limn_dual_block *b) {
  double s1 = sqrt(b->q1);
  for (size_t j = 0; j < b->n; j++) {
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
  case LIMN_PHI_SIN:
    sin_layer(b);
    break;
  case LIMN_PHI_LINEAR:
    linear(b);
    break;
  default:
    series(b);
    break;
  }
}

static double activate(limn_phi phi, double x) {
  return phi == LIMN_PHI_TANH ? tanh(x) : 0.5 * x * erfc(-x * 0.70710678118654752440);
}

/* a_n = E[phi(s x) h_n(x)], h_n the orthonormal Hermite polynomials, by the trapezoidal rule: the
 * integrand is analytic and falls like exp(-x^2/4) at worst, so the rule converges geometrically.
 * The recurrence runs on g_n = h_n(x) exp(-x^2/4), which stays bounded. */
double limn_series_row(limn_series *s, size_t i, limn_phi phi, double q) {
  enum { NODES = 801 };
  const double reach = 13, h = 2 * reach / (NODES - 1), sigma = sqrt(q);
  double value[NODES], here[NODES], before[NODES], x[NODES], square = 0;
  for (int k = 0; k < NODES; k++) {
    x[k] = -reach + h * k;
    double f = activate(phi, sigma * x[k]), half = exp(-0.25 * x[k] * x[k]);
    value[k] = f * half * h / sqrt(2 * PI);
    here[k] = half;
    before[k] = 0;
    square += f * f * half * half * h / sqrt(2 * PI);
  }
  double *a = s->a + i * s->stride, left = square;
  size_t n = 0;
  for (; n < LIMN_SERIES_TERMS; n++) {
    double sum = 0;
    for (int k = 0; k < NODES; k++) sum += value[k] * here[k];
    a[n] = sum;
    left -= sum * sum;
    double up = 1 / sqrt((double)n + 1), down = sqrt((double)n);
    for (int k = 0; k < NODES; k++) {
      double next = (x[k] * here[k] - down * before[k]) * up;
      before[k] = here[k];
      here[k] = next;
    }
    if (n > 4 && fabs(left) < 1e-15 * square) {
      n++;
      break;
    }
  }
  if (n > s->terms) s->terms = n;
  double error = square > 0 ? fmax(left, 0) / square : 0;
  if (error > s->error) s->error = error;
  return square;
}
