/* nets.c: the outputs of random nets on shared inputs: z_l = b_l + W_l phi(z_(l-1)), with W_l ~
 * N(0, weight/fan_in) and b_l ~ N(0, bias). Group g of a stream uses its normals g*n .. (g+1)*n -
 * 1, n the number of normals of a group. */
#include "num/functions/nets.h"

#include <math.h>
#include <string.h>
#include "num/simd/bits/bits.h"
#include "num/simd/patterns/patterns.h"

enum { PART = 2 * LIMN_PATTERN_LANES };

static size_t rounded(size_t n, size_t to) {
  return (n + to - 1) / to * to;
}

static limn_status valid(const limn_functions_net *s, size_t points, limn_err *err) {
  if (points < 1 || points > LIMN_FUNCTIONS_POINTS)
    return limn_fail_argument(err, LIMN_EINVAL, "X", "must have 1 to %zu rows, got %zu",
                              LIMN_FUNCTIONS_POINTS, points);
  if (s->layers < 1 || s->layers > LIMN_FUNCTIONS_LAYERS)
    return limn_fail_argument(err, LIMN_EINVAL, "sizes", "must have 2 to %d entries, got %zu",
                              LIMN_FUNCTIONS_LAYERS + 1, s->layers + 1);
  for (size_t l = 0; l <= s->layers; l++)
    if (s->sizes[l] < 1 || s->sizes[l] > LIMN_FUNCTIONS_WIDTH)
      return limn_fail_entry(err, LIMN_EINVAL, "sizes", l, -1, "must be 1 .. %zu, got %zu",
                             LIMN_FUNCTIONS_WIDTH, s->sizes[l]);
  if (s->sizes[s->layers] != 1)
    return limn_fail_argument(err, LIMN_EINVAL, "sizes", "must end in 1 output, got %zu",
                              s->sizes[s->layers]);
  if (s->phi > LIMN_PHI_STEP)
    return limn_fail_argument(err, LIMN_EINVAL, "activation", "must be that of a kernel");
  if (!(s->weight > 0) || !isfinite(s->weight))
    return limn_fail_argument(err, LIMN_EINVAL, "weight", "must be > 0, got %g", s->weight);
  if (!(s->bias >= 0) || !isfinite(s->bias))
    return limn_fail_argument(err, LIMN_EINVAL, "bias", "must be >= 0, got %g", s->bias);
  if (s->readouts < 1 || s->readouts > 1024)
    return limn_fail_argument(err, LIMN_EINVAL, "readouts", "must be 1 .. 1024, got %zu",
                              s->readouts);
  return LIMN_OK;
}

static void lay_out(limn_function_plan *plan, const limn_functions_net *s) {
  size_t at = 0;
  plan->widest = 1;
  for (size_t l = 0; l < s->layers; l++) {
    size_t ins = s->sizes[l], outs = l + 1 == s->layers ? s->readouts : s->sizes[l + 1];
    plan->outs[l] = outs;
    plan->weights_at[l] = at;
    at += rounded(ins * outs, PART);
    plan->biases_at[l] = at;
    if (s->bias > 0) at += rounded(outs, PART);
    if (outs > plan->widest) plan->widest = outs;
  }
  plan->normals = at;
}

limn_status limn_function_plan_make(limn_function_plan *plan, const double *x, size_t points,
                                    const limn_functions_net *s, limn_err *err) {
  limn_status status = valid(s, points, err);
  if (status) return status;
  size_t dim = s->sizes[0], stride = rounded(points, LIMN_PATTERN_LANES);
  *plan = (limn_function_plan){.spec = s, .points = points, .stride = stride};
  plan->words = limn_functions_words(points);
  plan->key = limn_key_of(s->seed, s->point, s->rep, LIMN_FOR_FUNCTIONS);
  lay_out(plan, s);
  float *copy = limn_alloc(dim * stride, sizeof *copy);
  if (!copy) return limn_nomem(err, "inputs", dim * stride, sizeof *copy);
  for (size_t p = 0; p < points; p++)
    for (size_t i = 0; i < dim; i++) {
      double v = x[p * dim + i];
      if (!isfinite(v) || fabs(v) > 1e18) {
        limn_free(copy);
        return limn_not_finite(err, "X", p, i, v);
      }
      copy[i * stride + p] = (float)v;
    }
  plan->x = copy;
  return LIMN_OK;
}

void limn_function_plan_free(limn_function_plan *plan) {
  limn_free((void *)(uintptr_t)plan->x);
}

void limn_function_normals(float *out, uint64_t *words, const limn_function_plan *plan,
                           uint64_t first, size_t n) {
  limn_bits()->signs(words, &plan->key, 0, first / 4, n / 4);
  limn_patterns()->normals(out, (const uint32_t *)(const void *)words, n, 1);
}

/* phi of n numbers, except relu. */
static void activate(float *z, size_t n, limn_phi phi) {
  for (size_t k = 0; k < n; k++) switch (phi) {
    case LIMN_PHI_TANH:
      z[k] = tanhf(z[k]);
      break;
    case LIMN_PHI_ERF:
      z[k] = erff(z[k]);
      break;
    case LIMN_PHI_GELU:
      z[k] = 0.5f * z[k] * erfcf(-0.70710678f * z[k]);
      break;
    case LIMN_PHI_SIN:
      z[k] = sinf(z[k]);
      break;
    case LIMN_PHI_STEP:
      z[k] = z[k] > 0 ? 1 : 0;
      break;
    default:
      break;
    }
}

/* Values of a hidden layer are kept divided by `scale`. relu and linear layers pass it on, since
 * phi(scale z) = scale phi(z); it is multiplied out for other activations, and before it leaves the
 * range where single precision is safe. */
void limn_function_outputs(uint64_t *patterns, const float *normals, float *room,
                           const limn_function_plan *plan) {
  const limn_pattern_kernels *k = limn_patterns();
  const limn_functions_net *s = plan->spec;
  float *other = room + plan->widest * plan->stride, *shift = other + plan->widest * plan->stride;
  const float *h = plan->x;
  bool relu = s->phi == LIMN_PHI_RELU, passes = relu || s->phi == LIMN_PHI_LINEAR;
  double scale = 1, root = sqrt(s->bias);
  for (size_t l = 0; l < s->layers; l++) {
    size_t ins = s->sizes[l], outs = plan->outs[l];
    bool hidden = l + 1 < s->layers;
    float *z = l % 2 == 0 ? room : other;
    scale *= sqrt(s->weight / (double)ins);
    float ratio = (float)(root / scale);
    for (size_t o = 0; s->bias > 0 && o < outs; o++)
      shift[o] = ratio * normals[plan->biases_at[l] + o];
    k->layer(z, h, normals + plan->weights_at[l], s->bias > 0 ? shift : NULL, outs, ins,
             plan->stride, hidden && relu);
    if (hidden && (!passes || scale < 1e-10 || scale > 1e10)) {
      for (size_t j = 0; j < outs * plan->stride; j++) z[j] *= (float)scale;
      scale = 1;
      if (!passes) activate(z, outs * plan->stride, s->phi);
    }
    h = z;
  }
  for (size_t r = 0; r < s->readouts; r++)
    k->signs(patterns + r * plan->words, h + r * plan->stride, plan->points);
}
