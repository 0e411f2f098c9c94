/* tails.h: logarithms of both tails of the beta and gamma distributions, and their inverse. Not
 * installed.
 *
 * Everything is long double, on scales without overflow or cancellation: the abscissa u is
 * log(x/(1-x)) for beta and log x for gamma. */
#ifndef LIMN_STATS_TAILS_H
#define LIMN_STATS_TAILS_H

typedef struct limn_tails {
  long double lower, upper; /* log P(X <= x), log P(X > x) */
  long double density;      /* log of dP/du at abscissa u */
} limn_tails;

/* A distribution and its parameters; gamma does not use b. */
typedef struct limn_law {
  limn_tails (*at)(const struct limn_law *law, long double u);
  long double a, b;
} limn_law;

/* x^(a-1) (1-x)^(b-1)/B(a,b) and x^(a-1) exp(-x)/Gamma(a). */
limn_law limn_beta_law(long double a, long double b);
limn_law limn_gamma_law(long double a);

/* The abscissa with these logarithms of both tails (finite); the smaller tail is matched. */
long double limn_tails_solve(const limn_law *law, long double lower, long double upper,
                             long double start);

#endif
