/* mlp_body.h: the training loops of mlp_simd.h for one instruction set and one number type.
 *
 * Included by mlp_ref.c, mlp_avx2.c and mlp_avx512.c with VECTOR_BYTES, OUT_TILE (4 with 32 vector
 * registers, else 2), REAL_BITS, TABLE and, if glibc has vector functions, MVEC(name). There is no
 * include guard: it is included once for float and once for double. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "num/simd/mlp/mlp_simd.h"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if REAL_BITS == 32
#define REAL float
#define INT int32_t
#define C(x) x##f
#else
#define REAL double
#define INT int64_t
#define C(x) x
#endif
#define PASTE_(a, b) a##_f##b
#define PASTE(a, b) PASTE_(a, b)
#define N(name) PASTE(name, REAL_BITS)
#define V N(vector)
#define VI N(mask)
#define LANES (VECTOR_BYTES / sizeof(REAL))
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")

typedef REAL V __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef INT VI __attribute__((vector_size(VECTOR_BYTES), may_alias));

INLINE V N(all)(double a) {
  REAL x = (REAL)a;
  V r;
  for (size_t k = 0; k < LANES; k++) r[k] = x;
  return r;
}

/* a in lanes where the mask is set, else 0. */
INLINE V N(keep)(V a, VI m) {
  return (V)((VI)a & m);
}

/* Whether a mask is set in all lanes. */
INLINE bool N(all_set)(VI m) {
#if defined(__AVX2__) && VECTOR_BYTES == 32 && REAL_BITS == 32
  return __builtin_ia32_movmskps256((V)m) == 255;
#elif defined(__AVX2__) && VECTOR_BYTES == 32
  return __builtin_ia32_movmskpd256((V)m) == 15;
#else
  INT all = -1;
  for (size_t k = 0; k < LANES; k++) all &= m[k];
  return all != 0;
#endif
}

/* a in lanes where h > 0, else 0. NaN in h counts as > 0, so that divergence is detected. With AVX2
 * the asm hides the mask from gcc, which would otherwise emit blends that compete with the FMAs. */
INLINE V N(gate)(V a, V h) {
  VI inactive = h <= N(all)(0);
#if defined(__AVX2__) && VECTOR_BYTES == 32
  __asm__("" : "+x"(inactive));
#endif
  return (V)(~inactive & (VI)a);
}

/* ReLU with the zero vector as an argument, for loops that keep it in a register. */
INLINE V N(relu_max)(V zero, V h) {
#if defined(__AVX2__) && VECTOR_BYTES == 32 && REAL_BITS == 32
  return __builtin_ia32_maxps256(zero, h); /* the second operand if either is NaN */
#elif defined(__AVX2__) && VECTOR_BYTES == 32
  return __builtin_ia32_maxpd256(zero, h);
#elif defined(__AVX512F__) && REAL_BITS == 32
  return (V)_mm512_max_ps((__m512)zero, (__m512)h);
#elif defined(__AVX512F__)
  return (V)_mm512_max_pd((__m512d)zero, (__m512d)h);
#else
  (void)zero;
  return N(gate)(h, h);
#endif
}

INLINE V N(relu)(V h) {
  return N(relu_max)(N(all)(0), h);
}

/* Keeps x in a register: gcc would otherwise reload it for every use, and the loops are limited by
 * Zen's two load ports of 16 bytes per cycle. Not needed with 32 registers. */
#if defined(__AVX2__) && VECTOR_BYTES == 32
#define PIN(x) __asm__("" : "+x"(x))
#else
#define PIN(x) (void)0
#endif

/* a in lanes where r, the output of a ReLU, is not 0. */
INLINE V N(where_active)(V a, V r) {
#if defined(__AVX2__) && VECTOR_BYTES == 32
  return (V)((VI)a & ((VI)r > 0)); /* integer compare: its ports are not those of the FMAs */
#else
  return N(gate)(a, r);
#endif
}

/* Lane k of the result is lane from[k] of a. clang has no shuffle by a vector; `from` is a constant
 * everywhere here, so clang compiles the loop to a shuffle instruction. */
INLINE V N(shuffle)(V a, VI from) {
#if defined(__clang__)
  V r = a;
  UNROLL for (size_t k = 0; k < LANES; k++) r[k] = a[from[k]];
  return r;
#else
  return __builtin_shuffle(a, from);
#endif
}

/* The sum over a vector, as a fixed tree; the result is in every lane. */
INLINE V N(total)(V a) {
  UNROLL for (size_t half = LANES / 2; half; half /= 2) {
    VI from;
    UNROLL for (size_t k = 0; k < LANES; k++) from[k] = (INT)(k ^ half);
    a += N(shuffle)(a, from);
  }
  return a;
}

/* ---- activations ---- */

#if defined(MVEC) && defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 35)
#define MATH(name)                                                                                 \
  V MVEC(name)(V);                                                                                 \
  INLINE V N(v##name)(V a) {                                                                       \
    return MVEC(name)(a);                                                                          \
  }
#else
#define MATH(name)                                                                                 \
  INLINE V N(v##name)(V a) {                                                                       \
    for (size_t k = 0; k < LANES; k++) a[k] = C(name)(a[k]);                                       \
    return a;                                                                                      \
  }
#endif
MATH(tanh)
MATH(erf)
MATH(exp)
MATH(sin)
MATH(cos)
MATH(log1p)
#undef MATH

/* One loop per activation: VALUE and SLOPE are expressions in the vector a. */
#define EACH(VALUE, SLOPE)                                                                         \
  for (size_t j = 0; j < n; j++) {                                                                 \
    V a = h[j];                                                                                    \
    V value = VALUE;                                                                               \
    if (s) s[j] = SLOPE;                                                                           \
    x[j] = value;                                                                                  \
  }                                                                                                \
  break

static void N(activate)(limn_phi phi, void *x_, void *s_, const void *h_, size_t n) {
  V *x = x_, *s = s_;
  const V *h = h_;
  const V one = N(all)(1), half = N(all)(0.5), zero = N(all)(0);
  n /= LANES;
  switch (phi) {
  case LIMN_PHI_RELU:
    EACH(N(relu)(a), N(gate)(one, a));
  case LIMN_PHI_TANH:
    EACH(N(vtanh)(a), one - value * value);
  case LIMN_PHI_ERF:
    EACH(N(verf)(a), N(all)(1.12837916709551257390) * N(vexp)(-a * a));
  case LIMN_PHI_GELU: /* a Phi(a) */
    EACH(half * a * (one + N(verf)(a * N(all)(0.70710678118654752440))),
         half * (one + N(verf)(a * N(all)(0.70710678118654752440))) +
             a * N(all)(0.39894228040143267794) * N(vexp)(-half * a * a));
  case LIMN_PHI_SIN:
    EACH(N(vsin)(a), N(vcos)(a));
  case LIMN_PHI_LINEAR:
    EACH(a, one);
  case LIMN_PHI_STEP: /* slope 0: it cannot be trained */
    EACH(N(gate)(one, a), zero);
  default: /* the others are scalar, see num/mlp/activation.c */
    break;
  }
}
#undef EACH

/* Calls f(..., points) with a constant 1 .. 4, so that its tile is in registers. */
#define TILED(points, call)                                                                        \
  switch (points) {                                                                                \
  case 4: {                                                                                        \
    enum { P = 4 };                                                                                \
    call;                                                                                          \
  } break;                                                                                         \
  case 3: {                                                                                        \
    enum { P = 3 };                                                                                \
    call;                                                                                          \
  } break;                                                                                         \
  case 2: {                                                                                        \
    enum { P = 2 };                                                                                \
    call;                                                                                          \
  } break;                                                                                         \
  default: {                                                                                       \
    enum { P = 1 };                                                                                \
    call;                                                                                          \
  }                                                                                                \
  }

INLINE size_t N(tile_of)(size_t points, size_t p) {
  return points - p < LIMN_TILE_POINTS ? points - p : LIMN_TILE_POINTS;
}

/* ---- lanes: one net per lane ---- */

#include "num/simd/mlp/lanes_body.h"

/* ---- one hidden layer, four points ---- */

#include "num/simd/mlp/one_hidden_body.h"

#include "num/simd/mlp/part_body.h"
#include "num/simd/mlp/groups_body.h"

/* ---- wide: one net, vectors along the outputs ---- */

enum { N(ROWS) = 8, N(COLUMNS) = 1024 }; /* a block of weights that several tiles read from cache */
enum { N(CACHED) = 16384 / sizeof(REAL) }; /* layers up to this size stay in cache as a whole */

INLINE void N(wide_forward_tile)(REAL *h, size_t ldh, const REAL *x, size_t ldx, const REAL *w,
                                 size_t ldw, size_t rows, bool add, int points, int vectors) {
  V sum[LIMN_TILE_POINTS][OUT_TILE];
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < vectors; t++) sum[p][t] =
      add ? *(const V *)(h + (size_t)p * ldh + (size_t)t * LANES) : N(all)(0);
  for (size_t i = 0; i < rows; i++) {
    V wt[OUT_TILE];
    UNROLL for (int t = 0; t < vectors; t++) wt[t] = *(const V *)(w + i * ldw + (size_t)t * LANES);
    UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < vectors; t++) sum[p][t] +=
        x[(size_t)p * ldx + i] * wt[t];
  }
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < vectors; t++) *
      (V *)(h + (size_t)p * ldh + (size_t)t * LANES) = sum[p][t];
}

static void N(wide_forward)(void *h_, size_t ldh, const void *x_, size_t ldx, const void *w_,
                            size_t ldw, size_t points, size_t in, size_t o0, size_t o1, bool add) {
  REAL *h = h_;
  const REAL *x = x_, *w = w_;
  const size_t wide = OUT_TILE * LANES, most = in * (o1 - o0) <= N(CACHED) ? in : N(ROWS);
  for (size_t i = 0; i == 0 || i < in; i += most) {
    size_t rows = in - i < most ? in - i : most;
    for (size_t p = 0; p < points; p += LIMN_TILE_POINTS) {
      REAL *hp = h + p * ldh;
      const REAL *xp = x + p * ldx + i, *wi = w + i * ldw;
      size_t o = o0;
      for (; o + wide <= o1; o += wide)
        TILED(N(tile_of)(points, p),
              N(wide_forward_tile)(hp + o, ldh, xp, ldx, wi + o, ldw, rows, add || i, P, OUT_TILE))
      for (; o < o1; o += LANES)
        TILED(N(tile_of)(points, p),
              N(wide_forward_tile)(hp + o, ldh, xp, ldx, wi + o, ldw, rows, add || i, P, 1))
    }
  }
}

INLINE void N(wide_backward_tile)(REAL *back, size_t ldb, const REAL *delta, size_t ldd,
                                  const REAL *w, size_t ldw, size_t columns, bool add, int points,
                                  int rows) {
  V sum[OUT_TILE][LIMN_TILE_POINTS];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int p = 0; p < points; p++) sum[r][p] =
      N(all)(0);
  for (size_t o = 0; o < columns; o += LANES) {
    V d[LIMN_TILE_POINTS];
    UNROLL for (int p = 0; p < points; p++) d[p] = *(const V *)(delta + (size_t)p * ldd + o);
    UNROLL for (int r = 0; r < rows; r++) {
      V wr = *(const V *)(w + (size_t)r * ldw + o);
      UNROLL for (int p = 0; p < points; p++) sum[r][p] += wr * d[p];
    }
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int p = 0; p < points; p++) {
    REAL s = N(total)(sum[r][p])[0];
    REAL *to = back + (size_t)p * ldb + (size_t)r;
    *to = add ? *to + s : s;
  }
}

static void N(wide_backward)(void *back_, size_t ldb, const void *delta_, size_t ldd,
                             const void *w_, size_t ldw, size_t points, size_t i0, size_t i1,
                             size_t out) {
  REAL *back = back_;
  const REAL *delta = delta_, *w = w_;
  for (size_t i = i0; i < i1;) {
    size_t rows = i + OUT_TILE <= i1 ? OUT_TILE : 1;
    for (size_t o = 0; o < out; o += N(COLUMNS)) {
      size_t columns = out - o < N(COLUMNS) ? out - o : N(COLUMNS);
      for (size_t p = 0; p < points; p += LIMN_TILE_POINTS) {
        REAL *b = back + p * ldb + i;
        const REAL *d = delta + p * ldd + o, *wi = w + i * ldw + o;
        if (rows == OUT_TILE)
          TILED(N(tile_of)(points, p),
                N(wide_backward_tile)(b, ldb, d, ldd, wi, ldw, columns, o > 0, P, OUT_TILE))
        else
          TILED(N(tile_of)(points, p),
                N(wide_backward_tile)(b, ldb, d, ldd, wi, ldw, columns, o > 0, P, 1))
      }
    }
    i += rows;
  }
}

INLINE void N(wide_update_tile)(REAL *w, size_t ldw, const REAL *x, size_t ldx, const REAL *delta,
                                size_t ldd, size_t rank, int rows, int vectors) {
  V sum[4][OUT_TILE];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int t = 0; t < vectors; t++) sum[r][t] =
      *(const V *)(w + (size_t)r * ldw + (size_t)t * LANES);
  for (size_t k = 0; k < rank; k++) {
    V d[OUT_TILE];
    UNROLL for (int t = 0; t < vectors; t++) d[t] =
        *(const V *)(delta + k * ldd + (size_t)t * LANES);
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int t = 0; t < vectors; t++) sum[r][t] +=
        x[k * ldx + (size_t)r] * d[t];
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int t = 0; t < vectors; t++) *
      (V *)(w + (size_t)r * ldw + (size_t)t * LANES) = sum[r][t];
}

static void N(wide_update)(void *w_, size_t ldw, const void *x_, size_t ldx, const void *delta_,
                           size_t ldd, size_t rank, size_t i0, size_t i1, size_t out) {
  REAL *w = w_;
  const REAL *x = x_, *delta = delta_;
  const size_t wide = OUT_TILE * LANES;
  for (size_t i = i0; i < i1; i += 4) {
    size_t rows = i1 - i < 4 ? i1 - i : 4, o = 0;
    for (; o + wide <= out; o += wide)
      TILED(rows, N(wide_update_tile)(w + i * ldw + o, ldw, x + i, ldx, delta + o, ldd, rank, P,
                                      OUT_TILE))
    for (; o < out; o += LANES)
      TILED(rows, N(wide_update_tile)(w + i * ldw + o, ldw, x + i, ldx, delta + o, ldd, rank, P, 1))
  }
}

#include "num/simd/mlp/rows_body.h"

#include "num/simd/mlp/small_body.h"

#include "num/simd/mlp/points_body.h"

static void N(narrow_forward)(void *h_, size_t ldh, const void *x_, size_t ldx, const void *w_,
                              size_t points, size_t in, size_t out) {
  REAL *h = h_;
  const REAL *x = x_, *w = w_;
  for (size_t p = 0; p < points; p++) {
    const REAL *xp = x + p * ldx;
    REAL sum[LIMN_NARROW] = {0}; /* outputs side by side, since a sum is a chain */
    size_t i = 0;
    if (out == 1) {
      V s0 = N(all)(0), s1 = s0;
      for (; i + 2 * LANES <= in; i += 2 * LANES) {
        s0 += *(const V *)(xp + i) * *(const V *)(w + i);
        s1 += *(const V *)(xp + i + LANES) * *(const V *)(w + i + LANES);
      }
      sum[0] = N(total)(s0 + s1)[0];
    }
    for (; i < in; i++)
      for (size_t o = 0; o < out; o++) sum[o] += xp[i] * w[i * out + o];
    for (size_t o = 0; o < out; o++) h[p * ldh + o] += sum[o];
  }
}

static void N(narrow_backward)(void *back_, size_t ldb, const void *delta_, size_t ldd,
                               const void *w_, size_t points, size_t i0, size_t i1, size_t out) {
  REAL *restrict back = back_;
  const REAL *delta = delta_, *w = w_;
  for (size_t p = 0; p < points; p++) {
    REAL d = delta[p * ldd];
    if (out == 1)
      for (size_t i = i0; i < i1; i++) back[p * ldb + i] = d * w[i];
    else
      for (size_t i = i0; i < i1; i++) {
        REAL sum = 0;
        for (size_t o = 0; o < out; o++) sum += w[i * out + o] * delta[p * ldd + o];
        back[p * ldb + i] = sum;
      }
  }
}

static void N(narrow_update)(void *w_, const void *x_, size_t ldx, const void *delta_, size_t ldd,
                             size_t rank, size_t in, size_t out) {
  REAL *restrict w = w_;
  const REAL *x = x_, *delta = delta_;
  for (size_t k = 0; k < rank; k++) {
    REAL d = delta[k * ldd];
    if (out == 1)
      for (size_t i = 0; i < in; i++) w[i] += d * x[k * ldx + i];
    else
      for (size_t i = 0; i < in; i++)
        for (size_t o = 0; o < out; o++) w[i * out + o] += x[k * ldx + i] * delta[k * ldd + o];
  }
}

/* ---- patches ---- */

#include "num/simd/mlp/patch_body.h"

/* ---- optimisers ---- */

/* The constants of a step. With effective weights W = m w the gradient by w is m g, and the step of
 * W is m times that of w: rate is eta m. */
typedef struct {
  V m, rate, l2, l1, fade; /* l2: divided by m */
  V b1, b2, r1, r2, eps;   /* r1, r2: 1 - b1, 1 - b2 */
  V c1, c2;                /* adam: the factors of the moments */
} N(step_constants);

INLINE V N(magnitude)(V a) {
  return (V)((VI)a & ~(VI)-N(all)(0));
}

/* a >= 0 with the sign of b. */
INLINE V N(with_sign)(V a, V b) {
  return (V)((VI)a | ((VI)b & (VI)-N(all)(0)));
}

/* a in lanes where the mask is set, else b. */
INLINE V N(either)(VI m, V a, V b) {
  return (V)(((VI)a & m) | ((VI)b & ~m));
}

INLINE V N(root)(V a) {
#if defined(__AVX512F__) && VECTOR_BYTES == 64 && REAL_BITS == 32
  return (V)_mm512_sqrt_ps((__m512)a);
#elif defined(__AVX512F__) && VECTOR_BYTES == 64
  return (V)_mm512_sqrt_pd((__m512d)a);
#elif defined(__AVX2__) && VECTOR_BYTES == 32 && REAL_BITS == 32
  return (V)_mm256_sqrt_ps((__m256)a);
#elif defined(__AVX2__) && VECTOR_BYTES == 32
  return (V)_mm256_sqrt_pd((__m256d)a);
#else
  for (size_t k = 0; k < LANES; k++) a[k] = C(sqrt)(a[k]);
  return a;
#endif
}

INLINE V N(shrunk)(V w, V by) {
  V size = N(magnitude)(w) - by;
  return N(with_sign)(N(keep)(size, size > N(all)(0)), w);
}

/* The new weights; *u and *v become the new moments. `rule` and `penalised` (l1 or fade above 0)
 * are constants where this is inlined. num/mlp/reference.c has the formulas. */
INLINE V N(stepped)(const int rule, const bool penalised, const N(step_constants) * s, V w, V g,
                    V *u, V *v) {
  const V zero = N(all)(0);
  V slope = s->m * g + s->l2 * w, move = slope, kept = w, cut = zero;
  if (penalised) kept = w - s->fade * w, cut = s->rate * s->l1;
  if (rule == LIMN_MLP_MOMENTUM_STEP) {
    move = s->b1 * *u + slope;
  } else if (rule == LIMN_MLP_NESTEROV_STEP) {
    V first = s->b1 * *u + slope;
    if (penalised) {
      V x = w + s->rate * s->b1 * *u, y = N(shrunk)(w - s->rate * slope, cut);
      *u = N(either)(y != zero, first + N(with_sign)(s->l1, y), x / s->rate);
      return y - s->rate * s->b1 * *u - (w - kept);
    }
    *u = first;
    move = slope + s->b1 * first;
  } else if (rule == LIMN_MLP_ADAM_STEP) {
    V first = s->b1 * *u + s->r1 * slope, second = s->b2 * *v + s->r2 * slope * slope;
    V scale = N(root)(second * s->c2) + s->eps;
    *u = first, *v = second;
    if (penalised) scale += s->l1, cut /= scale;
    move = first * s->c1 / scale;
  } else if (rule == LIMN_MLP_SIGN_STEP || rule == LIMN_MLP_LION_STEP) {
    V c = slope;
    if (rule == LIMN_MLP_LION_STEP) {
      c = s->b1 * *u + s->r1 * slope;
      *u = s->b2 * *u + s->r2 * slope;
    }
    V scale = N(magnitude)(c) + s->l1;
    VI flat = scale == zero;
    move = N(either)(flat, zero, c / scale);
    cut = N(either)(flat, zero, cut / scale);
  }
  V next = kept - s->rate * move;
  if (penalised) next = N(shrunk)(next, cut);
  if (rule == LIMN_MLP_MOMENTUM_STEP) {
    *u = move;
    if (penalised) *u = N(either)(next != zero, move + N(with_sign)(s->l1, next), kept / s->rate);
  }
  return next;
}

INLINE void N(update_all)(const int rule, const bool penalised, const N(step_constants) * s, V *w,
                          const V *g, V *u, V *v, size_t n, const V *active) {
  VI on = N(all)(0) == N(all)(0);
  if (active) on = *active != N(all)(0);
  for (size_t j = 0; j < n; j++) {
    V first = u ? u[j] : N(all)(0), second = v ? v[j] : N(all)(0);
    V next = N(stepped)(rule, penalised, s, w[j], g[j], &first, &second);
    if (u) u[j] = N(either)(on, first, u[j]);
    if (v) v[j] = N(either)(on, second, v[j]);
    w[j] = N(either)(on, next, w[j]);
  }
}

#define UPDATE(rule, u, v)                                                                         \
  if (step->l1 > 0 || step->fade > 0)                                                              \
    N(update_all)(rule, true, &s, w, g, u, v, n, active);                                          \
  else                                                                                             \
    N(update_all)(rule, false, &s, w, g, u, v, n, active)

static void N(update)(void *w_, const void *g_, void *u_, void *v_, size_t n,
                      const limn_mlp_step *step, const void *active_) {
  V *w = w_, *u = u_, *v = v_;
  const V *g = g_, *active = active_, *each = step->corrections;
  const N(step_constants) s = {.m = N(all)(step->multiplier),
                               .rate = N(all)(step->rate * step->multiplier),
                               .l2 = N(all)(step->l2 / step->multiplier),
                               .l1 = N(all)(step->l1),
                               .fade = N(all)(step->fade),
                               .b1 = N(all)(step->momentum),
                               .b2 = N(all)(step->beta2),
                               .r1 = N(all)(1 - (REAL)step->momentum),
                               .r2 = N(all)(1 - (REAL)step->beta2),
                               .eps = N(all)(step->epsilon),
                               .c1 = each ? each[0] : N(all)(1 / step->correct1),
                               .c2 = each ? each[1] : N(all)(1 / step->correct2)};
  n /= LANES;
  switch ((enum limn_mlp_step_rule)step->rule) {
  case LIMN_MLP_GD_STEP:
    UPDATE(LIMN_MLP_GD_STEP, NULL, NULL);
    break;
  case LIMN_MLP_MOMENTUM_STEP:
    UPDATE(LIMN_MLP_MOMENTUM_STEP, u, NULL);
    break;
  case LIMN_MLP_ADAM_STEP:
    UPDATE(LIMN_MLP_ADAM_STEP, u, v);
    break;
  case LIMN_MLP_NESTEROV_STEP:
    UPDATE(LIMN_MLP_NESTEROV_STEP, u, NULL);
    break;
  case LIMN_MLP_SIGN_STEP:
    UPDATE(LIMN_MLP_SIGN_STEP, NULL, NULL);
    break;
  case LIMN_MLP_LION_STEP:
    UPDATE(LIMN_MLP_LION_STEP, u, NULL);
    break;
  }
}

#undef UPDATE

const limn_mlp_kernels TABLE = {
    .lanes = LANES,
    .out_tile = OUT_TILE,
    .activate = N(activate),
    .lanes_forward = N(lanes_forward),
    .lanes_backward = N(lanes_backward),
    .lanes_error = N(lanes_error),
    .slope = N(slope),
    .one_hidden = N(one_hidden),
    .one_hidden_part = N(one_hidden_part),
#if REAL_BITS == 64
    .groups_step = N(groups_step),
#endif
    .groups_apply = N(groups_apply),
    .groups_margins = N(groups_margins),
    .small = N(small),
    .wide_forward = N(wide_forward),
    .wide_backward = N(wide_backward),
    .wide_update = N(wide_update),
    .rows_forward = N(rows_forward),
    .rows_backward = N(rows_backward),
    .rows_update = N(rows_update),
    .point_group = N(POINT_GROUP),
    .points_forward = N(points_forward),
    .narrow_forward = N(narrow_forward),
    .narrow_backward = N(narrow_backward),
    .narrow_update = N(narrow_update),
    .patch = N(patch),
    .update = N(update),
};

#undef TILED
#undef PIN
#undef REAL
#undef INT
#undef C
#undef PASTE_
#undef PASTE
#undef N
#undef V
#undef VI
#undef LANES
#undef INLINE
#undef UNROLL
#undef MVEC
#undef REAL_BITS
#undef TABLE
