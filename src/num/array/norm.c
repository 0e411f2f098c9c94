/* norm.c: norms, and moments of entries whose sums or squares leave the range of doubles; contracts
 * in limn/array_ops.h and reduce.h. */
#include <math.h>

#include "num/array/reduce.h"

double limn_array_norm(const limn_array *a, double p) {
  size_t n = limn_array_size(a);
  double buffer[LIMN_BLOCK], most = 0;
  limn_cursor c = {a, 0};
  for (size_t done = 0; done < n; done += LIMN_BLOCK) {
    size_t w = n - done < LIMN_BLOCK ? n - done : LIMN_BLOCK;
    limn_cursor_read(&c, buffer, w);
    for (size_t i = 0; i < w; i++)
      if (!(fabs(buffer[i]) <= most)) {
        most = fabs(buffer[i]);
        if (most != most) return NAN;
      }
  }
  if (most == 0 || isinf(most) || isinf(p)) return most;
  int e = 0;
  if (p == 2) frexp(most, &e); /* scaling by a power of two is exact */
  if (e < -1000) e = -1000;    /* 2^-e must not overflow; subnormal numbers become normal */
  const double scale = ldexp(1, -e);
  limn_pairwise l = {{0}, 0};
  c = (limn_cursor){a, 0};
  for (size_t done = 0; done < n; done += LIMN_BLOCK) {
    size_t w = n - done < LIMN_BLOCK ? n - done : LIMN_BLOCK;
    limn_cursor_read(&c, buffer, w);
    for (size_t i = 0; i < w; i++) {
      double x = fabs(buffer[i]);
      if (p == 1)
        buffer[i] = x;
      else if (p == 2)
        buffer[i] = (x * scale) * (x * scale);
      else
        buffer[i] = pow(x / most, p); /* the largest entry gives 1 for any p, so the sum is not 0 */
    }
    limn_pairwise_add(&l, limn_block_sum(buffer, w));
  }
  double sum = limn_pairwise_total(&l);
  return p == 1 ? sum : p == 2 ? ldexp(sqrt(sum), e) : most * pow(sum, 1 / p);
}

/* Sums f(x) over the entries, f(x) = x 2^-e, or (x 2^-e - mean)^2 4^-f; *most: the largest |x 2^-e
 * - mean|. */
static double scaled_sum(const limn_array *a, int e, double mean, bool squares, int f,
                         double *most) {
  double buffer[LIMN_BLOCK];
  limn_pairwise l = {{0}, 0};
  limn_cursor c = {a, 0};
  size_t n = limn_array_size(a);
  *most = 0;
  for (size_t done = 0; done < n; done += LIMN_BLOCK) {
    size_t w = n - done < LIMN_BLOCK ? n - done : LIMN_BLOCK;
    limn_cursor_read(&c, buffer, w);
    for (size_t i = 0; i < w; i++) {
      double d = ldexp(buffer[i], -e) - mean;
      if (!(fabs(d) <= *most)) *most = fabs(d);
      buffer[i] = squares ? ldexp(d, -f) * ldexp(d, -f) : d;
    }
    limn_pairwise_add(&l, limn_block_sum(buffer, w));
  }
  return limn_pairwise_total(&l);
}

double limn_scaled_moment(const limn_array *a, bool deviation, double ddof) {
  double most = limn_array_norm(a, INFINITY), n = (double)limn_array_size(a);
  int e = 0, f = 0;
  if (!isfinite(most)) { /* NaN, or a mean that is an infinity */
    double sum = scaled_sum(a, 0, 0, false, 0, &most);
    return deviation ? NAN : sum / n;
  }
  frexp(most, &e);
  double mean = scaled_sum(a, e, 0, false, 0, &most) / n;
  if (!deviation) return ldexp(mean, e);
  scaled_sum(a, e, mean, false, 0, &most);
  if (most == 0) return 0;
  frexp(most, &f);
  double squares = scaled_sum(a, e, mean, true, f, &most);
  return ldexp(sqrt(squares / (n - ddof)), e + f);
}
