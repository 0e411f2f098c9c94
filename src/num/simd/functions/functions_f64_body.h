/* functions_f64_body.h: the functions of functions.h in double precision for one instruction set.
 * The including file defines VECTOR_BYTES and NAME(x), which names the table.
 *
 * exp, expm1, log, log1p, sin and cos reduce their argument and evaluate the approximations of
 * fdlibm (Sun Microsystems 1993), tanh that of Cephes (Moshier). All entries of a vector take the
 * same operations; sin and cos alone call the C library, for arguments of 2^20 and more and for
 * those so close to a multiple of pi/2 that the reduction loses digits. */
#define REAL_BITS 64
#include "num/simd/functions/vector_body.h"

#define ROUNDER 0x1.8p52 /* x + ROUNDER is a whole number, which the low bits of the sum hold */
#define LOG2E 0x1.71547652b82fep0
#define LN2_HIGH 0x1.62e42feep-1 /* 33 bits, so that products with exponents are exact */
#define LN2_LOW 0x1.a39ef35793c76p-33
#define BITS(x) ((VI)N(all)(x))

/* The bits of a whole number k that is stored as k + ROUNDER. */
INLINE VI N(whole)(V shifted) {
  return (VI)shifted - BITS(ROUNDER);
}

INLINE V N(power2)(VI k) {
  return (V)((k + 1023) << 52);
}

/* x = k ln 2 + r, k + ROUNDER in *shifted; low is the part of r that `high` lost. */
INLINE V N(reduced)(V x, V *shifted, V *high, V *low) {
  *shifted = x * LOG2E + ROUNDER;
  V k = *shifted - ROUNDER;
  *high = x - k * LN2_HIGH;
  *low = k * LN2_LOW;
  return *high - *low;
}

/* exp(r) of a reduced argument. */
INLINE V N(exp_reduced)(V r, V high, V low) {
  V z = r * r;
  V c = r - z * POLYNOMIAL(z, 1.66666666666666019037e-01, -2.77777777770155933842e-03,
                           6.61375632143793436117e-05, -1.65339022054652515390e-06,
                           4.13813679705723846039e-08);
  return 1 - ((low - r * c / (2 - c)) - high);
}

/* Of arguments from -700 to 700. */
INLINE V N(exp_near)(V x) {
  V shifted, high, low, r = N(reduced)(x, &shifted, &high, &low);
  return N(exp_reduced)(r, high, low) * N(power2)(N(whole)(shifted));
}

INLINE V N(vexp)(V x, VI *missed) {
  *missed = ~(N(size)(x) < 700);
  return N(exp_near)(x);
}

/* 2^k as two factors, since results may be subnormal. */
OUTLINE V N(exp_anywhere)(V x) {
  x = N(pick)(x < -750, N(all)(-750), N(pick)(x > 710, N(all)(710), x));
  V shifted, high, low, r = N(reduced)(x, &shifted, &high, &low);
  VI k = N(whole)(shifted), half = N(whole)((shifted - ROUNDER) * 0.5 + ROUNDER);
  return N(exp_reduced)(r, high, low) * N(power2)(half) * N(power2)(k - half);
}

/* exp(x) - 1 = 2^k ((1 - 2^-k) + (exp(r) - 1)). */
INLINE V N(expm1_near)(V a, V x) {
  V shifted, high, low, r = N(reduced)(a, &shifted, &high, &low), lost = (high - r) - low;
  VI k = N(whole)(shifted);
  V half = 0.5 * r, z = r * half;
  V q = POLYNOMIAL(z, 1, -3.33333333333331316428e-02, 1.58730158725481460165e-03,
                   -7.93650757867487942473e-05, 4.00821782732936239552e-06,
                   -2.01099218183624371326e-07);
  V t = 3 - q * half, e = z * ((q - t) / (6 - r * t));
  e = (r * (e - lost) - lost) - z;
  V one_less = 1 - N(power2)(1 - k) * 0.5;
  V result = (one_less - (e - r)) * N(power2)(k - 1) * 2;
  return N(pick)(N(size)(x) < 0x1p-54, x, result);
}

INLINE V N(vexpm1)(V x, VI *missed) {
  *missed = ~((x > -50) & (x < 700));
  return N(expm1_near)(x, x);
}

OUTLINE V N(expm1_anywhere)(V x) {
  return N(expm1_near)(N(pick)(x < -50, N(all)(-50), N(pick)(x > 710, N(all)(710), x)), x);
}

/* x > 0, normal, as 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2). The exponent becomes a
 * number as the low bits of 2^52. */
INLINE V N(split)(V x, V *f) {
  const VI root = BITS(0x1.6a09e667f3bcdp-1), one = BITS(1.0);
  VI biased = (VI)x - root + one;
  VI k = (VI)((N(bits))biased >> 52);
  *f = (V)((VI)x - ((k - 1023) << 52)) - 1;
  return (V)(k | BITS(0x1p52)) - (0x1p52 + 1023);
}

/* k ln 2 + log(1 + f) + c. */
INLINE V N(log_of_parts)(V k, V f, V c) {
  V s = f / (2 + f), z = s * s, half = 0.5 * f * f;
  V q = z * POLYNOMIAL(z, 6.666666666666735130e-01, 3.999999999940941908e-01,
                       2.857142874366239149e-01, 2.222219843214978396e-01, 1.818357216161805012e-01,
                       1.531383769920937332e-01, 1.479819860511658591e-01);
  return k * LN2_HIGH - ((half - (s * (half + q) + (k * LN2_LOW + c))) - f);
}

/* y, but infinite where x is or where x is `pole`; NaN below it. */
INLINE V N(log_at_ends)(V y, V x, REAL pole) {
  y = N(pick)(x < INFINITY, y, x);
  y = N(pick)(x == pole, N(all)(-INFINITY), y);
  return N(pick)(x < pole, N(all)(NAN), y);
}

INLINE V N(vlog)(V x, VI *missed) {
  *missed = ~((x >= 0x1p-1022) & (x < INFINITY));
  V f, k = N(split)(x, &f);
  return N(log_of_parts)(k, f, N(all)(0));
}

OUTLINE V N(log_anywhere)(V x) {
  VI small = x < 0x1p-1022;
  V f, k = N(split)(N(pick)(small, x * 0x1p54, x), &f);
  k -= N(pick)(small, N(all)(54), N(all)(0));
  return N(log_at_ends)(N(log_of_parts)(k, f, N(all)(0)), x, 0);
}

/* c is what 1 + x lost. */
INLINE V N(log1p_near)(V x) {
  V u = 1 + x, f, k = N(split)(u, &f);
  V c = N(pick)(u >= 2, 1 - (u - x), x - (u - 1)) / u;
  VI near = k == 0;
  f = N(pick)(near, x, f), c = N(pick)(near, N(all)(0), c);
  return N(pick)(N(size)(x) < 0x1p-54, x, N(log_of_parts)(k, f, c));
}

INLINE V N(vlog1p)(V x, VI *missed) {
  *missed = ~((x > -1) & (x < INFINITY));
  return N(log1p_near)(x);
}

OUTLINE V N(log1p_anywhere)(V x) {
  return N(log_at_ends)(N(log1p_near)(x), x, -1);
}

/* The sine of x + quarter pi/2. */
INLINE V N(sine)(V x, int quarter, VI *missed) {
  V shifted = x * 0x1.45f306dc9c883p-1 + ROUNDER, k = shifted - ROUNDER;
  V first = x - k * 0x1.921fb544p0, part = k * 0x1.0b4611a6p-34; /* pi/2 in 33, 33 and 53 bits */
  V next = first - part, back = first - next;
  V rest = k * 0x1.3198a2e037073p-69 - (back - part);
  V r = next - rest, low = (next - r) - rest;
  *missed = ~(N(size)(x) < 0x1p20) | ((N(size)(r) < 0x1p-20) & (k != 0));
  V z = r * r, half = 0.5 * z, cube = z * r;
  V s = POLYNOMIAL(z, 8.33333333332248946124e-03, -1.98412698298579493134e-04,
                   2.75573137070700676789e-06, -2.50507602534068634195e-08,
                   1.58969099521155010221e-10);
  V sine = r - ((z * (0.5 * low - cube * s) - low) - cube * -1.66666666666666324348e-01);
  V c = z * POLYNOMIAL(z, 4.16666666666666019037e-02, -1.38888888888741095749e-03,
                       2.48015872894767294178e-05, -2.75573143513906633035e-07,
                       2.08757232129817482790e-09, -1.13596475577881948265e-11);
  V w = 1 - half, cosine = w + (((1 - w) - half) + (z * c - r * low));
  VI turn = (VI)shifted + quarter;
  V y = N(pick)(-(turn & 1), cosine, sine);
  return (V)((VI)y ^ ((turn & 2) << 62));
}

INLINE V N(vsin)(V x, VI *missed) {
  return N(sine)(x, 0, missed);
}

INLINE V N(vcos)(V x, VI *missed) {
  return N(sine)(x, 1, missed);
}

OUTLINE V N(sin_anywhere)(V x) {
  VI missed;
  V y = N(sine)(x, 0, &missed);
  for (size_t k = 0; k < LANES; k++)
    if (missed[k]) y[k] = sin(x[k]);
  return y;
}

OUTLINE V N(cos_anywhere)(V x) {
  VI missed;
  V y = N(sine)(x, 1, &missed);
  for (size_t k = 0; k < LANES; k++)
    if (missed[k]) y[k] = cos(x[k]);
  return y;
}

/* x + x z P(z)/Q(z), z = x^2, up to 5/8; from there on 1 - 2/(exp(2 x) + 1), which is 1 from 22
 * on. */
INLINE V N(vtanh)(V x, VI *missed) {
  (void)missed;
  V a = N(size)(x), z = x * x;
  VI small = a < 0.625;
  V e = N(exp_near)(2 * N(pick)(a > 22, N(all)(22), a));
  V p = POLYNOMIAL(z, -1.61468768441708447952e3, -9.92877231001918586564e1,
                   -9.64399179425052238628e-1);
  V q = POLYNOMIAL(z, 4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2,
                   1);
  V ratio = N(pick)(small, a * z * p, N(all)(-2)) / N(pick)(small, q, e + 1);
  return N(sign_of)(N(pick)(small, a, N(all)(1)) + ratio, x);
}

/* x + x P(x^2) up to 1; from there on 1 - exp(-x^2) R(14.4/(x + 3) - 2.6), which is 1 from 6 on.
 * Interpolation polynomials at Chebyshev nodes; their errors are below 2^-56. */
INLINE V N(verf)(V x, VI *missed) {
  (void)missed;
  V a = N(size)(x), z = x * x;
  V near =
      a + a * POLYNOMIAL(z, 0.12837916709551256, -0.37612638903183543, 0.11283791670945006,
                         -0.02686617064323777, 0.0052239776071164225, -0.00085483259753896918,
                         0.00012055294904839707, -1.4924736907419661e-05, 1.6447424703317362e-06,
                         -1.6208483801871705e-07, 1.3720064546777686e-08, -7.7958988270021425e-10);
  V b = N(pick)(a > 6, N(all)(6), a), v = 14.4 / (b + 3) - 2.6;
  V r = POLYNOMIAL(v, 0.20798329133342885, 0.15436117429436916, 0.049698445403394638,
                   0.012713147695692196, 0.0024793146970781854, 0.00033160296057641248,
                   1.9563583246137109e-05, -2.4255574719050315e-06, -5.5412744784677116e-07,
                   4.5267007642487423e-09, 1.1339538061744704e-08, 2.6381508985080719e-10,
                   -2.571511429603254e-10, -6.0474059459916997e-12, 6.0857915906870891e-12);
  V far = 1 - r * N(exp_near)(-b * b);
  return N(sign_of)(N(pick)(a < 1, near, far), x);
}

/* To whole numbers, with the sign of x: `mode` is that of the instructions of x86. Without them:
 * numbers of 2^52 and more are whole, and adding 2^52 to others rounds them to the nearest, halves
 * to even. */
INLINE V N(to_whole)(V x, const int mode) {
#if defined(__AVX512F__) && VECTOR_BYTES == 64
  return mode == 0   ? (V)_mm512_roundscale_pd((__m512d)x, 8)
         : mode == 1 ? (V)_mm512_roundscale_pd((__m512d)x, 9)
         : mode == 2 ? (V)_mm512_roundscale_pd((__m512d)x, 10)
                     : (V)_mm512_roundscale_pd((__m512d)x, 11);
#elif defined(__AVX2__) && VECTOR_BYTES == 32
  return mode == 0   ? (V)_mm256_round_pd((__m256d)x, 8)
         : mode == 1 ? (V)_mm256_round_pd((__m256d)x, 9)
         : mode == 2 ? (V)_mm256_round_pd((__m256d)x, 10)
                     : (V)_mm256_round_pd((__m256d)x, 11);
#else
  V size = N(size)(x), r = N(sign_of)((size + 0x1p52) - 0x1p52, x);
  VI back = mode == 1 ? r > x : mode == 2 ? r < x : N(size)(r) > size;
  V step = N(all)(1);
  if (mode == 1) step = -step;
  if (mode == 3) step = N(sign_of)(step, -x);
  V y = mode == 0 ? r : N(sign_of)(N(size)(N(pick)(back, r + step, r)), x);
  return N(pick)(size < 0x1p52, y, x);
#endif
}

#define TO_WHOLE(name, mode)                                                                       \
  INLINE V N(v##name)(V x, VI * missed) {                                                          \
    (void)missed;                                                                                  \
    return N(to_whole)(x, mode);                                                                   \
  }
TO_WHOLE(round, 0)
TO_WHOLE(floor, 1)
TO_WHOLE(ceil, 2)
TO_WHOLE(trunc, 3)

#define EVERYWHERE(name)                                                                           \
  OUTLINE V N(name##_anywhere)(V x) {                                                              \
    VI missed;                                                                                     \
    return N(v##name)(x, &missed);                                                                 \
  }
EVERYWHERE(tanh)
EVERYWHERE(erf)
EVERYWHERE(round)
EVERYWHERE(floor)
EVERYWHERE(ceil)
EVERYWHERE(trunc)

ARRAY_FUNCTION(exp)
ARRAY_FUNCTION(expm1)
ARRAY_FUNCTION(log)
ARRAY_FUNCTION(log1p)
ARRAY_FUNCTION(sin)
ARRAY_FUNCTION(cos)
ARRAY_FUNCTION(tanh)
ARRAY_FUNCTION(erf)
ARRAY_FUNCTION(round)
ARRAY_FUNCTION(floor)
ARRAY_FUNCTION(ceil)
ARRAY_FUNCTION(trunc)

const limn_functions_f64 NAME(limn_functions_f64) = {
    .exp = N(array_exp),
    .expm1 = N(array_expm1),
    .log = N(array_log),
    .log1p = N(array_log1p),
    .sin = N(array_sin),
    .cos = N(array_cos),
    .tanh = N(array_tanh),
    .erf = N(array_erf),
    .round = N(array_round),
    .floor = N(array_floor),
    .ceil = N(array_ceil),
    .trunc = N(array_trunc),
};

#undef EVERYWHERE
#undef TO_WHOLE
#undef ROUNDER
#undef LOG2E
#undef LN2_HIGH
#undef LN2_LOW
#undef BITS
#include "num/simd/functions/vector_end.h"
