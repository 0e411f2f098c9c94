/* sample.h: what the parts of the O(1) engine have in common. Not installed. */
#ifndef LIMN_THEORY_SAMPLE_H
#define LIMN_THEORY_SAMPLE_H

#include "core/core.h"
#include "limn/theory.h"

/* (W + ridge)^-1 along one fixed direction, W = F F' with F a (points, count) normal matrix:
 * G = 1/(ridge + X). Fills X and its derivative by the ridge. Draws from rng. O(depth) time, memory
 * grown in *scratch (doubles, *room of them; the caller frees it with limn_free). */
limn_status limn_theory_ridge_draw(double *x, double *slope, double points, double count,
                                   double ridge, limn_rng *rng, double **scratch, size_t *room,
                                   const limn_token *token, limn_err *err);

/* pi with sum_k count_k v_k/(v_k + eta) = rows: the fraction of each feature's direction that
 * `rows` further data points take up, v_k its variance there. */
void limn_theory_taken(double *taken, const double *count, const double *variance, int classes,
                       double rows);

#endif
