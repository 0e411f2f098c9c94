/* stats.h: distribution functions and quantiles, and estimates with confidence intervals.
 *
 * Probabilities are of one tail: LIMN_LOWER is P(X <= x), LIMN_UPPER is P(X > x). Each is computed
 * to full relative precision, so an upper tail of 1e-300 is not lost in 1 - p. For parameters
 * between 0.05 and 5e5 (0.1 to 1e6 degrees of freedom) and probabilities down to 1e-300, quantiles
 * have a relative error below 1e-13; other parameters are allowed up to LIMN_STATS_LARGEST. A
 * quantile beyond the range of a double is 0 or infinite.
 *
 * An interval is (2): its lower and its upper end. `level` is the coverage probability of a
 * two-sided interval, inside (0,1). If a measurement is NaN, the results are NaN.
 *
 * Errors: LIMN_EINVAL for an argument outside its domain (NaN included); LIMN_ENOMEM where
 * stated. */
#ifndef LIMN_STATS_H
#define LIMN_STATS_H

#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The largest parameter: degrees of freedom of t and chi-square, a and b of beta. */
#define LIMN_STATS_LARGEST 1e10

typedef enum limn_tail { LIMN_LOWER = 0, LIMN_UPPER } limn_tail;

/* ---- distributions ------------------------------------------------------------------------- */

/* Standard normal distribution function P(Z <= z); NaN for NaN. Fast; for inner loops. */
LIMN_API double limn_stats_phi(double z);

/* Probability of one tail.
 *   p       out  in [0,1]
 *   x       in   any number, +-INFINITY included
 *   mean    in   finite
 *   sd      in   standard deviation, > 0
 *   df      in   degrees of freedom, in (0, LIMN_STATS_LARGEST]
 *   a, b    in   parameters of beta, in (0, LIMN_STATS_LARGEST]
 *   tail    in   LIMN_LOWER or LIMN_UPPER
 * Source: continued fraction and series of the incomplete beta and gamma functions, with the
 * density by Loader's saddle-point form (2000), in extended precision. */
LIMN_API limn_status limn_stats_normal_cdf(double *p, double x, double mean, double sd,
                                           limn_tail tail, limn_err *err);
LIMN_API limn_status limn_stats_t_cdf(double *p, double x, double df, limn_tail tail,
                                      limn_err *err);
LIMN_API limn_status limn_stats_beta_cdf(double *p, double x, double a, double b, limn_tail tail,
                                         limn_err *err);
LIMN_API limn_status limn_stats_chi2_cdf(double *p, double x, double df, limn_tail tail,
                                         limn_err *err);

/* Quantiles: the x whose tail has probability p. The inverse of the functions above.
 *   x       out  an end of the support if p is 0 or 1
 *   p       in   in [0,1]
 * Source: Newton's method on the logarithm of the smaller tail. */
LIMN_API limn_status limn_stats_normal_quantile(double *x, double p, double mean, double sd,
                                                limn_tail tail, limn_err *err);
LIMN_API limn_status limn_stats_t_quantile(double *x, double p, double df, limn_tail tail,
                                           limn_err *err);
LIMN_API limn_status limn_stats_beta_quantile(double *x, double p, double a, double b,
                                              limn_tail tail, limn_err *err);
LIMN_API limn_status limn_stats_chi2_quantile(double *x, double p, double df, limn_tail tail,
                                              limn_err *err);

/* Two-sided critical values: the t with P(|T| <= t) = level.
 *   t, z    out  >= 0
 *   level   in   in [0,1]
 *   df      in   degrees of freedom, in (0, LIMN_STATS_LARGEST] */
LIMN_API limn_status limn_stats_t_critical(double *t, double level, double df, limn_err *err);
LIMN_API limn_status limn_stats_normal_critical(double *z, double level, limn_err *err);

/* ---- estimates ----------------------------------------------------------------------------- */

/* Mean of independent measurements, with Student's interval.
 *   mean      out
 *   interval  out (2)   mean -+ t sqrt(s^2/n), t with n-1 degrees of freedom
 *   values    in  (n)
 *   n         in        >= 2
 *   level     in
 * Source: Student 1908. */
LIMN_API limn_status limn_stats_mean(double *mean, double *interval, const double *values, size_t n,
                                     double level, limn_err *err);

/* Jackknife interval of a statistic, from its values with one measurement omitted.
 *   interval   out (2)  estimate -+ t sqrt((n-1)/n sum (without - mean)^2)
 *   corrected  out      n estimate - (n-1) mean, the first-order bias correction; or NULL
 *   estimate   in       the statistic of all measurements
 *   without    in  (m)  the statistic with one measurement omitted
 *   times      in  (m)  multiplicity of each value, whole numbers >= 1; NULL: 1
 *   m          in       >= 1; n is the sum of times, >= 2
 *   level      in
 * Source: Tukey 1958. */
LIMN_API limn_status limn_stats_jackknife(double *interval, double *corrected, double estimate,
                                          const double *without, const double *times, size_t m,
                                          double level, limn_err *err);

/* Minimum number of resamples with a value for an interval. */
#define LIMN_STATS_DRAWS 20

/* Mean over independent measurements, or over pairs of them, with a percentile bootstrap interval.
 *
 *   value      out             of the measurements themselves
 *   interval   out (2)         NaN if value is NaN or fewer than LIMN_STATS_DRAWS draws have a
 *                              value
 *   draws      out (resamples) the statistic of each resample; NaN for a resample without a pair
 *   values     in  (n)         mean over these; NULL if pairs is given
 *   pairs      in  (n, n)      mean over the entries above the diagonal that are not NaN; a
 *                              measurement drawn twice does not form a pair with itself
 *   n          in              >= 1
 *   resamples  in              each of n measurements, drawn with replacement
 *   level      in
 *   seed       in              of the random stream: the same seed gives the same draws
 *
 * Errors: LIMN_ENOMEM.
 * Source: Efron 1979 (the bootstrap), 1981 (percentiles). */
LIMN_API limn_status limn_stats_bootstrap(double *value, double *interval, double *draws,
                                          const double *values, const double *pairs, size_t n,
                                          size_t resamples, double level, uint64_t seed,
                                          limn_err *err);

/* Wilson's interval of a proportion; its length is positive also at 0 and 1.
 *   interval   out (2)  inside [0,1]
 *   successes  in       in [0, trials]
 *   trials     in       > 0
 *   level      in
 * Source: Wilson 1927. */
LIMN_API limn_status limn_stats_wilson(double *interval, double successes, double trials,
                                       double level, limn_err *err);

/* The exact interval of a proportion: it covers it with at least the probability `level`, for any
 * number of trials.
 *   interval   out (2)  inside [0,1]
 *   successes  in       whole number in [0, trials]
 *   trials     in       whole number in [1, LIMN_STATS_LARGEST]
 * Source: Clopper and Pearson 1934. */
LIMN_API limn_status limn_stats_clopper_pearson(double *interval, double successes, double trials,
                                                double level, limn_err *err);

/* Difference of the means of two independent samples with unequal variances.
 *   value     out       mean of a - mean of b
 *   interval  out (2)   value -+ t error
 *   df        out       degrees of freedom of t; may be NULL
 *   a, b      in  (n), (m)
 *   n, m      in        >= 2; one of the samples at least has a spread
 * Source: Welch 1947. */
LIMN_API limn_status limn_stats_difference(double *value, double *interval, double *df,
                                           const double *a, size_t n, const double *b, size_t m,
                                           double level, limn_err *err);

/* Least-squares fit of a straight line, with an interval for its slope.
 *   slope      out
 *   error      out      standard error of the slope for independent errors of equal variance;
 *                       NaN if n = 2; or NULL
 *   intercept  out      the line at x = 0, or NULL
 *   interval   out (2)  slope -+ t error, n-2 degrees of freedom; infinite if n = 2; or NULL
 *   x, y       in  (n)
 *   n          in       >= 2; x has at least two different values
 *   level      in */
LIMN_API limn_status limn_stats_slope(double *slope, double *error, double *intercept,
                                      double *interval, const double *x, const double *y, size_t n,
                                      double level, limn_err *err);

/* ---- kinds --------------------------------------------------------------------------------- */

/* The most observations in all; the coverage below which a sample says little. */
#define LIMN_STATS_MOST_SEEN 1e8
#define LIMN_STATS_COVERED 0.5

/* How many kinds a population has, from how often each was seen in a sample of it: Chao1, the kinds
 * seen and (n-1)/n f1^2/(2 f2), with f1 kinds seen once and f2 twice. It is a lower bound unless
 * rare kinds are about equally likely.
 *   kinds     out
 *   interval  out (2)  of a log-normal law for the kinds not seen; the lower end is a whole number,
 *                      below a coverage of LIMN_STATS_COVERED at most a bound from pairs of one
 *                      kind; the upper end holds for about equally likely kinds only
 *   coverage  out      estimated probability that the next observation is of a kind already seen;
 *                      or NULL
 *   counts    in  (m)  whole numbers >= 0, at least two observations in all
 * Errors: LIMN_EINVAL, LIMN_ENOMEM. Source: Chao 1984, 1987; coverage: Chao and Jost 2012. */
LIMN_API limn_status limn_stats_distinct(double *kinds, double *interval, double *coverage,
                                         const double *counts, size_t m, double level,
                                         limn_err *err);

/* Entropy of a population in bits, likewise.
 *   bits      out
 *   interval  out (2)  jackknife over the observations, cut at 0. Below a coverage of
 *                      LIMN_STATS_COVERED the upper end is infinite, since the sample does not tell
 *                      how many kinds there are, and the lower one at most the sample's entropy
 * Errors: LIMN_EINVAL, LIMN_ENOMEM. Source: Chao, Wang and Jost 2013. */
LIMN_API limn_status limn_stats_entropy(double *bits, double *interval, double *coverage,
                                        const double *counts, size_t m, double level,
                                        limn_err *err);

/* ---- power --------------------------------------------------------------------------------- */

/* The most replicates, or trials, that are looked for; those from which the standard error counts
 * as known. */
#define LIMN_STATS_MOST_REPLICATES 1e6
#define LIMN_STATS_MANY_REPLICATES 1e3

/* The probability that an interval estimate -+ t (estimated error) lies wholly inside a range: of
 * two one-sided tests that both reject, each at (1 - level)/2. The estimate is normal, its
 * estimated error independent of it. power      out  absolute error below 1e-10 low, high  in   low
 * < high; one of them may be infinite: then it is the power of Student's test mean       in   the
 * true value, inside the range or outside error      in   the true standard error of the estimate,
 * > 0 df         in   degrees of freedom, in (0, LIMN_STATS_LARGEST] Source: Schuirmann 1987; the
 * integral is in src/num/stats/power.c. */
LIMN_API limn_status limn_stats_interval_power(double *power, double low, double high, double mean,
                                               double error, double df, double level,
                                               limn_err *err);

/* The least number of replicates with which the interval of their mean lies inside the range with a
 * probability of at least `power`.
 *   n      out  >= 2; infinite where mean is not inside (low, high), or n would exceed
 *               LIMN_STATS_MOST_REPLICATES
 *   sd     in   standard deviation of one replicate, > 0
 *   power  in   inside (0,1) */
LIMN_API limn_status limn_stats_replicates(double *n, double low, double high, double mean,
                                           double sd, double level, double power, limn_err *err);

/* The largest standard deviation of one replicate with which n of them have that power.
 *   sd  out  0 where mean is not inside (low, high)
 *   n   in   >= 2 */
LIMN_API limn_status limn_stats_largest_spread(double *sd, double low, double high, double mean,
                                               double n, double level, double power, limn_err *err);

/* The same as limn_stats_interval_power and limn_stats_replicates for a proportion, whose interval
 * is limn_stats_clopper_pearson. Power is not monotone in n; n is one that has it where n/2 has
 * not. */
LIMN_API limn_status limn_stats_proportion_power(double *power, double low, double high,
                                                 double proportion, double n, double level,
                                                 limn_err *err);
LIMN_API limn_status limn_stats_trials(double *n, double low, double high, double proportion,
                                       double level, double power, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
