/* fit.c: diagnostics of a fit: whether it interpolates, and warnings about residual and
 * condition. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "num/regress/core.h"

void limn_fit_judge(limn_fit *fit, double residual, double length_of_y, size_t d, size_t n) {
  fit->residual = residual;
  fit->interpolates = residual <= 1e-9 * length_of_y;
  size_t left = sizeof fit->warning - strlen(fit->warning);
  char *at = fit->warning + strlen(fit->warning);
  if (!fit->interpolates && !*fit->warning)
    snprintf(at, left,
             "no weights fit the labels exactly (rank %llu, %zu points, %zu features): least "
             "squares, residual %.3g",
             (unsigned long long)fit->rank, d, n, residual);
  left = sizeof fit->warning - strlen(fit->warning), at = fit->warning + strlen(fit->warning);
  if (fit->rcond < 1e-7)
    snprintf(at, left,
             "%sill-conditioned (rcond %.1e): a change of the data in the last digit changes the "
             "weights by up to %.0e of their size",
             *fit->warning ? "; " : "", fit->rcond,
             DBL_EPSILON / (fit->rcond > 1e-16 ? fit->rcond : 1e-16));
}
