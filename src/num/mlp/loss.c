/* loss.c: the losses of one data point and their derivatives by the outputs. */
#include "num/mlp/loss.h"
#include <math.h>

/* log sum_o exp f_o - sum_o y_o f_o for targets y that sum to 1, and softmax(f) - y. */
static double softmax(const double *f, const double *y, size_t outputs, double *d) {
  double most = f[0];
  for (size_t o = 1; o < outputs; o++) most = f[o] > most || f[o] != f[o] ? f[o] : most;
  double sum = exp(f[0] - most), along = y[0] * (f[0] - most);
  for (size_t o = 1; o < outputs; o++) sum += exp(f[o] - most), along += y[o] * (f[o] - most);
  for (size_t o = 0; o < outputs && d; o++) d[o] = exp(f[o] - most) / sum - y[o];
  return log(sum) - along;
}

/* The losses that are sums over outputs: the term of one output. */
static double term(limn_mlp_loss loss, double f, double y, double *d) {
  double z = y * f;
  switch (loss) {
  case LIMN_LOSS_LOGISTIC:
    *d = -y / (1 + exp(z));
    return log1p(exp(-fabs(z))) + (z < 0 ? -z : z != z ? z : 0);
  case LIMN_LOSS_HINGE:
    *d = z >= 1 ? 0 : -y;
    return z >= 1 ? 0 : 1 - z;
  case LIMN_LOSS_EXPONENTIAL:
    *d = -y * exp(-z);
    return exp(-z);
  case LIMN_LOSS_LINEAR:
    *d = y;
    return z;
  case LIMN_LOSS_MSE:
  case LIMN_LOSS_SOFTMAX:
    break;
  }
  *d = f - y;
  return 0.5 * *d * *d;
}

double limn_mlp_add_loss(double total, limn_mlp_loss loss, const double *f, const double *y,
                         size_t outputs, double *d) {
  if (loss == LIMN_LOSS_SOFTMAX) return total + softmax(f, y, outputs, d);
  double slope;
  for (size_t o = 0; o < outputs; o++) {
    total += term(loss, f[o], y[o], &slope);
    if (d) d[o] = slope;
  }
  return total;
}
