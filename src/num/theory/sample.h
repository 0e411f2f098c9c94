/* sample.h: functions shared by the files of the O(1) sampler. Not installed. */
#ifndef LIMN_THEORY_SAMPLE_H
#define LIMN_THEORY_SAMPLE_H

#include "core/core.h"
#include "limn/theory.h"

/* (W + ridge)^-1 along one fixed direction, W = F F' with F a (points, count) normal matrix: G =
 * 1/(ridge + X). Computes X and its derivative with respect to the ridge, from draws of rng.
 * O(depth) time; memory in *scratch (*room doubles), which grows and which the caller frees with
 * limn_free. */
limn_status limn_theory_ridge_draw(double *x, double *slope, double points, double count,
                                   double ridge, limn_rng *rng, double **scratch, size_t *room,
                                   const limn_token *token, limn_err *err);

/* pi with sum_k count_k v_k/(v_k + eta) = rows, v_k the variance of class k along a feature's
 * direction: the fraction of each feature's direction spanned by `rows` further data points. */
void limn_theory_taken(double *taken, const double *count, const double *variance, int classes,
                       double rows);

#endif
