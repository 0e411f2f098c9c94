/* mlp.h: multilayer perceptrons of any depth, one or many at once: initialise, train, probe.
 *
 * A limn_mlp holds `count` independent nets of one shape; the initial parameters of net r come from
 * the random stream (seed, point, rep + r). Layer l = 0 .. layers-1 maps sizes[l] to sizes[l+1]
 * units:
 *     h = m_l W x + mb_l b,   x' = phi(h)   (no phi after the last layer).
 * The multipliers m_l, mb_l, the initial variances and the scaling of the rates form the
 * parameterisation (abc form of Yang & Hu 2021: W = n^-a w, w ~ N(0, n^-2b), rate n^-c). If
 * v/fan_in is the variance that the initialisation prescribes for h's weights, and n = fan-in
 * (fan-out for the input layer of muP):
 *     standard   m = 1,               w ~ v/fan_in
 *     ntk        m = sqrt(v/fan_in),  w ~ 1;  biases likewise; of variance 0: no biases
 *     meanfield  one hidden layer: m = 1, sqrt(v)/n;  w ~ v/fan_in, 1;  rate times n
 *     mup        m = sqrt(n), 1, 1/sqrt(n);  w ~ v/(fan_in n), v/fan_in, v/fan_in
 * Rates are given as the parameterisation's eta; standard does not scale them (a wide net is stable
 * only with eta of order 1/n). adam, sign and lion normalise the entries of the gradient: a step
 * has the size of its rate at every width. So that functions change equally at every width, and in
 * meanfield and mup features too, their rates have other factors r, in raw parameters w: of the
 * weights of the input, hidden and output layers; of the biases of hidden units and outputs:
 *     standard   1, 1, 1;             1, 1
 *     ntk, mup   n^-1/2, 1/n, n^-1/2; n^-1/2, 1
 *     meanfield  1, 1 (two layers);   1, n^1/2
 * adam's epsilon is multiplied by the size of the gradient's entries as n grows: by the same
 * factors in ntk and mup, by 1/n in meanfield (output bias n^-1/2). Source: Yang & Littwin 2023.
 * alpha multiplies the outputs: large values with rates of order 1/alpha^2 give the lazy regime, in
 * which features do not change, small ones the rich regime (Chizat, Oyallon & Bach 2019).
 *
 * Losses are means over the data points: mse |f - y|^2/2; with y = +-1 logistic log(1 + exp(-y f)),
 * hinge max(0, 1 - y f) and exponential exp(-y f), summed over outputs; softmax log sum_o exp f_o -
 * y.f, y the probabilities of the classes (1 at the label); linear y.f. For mse gradient flow for a
 * time t = rate * steps on a net of fixed tangent kernel Theta with D points gives f_t = y + exp(-t
 * Theta/D)(f_0 - y).
 *
 * Internally weights are stored as effective weights m w; these functions take and return w. Points
 * are rows; all arguments are double, whatever the nets' dtype. */
#ifndef LIMN_MLP_H
#define LIMN_MLP_H

#include <stdbool.h>
#include <stdint.h>
#include "limn/array.h"
#include "limn/kernel.h"
#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { LIMN_MLP_LAYERS = 64 }; /* largest number of weight layers */

typedef enum limn_mlp_init { LIMN_INITS(LIMN_ENUMERATOR) } limn_mlp_init;

typedef enum limn_mlp_param { LIMN_PARAMS(LIMN_ENUMERATOR) } limn_mlp_param;

/* f at the start of training. */
typedef enum limn_mlp_start { LIMN_STARTS(LIMN_ENUMERATOR) } limn_mlp_start;

/* An activation of the caller's, element by element: x[i] = phi(h[i]) and, unless NULL, slope[i] =
 * phi'(h[i]) for n numbers. Called from several threads at once unless limn_threads_get() is 1.
 * After a failure it may give NaN; the parameters of a training are then lost. */
typedef struct limn_mlp_function {
  void (*apply)(void *context, double *x, double *slope, const double *h, size_t n);
  void *context;
} limn_mlp_function;

typedef struct limn_mlp_spec {
  size_t layers; /* weight layers, 1 .. LIMN_MLP_LAYERS */
  size_t sizes[LIMN_MLP_LAYERS + 1];
  limn_phi activation;
  limn_mlp_function function; /* with LIMN_PHI_FUNCTION; copies of the net call it, too */
  limn_mlp_init init;
  double weight, bias; /* variances (times fan_in for weights) of custom and orthogonal */
  double readout;      /* variance (times fan_in) of the last layer's weights; 0: as `weight` */
  double alpha;        /* factor of the outputs, of m and mb of the last layer; 0: 1 */
  limn_mlp_param param;
  bool biases;
  limn_mlp_start start;
  limn_dtype dtype;
  size_t count;
  uint64_t seed, point, rep;
  const uint64_t *seeds; /* (count): net r has the stream (seeds[r], point, rep); or NULL */
  const double *alphas;  /* (count): factors of each net's outputs, with alpha = 0; or NULL */
} limn_mlp_spec;

typedef struct limn_mlp limn_mlp;

typedef enum limn_mlp_optimizer { LIMN_OPTIMIZERS(LIMN_ENUMERATOR) } limn_mlp_optimizer;

/* The parameterisation of one layer. */
typedef struct limn_mlp_layer {
  size_t in, out;
  double multiplier, bias_multiplier; /* m, mb; mb = 0: no biases */
  double deviation, bias_deviation;   /* initial standard deviations of w and b */
  double rate;                        /* factor r of the rates of gd, momentum and nesterov: n^-c */
  double unit_rate, unit_bias_rate;   /* of adam, sign and lion, of weights and biases */
  double gradient, bias_gradient;     /* size of the gradient's entries as the width grows */
} limn_mlp_layer;

/* Fills the first `size` bytes with the default: one net of ReLUs, init "he", the standard
 * parameterisation, biases, f64, seed 1; layers and sizes are 0.
 *   spec   out
 *   size   in   sizeof(limn_mlp_spec) */
LIMN_API void limn_mlp_spec_default(limn_mlp_spec *spec, size_t size);

/* Creates `spec->count` nets and draws their parameters. The same bits for any number of threads.
 *   net     out     the nets; free with limn_mlp_free. Unchanged on failure
 *   spec    in      copied with its lists; zero is a valid choice for every field but layers,
 *                   sizes, count and, with init custom or orthogonal, weight
 *   token   in      cancellation and progress, or NULL
 *
 * Errors: LIMN_EINVAL (names the field: sizes, count, init.weight, init.bias,
 * readout, alpha, alphas, activation, init, param, start, dtype), LIMN_ENOMEM (with the number of
 * bytes), LIMN_ECANCELLED. Source: Yang & Hu 2021 for the parameterisations; Mezzadri 2007 for
 * orthogonal frames. */
LIMN_API limn_status limn_mlp_new(limn_mlp **net, const limn_mlp_spec *spec,
                                  const limn_token *token, limn_err *err);
LIMN_API void limn_mlp_free(limn_mlp *net);
LIMN_API const limn_mlp_spec *limn_mlp_spec_of(const limn_mlp *net);
/* The layer of all nets, without the factors alphas; NULL for a number beyond the last. */
LIMN_API const limn_mlp_layer *limn_mlp_layer_of(const limn_mlp *net, size_t layer);

/* The factor r of the rates of a layer's weights or biases under an optimiser. */
LIMN_API double limn_mlp_rate_factor(const limn_mlp_layer *layer, bool bias,
                                     limn_mlp_optimizer optimizer);

/* Bytes that one limn_mlp of this shape occupies; SIZE_MAX if the number overflows. */
LIMN_API size_t limn_mlp_bytes(const limn_mlp_spec *spec);

/* Steps of training so far; of several nets, those of the net that has made the most. */
LIMN_API uint64_t limn_mlp_steps(const limn_mlp *net);

/* Steps of training of one net, 0 .. count-1. */
LIMN_API uint64_t limn_mlp_steps_of(const limn_mlp *net, size_t member);

/* Copies one net or all.
 *   copy      out   free with limn_mlp_free. Unchanged on failure
 *   net       in
 *   member    in    0 .. count-1: that net only; else all
 *   initial   in    true: the initial parameters, untrained; false: the present ones, with the
 *                   optimiser's moments
 * Errors: LIMN_ENOMEM. */
LIMN_API limn_status limn_mlp_copy(limn_mlp **copy, const limn_mlp *net, size_t member,
                                   bool initial, limn_err *err);

/* Reads the raw parameters of one layer.
 *   w        out   (out,in) weights, or NULL
 *   b        out   (out) biases, 0 where the layer has none, or NULL
 *   net      in
 *   member   in    0 .. count-1
 *   twin     in    0; or 1: the second net of an antisymmetric pair
 *   layer    in    0 .. layers-1, input side first
 * Errors: LIMN_EINVAL (member, twin, layer). */
LIMN_API limn_status limn_mlp_get(double *w, double *b, const limn_mlp *net, size_t member,
                                  size_t twin, size_t layer, limn_err *err);

/* Sets the raw parameters of one layer, and discards the optimiser's moments of all nets.
 *   net      inout
 *   member, twin, layer   in   as above
 *   w        in    (out,in) weights, or NULL: unchanged
 *   b        in    (out) biases, or NULL: unchanged
 * Errors: LIMN_EINVAL (member, twin, layer; bias: the layer has none), LIMN_ENONFINITE (weights or
 * bias, with the entry). */
LIMN_API limn_status limn_mlp_set(limn_mlp *net, size_t member, size_t twin, size_t layer,
                                  const double *w, const double *b, limn_err *err);

/* Outputs at many points, computed in the nets' dtype.
 *   f        out   (count,points,outputs)
 *   net      in
 *   x        in    (points,sizes[0])
 *   points   in    rows of x
 *   token    in    or NULL
 * Errors: LIMN_ESHAPE (X without rows), LIMN_ENONFINITE (X, with the entry), LIMN_ENOMEM,
 * LIMN_ECANCELLED. */
LIMN_API limn_status limn_mlp_forward(double *f, const limn_mlp *net, const double *x,
                                      size_t points, const limn_token *token, limn_err *err);

/* A regular grid of two inputs: x0 + i dx, y0 + j dy. */
typedef struct limn_mlp_grid {
  double x0, dx, y0, dy;
  size_t nx, ny;
} limn_mlp_grid;

/* Outputs of nets with two inputs and one output on a grid. Nets of ReLUs or linear units are
 * affine between their kinks: patches of the grid are computed in a basis of the affine functions
 * and of the units that kink inside, which gives the values of limn_mlp_forward up to rounding for
 * a fraction of the cost.
 *   f       out   (count,ny,nx)
 *   kinks   out   (count) units that kink inside a patch, on average over patches and hidden
 *                 layers (0 when dense); or NULL
 *   net     in
 *   grid    in    nx, ny >= 1
 *   dense   in    true: point by point
 *   token   in    or NULL
 * Errors: LIMN_EINVAL (net: other inputs or outputs; grid), LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_mlp_map(double *f, double *kinks, const limn_mlp *net,
                                  const limn_mlp_grid *grid, bool dense, const limn_token *token,
                                  limn_err *err);

/* ---- training ---- */

typedef enum limn_mlp_loss { LIMN_LOSSES(LIMN_ENUMERATOR) } limn_mlp_loss;

typedef enum limn_mlp_constraint { LIMN_CONSTRAINTS(LIMN_ENUMERATOR) } limn_mlp_constraint;

typedef struct limn_mlp_rule {
  limn_mlp_optimizer optimizer;
  limn_mlp_loss loss;
  double rate;                     /* > 0 */
  double momentum, beta2, epsilon; /* momentum also of nesterov and lion, and adam's beta1; beta2 of
                                      adam and lion */
  size_t batch; /* points per step; 0: all. A new permutation per epoch, the same for all nets that
                   have made equally many steps */
  size_t steps; /* largest number of steps */
  double tolerance; /* a net stops at loss <= tolerance (on all points; with batches checked at the
                       end of a call only); negative: never */
  double rates[LIMN_MLP_LAYERS]; /* factors of the rate by layer; 0 freezes a layer */
  double l2[LIMN_MLP_LAYERS];    /* adds l2 |w|^2/2 to the loss */
  double l1[LIMN_MLP_LAYERS];    /* adds l1 |w|_1 to the loss, by a proximal step: exact zeros */
  double decay[LIMN_MLP_LAYERS]; /* w -= rate decay w beside the optimiser's step, outside its
                                    moments and without r; gd with r = 1: the same as l2 = decay */
  uint64_t seed;                 /* of the permutations and the noise */
  double temperature; /* gd only: adds N(0, 2 eta temperature) to each parameter w of a step that
                         moves by eta g (Langevin dynamics, at rest exp(-loss/temperature)); 0 */
  limn_mlp_constraint constraint; /* each step ends with the projection of the raw weights w */
  double bound[LIMN_MLP_LAYERS];  /* the norm; 0: the layer has no constraint. nonnegative: any
                                     other number */
  const double
      *schedule; /* (steps) factors > 0 of the rate, one for each step of this call; or NULL */
  const double *net_rate, *net_l2, *net_l1, *net_decay; /* (count) factors of each net; or NULL */
  const double *skip; /* (count) nets that are not trained have an entry other than 0; or NULL */
  bool own_targets;   /* y is (count,points,outputs) */
} limn_mlp_rule;

/* Fills the first `size` bytes with the default: gradient descent on the mean squared error, rate
 * 0.1, all points in each step, at most 100000 steps, until loss 1e-6; momentum 0.9, beta2 0.999
 * and epsilon 1e-8 for optimisers that have them; factor 1 of the rate in every layer. rule   out
 *   size   in   sizeof(limn_mlp_rule) */
LIMN_API void limn_mlp_rule_default(limn_mlp_rule *rule, size_t size);

/* Why a net stopped. A net has diverged if its loss exceeds 1e9 max(1, mean y^2) and 1e6 times the
 * largest loss of the nets at their start, on the data of their first training. A net that diverged
 * keeps the parameters whose loss exceeded the limit; if one of them is not finite, the initial
 * parameters are restored. */
typedef enum limn_mlp_reason { LIMN_REASONS(LIMN_ENUMERATOR) } limn_mlp_reason;

typedef struct limn_mlp_outcome {
  double loss;  /* at the present parameters */
  double steps; /* taken in this call */
  limn_mlp_reason reason;
} limn_mlp_outcome;

/* Trains all nets on the same data. src/num/mlp/reference.c defines a step.
 *   net       inout  parameters, moments, step count
 *   outcome   out    (count)
 *   x         in     (points,sizes[0])
 *   y         in     (points,outputs), or with rule->own_targets (count,points,outputs); labels -1
 *                    and 1 for logistic, hinge and exponential; for softmax the probabilities of
 *                    the outputs
 *   points    in     rows of x and y
 *   rule      in
 *   token     in     or NULL
 *
 * The result is the same to the bit for any number of threads and any division of the steps into
 * calls, with two exceptions for plain gradient descent, where a division into calls changes the
 * rounding: on at most 16 points, updates of a layer of 2 MiB or more are applied in groups of four
 * steps that end with the call; on four points of the plane with one hidden layer of 256 ReLUs or
 * more, steps are composed until the end of the call.
 * Errors: LIMN_EINVAL (rate, rates, momentum, beta2, epsilon, batch, l1, l2, decay, bound,
 * schedule, temperature, constraint, optimizer, loss, y), LIMN_ESHAPE, LIMN_ENONFINITE (X, y),
 * LIMN_ECANCELLED (the nets are in the state after some step, outcome is filled), LIMN_ENOMEM (the
 * nets are unchanged, moments included; but of several nets too large to share a vector some may be
 * trained: the others have a loss of NaN in outcome). */
LIMN_API limn_status limn_mlp_train(limn_mlp *net, limn_mlp_outcome *outcome, const double *x,
                                    const double *y, size_t points, const limn_mlp_rule *rule,
                                    const limn_token *token, limn_err *err);

/* ---- plans ---- A plan trains a net by one rule on the same data, in as many calls as needed: the
 * arguments are checked, the algorithm is chosen, and memory is allocated once; small nets stay in
 * the layout of the algorithm from call to call, and return to the net when something reads it. A
 * net with a plan must not be read by several threads at once. */
typedef struct limn_mlp_plan limn_mlp_plan;

/* Creates a plan.
 *   plan     out    free with limn_mlp_plan_free. Unchanged on failure
 *   net      inout  may be freed before the plan, which then cannot run
 *   x, y     in     as for limn_mlp_train; copied
 *   points   in     rows of x and y
 *   rule     in     copied with its lists; `steps` and `schedule` are ignored
 * Errors: as limn_mlp_train. */
LIMN_API limn_status limn_mlp_plan_new(limn_mlp_plan **plan, limn_mlp *net, const double *x,
                                       const double *y, size_t points, const limn_mlp_rule *rule,
                                       limn_err *err);

/* Trains all nets as limn_mlp_train does.
 *   plan      inout
 *   outcome   out    (count)
 *   steps     in     largest number of steps; 0: only the outcome
 *   token     in     or NULL
 * Errors: as limn_mlp_train; LIMN_EINVAL (net: it was freed). */
LIMN_API limn_status limn_mlp_plan_run(limn_mlp_plan *plan, limn_mlp_outcome *outcome, size_t steps,
                                       const limn_token *token, limn_err *err);
LIMN_API void limn_mlp_plan_free(limn_mlp_plan *plan);

/* The name of the algorithm that limn_mlp_train uses for such a call ("groups", "one_hidden",
 * "small", "lanes", "wide"; src/num/mlp/train/choose.c); static storage. */
LIMN_API const char *limn_mlp_algorithm_name(const limn_mlp *net, const limn_mlp_rule *rule,
                                             size_t points);

/* ---- probes (computed in double) ----
 * Errors of all: LIMN_EINVAL (member, layer, loss), LIMN_ESHAPE, LIMN_ENONFINITE (X, y),
 * LIMN_EINVAL (y: labels of the logistic loss), LIMN_ENOMEM. */

/* Activations of one layer.
 *   out       out  (points,sizes[layer])
 *   net       in
 *   member    in   0 .. count-1; of an antisymmetric pair: its first net
 *   layer     in   hidden layer 1 .. layers-1, or `layers`: the outputs
 *   pre       in   true: before phi
 *   initial   in   true: with the parameters at the start
 *   x         in   (points,sizes[0])
 *   points    in   rows of x */
LIMN_API limn_status limn_mlp_activations(double *out, const limn_mlp *net, size_t member,
                                          size_t layer, bool pre, bool initial, const double *x,
                                          size_t points, limn_err *err);

/* The same for all layers at once.
 *   out   out  out[l - 1] (points,sizes[l]) for l = 1 .. layers; the others as above */
LIMN_API limn_status limn_mlp_states(double *const *out, const limn_mlp *net, size_t member,
                                     bool pre, bool initial, const double *x, size_t points,
                                     limn_err *err);

/* Gradient of the mean loss with respect to the raw parameters of one layer, without penalties.
 *   w        out  (out,in), or NULL
 *   b        out  (out), or NULL
 *   net      in
 *   member   in   0 .. count-1; of an antisymmetric pair: its first net
 *   layer    in   0 .. layers-1
 *   x        in   (points,sizes[0])
 *   y        in   (points,outputs)
 *   points   in   rows of x and y
 *   loss     in */
LIMN_API limn_status limn_mlp_gradient(double *w, double *b, const limn_mlp *net, size_t member,
                                       size_t layer, const double *x, const double *y,
                                       size_t points, limn_mlp_loss loss, limn_err *err);

/* The empirical tangent kernel sum df(x)/dtheta df(z)/dtheta, with the rates' factors n^-c. For
 * several outputs: the mean of their kernels.
 *   layers   out  (layers,m,n): one matrix per weight layer with its biases, input side first
 *   net      in
 *   member   in   0 .. count-1
 *   x        in   (m,sizes[0])
 *   m        in   rows of x
 *   z        in   (n,sizes[0]), or NULL: x
 *   n        in   rows of z
 * Source: Jacot, Gabriel & Hongler 2018. */
LIMN_API limn_status limn_mlp_kernel(double *layers, const limn_mlp *net, size_t member,
                                     const double *x, size_t m, const double *z, size_t n,
                                     limn_err *err);

/* ---- files ---- A checkpoint contains shape, present and initial parameters, the optimiser's
 * moments and the step count; little-endian, versioned, checked by a hash. Training continues from
 * it with the same bits. */

/* Writes a checkpoint; on failure the file is unchanged.
 *   net    in
 *   path   in
 * Errors: LIMN_EIO; LIMN_EINVAL (activation: a function of the caller's). */
LIMN_API limn_status limn_mlp_save(const limn_mlp *net, const char *path, limn_err *err);

/* Reads a checkpoint.
 *   net    out   free with limn_mlp_free. Unchanged on failure
 *   path   in
 * Errors: LIMN_EIO, LIMN_EFORMAT (not a checkpoint, damaged, or larger than this machine's memory),
 * LIMN_ENOMEM. */
LIMN_API limn_status limn_mlp_load(limn_mlp **net, const char *path, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
