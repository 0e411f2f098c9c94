/* vocabulary.h: the words that options accept ("relu", "adam", "bits"), one table per vocabulary.
 *
 * A row is X(enumerator, "word", "one line of help"). The enumeration, the names in C (below), the
 * words that Lua functions accept and list in errors, help, completion and the reference are
 * generated from the table; a new word needs one row here, and its numerics. Values count from 0 in
 * the order of the rows. Files of nets store some values: append new rows at the end. */
#ifndef LIMN_VOCABULARY_H
#define LIMN_VOCABULARY_H

#include <stddef.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */

/* Activations; Y: for kernels of infinitely wide nets only; Z: for nets only; W: for nets, not
 * selected by a word. */
#define LIMN_ACTIVATION_ROWS(X, Y, Z, W)                                                           \
  X(LIMN_PHI_RELU, "relu", "max(x, 0)")                                                            \
  X(LIMN_PHI_TANH, "tanh", "tanh x")                                                               \
  X(LIMN_PHI_ERF, "erf", "erf x")                                                                  \
  X(LIMN_PHI_GELU, "gelu", "x Phi(x), Phi the normal distribution function")                       \
  X(LIMN_PHI_SIN, "sin", "sin x")                                                                  \
  X(LIMN_PHI_LINEAR, "linear", "x")                                                                \
  Y(LIMN_PHI_STEP, "step", "1 for x > 0, else 0; NNGP only")                                       \
  Z(LIMN_PHI_LEAKY, "leaky_relu", "x for x > 0, else x/100")                                       \
  Z(LIMN_PHI_ELU, "elu", "x for x > 0, else exp(x) - 1")                                           \
  Z(LIMN_PHI_SOFTPLUS, "softplus", "log(1 + exp(x))")                                              \
  Z(LIMN_PHI_SILU, "silu", "x/(1 + exp(-x))")                                                      \
  Z(LIMN_PHI_SIGMOID, "sigmoid", "1/(1 + exp(-x)), a smooth step")                                 \
  Z(LIMN_PHI_QUADRATIC, "quadratic", "x^2")                                                        \
  Z(LIMN_PHI_HERMITE2, "hermite2", "(x^2 - 1)/sqrt(2), E phi(N)^2 = 1")                            \
  Z(LIMN_PHI_HERMITE3, "hermite3", "(x^3 - 3 x)/sqrt(6), E phi(N)^2 = 1")                          \
  W(LIMN_PHI_FUNCTION, "function", "a function of the caller's")

/* Initial distributions of the parameters; Y: not selected by a word. */
#define LIMN_INIT_ROWS(X, Y)                                                                       \
  X(LIMN_INIT_HE, "he", "N(0, 2/fan_in), biases 0")                                                \
  X(LIMN_INIT_LECUN, "lecun", "N(0, 1/fan_in), biases 0")                                          \
  X(LIMN_INIT_XAVIER, "xavier", "N(0, 2/(fan_in + fan_out)), biases 0")                            \
  X(LIMN_INIT_UNIFORM, "uniform", "U(+-1/sqrt(fan_in)), biases too")                               \
  X(LIMN_INIT_ORTHOGONAL, "orthogonal",                                                            \
    "a random orthonormal frame times sqrt(weight), scaled to weight/fan_in where not square")     \
  Y(LIMN_INIT_CUSTOM, "custom", "N(0, weight/fan_in), biases N(0, bias)")

#define LIMN_PARAMS(X)                                                                             \
  X(LIMN_PARAM_STANDARD, "standard", "W ~ N(0, v/fan_in); the rate is not scaled")                 \
  X(LIMN_PARAM_NTK, "ntk", "W = sqrt(v/fan_in) w, w ~ N(0, 1)")                                    \
  X(LIMN_PARAM_MEANFIELD, "meanfield", "one hidden layer: readout 1/n, rate times n")              \
  X(LIMN_PARAM_MUP, "mup", "maximal update: features change equally at every width")

/* The function at the start of training. */
#define LIMN_STARTS(X)                                                                             \
  X(LIMN_START_RANDOM, "random", "the function of the random initial parameters")                  \
  X(LIMN_START_NONE, "none", "the net minus its initial function: f_0 = 0")                        \
  X(LIMN_START_ANTISYMMETRIC, "antisymmetric",                                                     \
    "(g_1 - g_2)/sqrt(2) of two nets with equal initial parameters: f_0 = 0")

#define LIMN_OPTIMIZERS(X)                                                                         \
  X(LIMN_MLP_GD, "gd", "w -= rate g")                                                              \
  X(LIMN_MLP_MOMENTUM, "momentum", "u = momentum u + g; w -= rate u")                              \
  X(LIMN_MLP_ADAM, "adam", "Kingma and Ba 2015, beta1 = momentum")                                 \
  X(LIMN_MLP_NESTEROV, "nesterov", "u = momentum u + g; w -= rate (g + momentum u)")               \
  X(LIMN_MLP_SIGN, "sign", "w -= rate sign(g)")                                                    \
  X(LIMN_MLP_LION, "lion", "w -= rate sign(momentum u + (1 - momentum) g); Chen et al. 2023")

/* Constraints on the raw weights w into each unit. */
#define LIMN_CONSTRAINTS(X)                                                                        \
  X(LIMN_CONSTRAINT_MAX_NORM, "max_norm", "|w| <= norm for the weights into each unit")            \
  X(LIMN_CONSTRAINT_NORM, "norm", "|w| = norm for the weights into each unit")                     \
  X(LIMN_CONSTRAINT_NONNEGATIVE, "nonnegative", "w >= 0")

/* Losses; Y: not selected by a word. */
#define LIMN_LOSS_ROWS(X, Y)                                                                       \
  X(LIMN_LOSS_MSE, "mse", "|f - y|^2/2")                                                           \
  X(LIMN_LOSS_LOGISTIC, "logistic", "log(1 + exp(-y f)), y = -1 or 1")                             \
  X(LIMN_LOSS_SOFTMAX, "softmax", "cross-entropy -log softmax(f)_y, y = 1 .. outputs")             \
  X(LIMN_LOSS_HINGE, "hinge", "max(0, 1 - y f), y = -1 or 1")                                      \
  X(LIMN_LOSS_EXPONENTIAL, "exponential", "exp(-y f), y = -1 or 1")                                \
  Y(LIMN_LOSS_LINEAR, "linear", "y.f: the targets are the derivatives")

/* Why training stopped. */
#define LIMN_REASONS(X)                                                                            \
  X(LIMN_MLP_STEPS, "steps", "all steps were taken")                                               \
  X(LIMN_MLP_TOLERANCE, "tolerance", "the loss is at most tol")                                    \
  X(LIMN_MLP_DIVERGED, "diverged", "the loss exceeded 1e9 max(1, mean y^2) and 1e6 times that at the start")

/* Optimisers for linear features; regress.gd selects among them. */
#define LIMN_DESCENTS(X)                                                                           \
  X(LIMN_GD, "gd", "w -= rate F'(F w - y): all points in every step")                              \
  X(LIMN_MOMENTUM, "momentum", "v = momentum v + gradient; w -= rate v")                           \
  X(LIMN_SGD, "sgd", "batches without replacement; a batch's gradient times points/batch")         \
  X(LIMN_ADAM, "adam", "moments 0.9 and 0.999, epsilon 1e-8")                                      \
  X(LIMN_SIGN_GD, "sign", "w -= rate sign(gradient)")

/* Entries of features; Y: not drawn. */
#define LIMN_KIND_ROWS(X, Y)                                                                       \
  X(LIMN_SIGN, "sign", "-1, 1")                                                                    \
  X(LIMN_BINARY, "binary", "0, 1")                                                                 \
  X(LIMN_GAUSSIAN, "gaussian", "normal")                                                           \
  Y(LIMN_REAL, "real", "entries of a given matrix")

#define LIMN_STORAGES(X)                                                                           \
  X(LIMN_AUTO, "auto", "dense up to 1e6 entries, bits up to 256 MiB, else stream")                 \
  X(LIMN_DENSE, "dense", "doubles")                                                                \
  X(LIMN_BITS, "bits", "one bit per entry; sign and binary features")                              \
  X(LIMN_STREAM, "stream", "not stored: regenerated in every pass")

#define LIMN_LANGUAGES(X)                                                                          \
  X(LIMN_CIRCUITS, "circuits", "gates on wires")                                                   \
  X(LIMN_STACK, "stack", "a stack machine of truth tables")

/* Features of the toy model's theory. */
#define LIMN_THEORY_KINDS(X)                                                                       \
  X(LIMN_THEORY_GAUSSIAN, "gaussian", "normal features, exact at any size")                        \
  X(LIMN_THEORY_SIGN, "sign", "features of -1 and 1")

/* Entries of arrays; Y: not for the parameters of nets. */
#define LIMN_DTYPE_ROWS(X, Y)                                                                      \
  X(LIMN_F64, "f64", "8 bytes per number")                                                         \
  X(LIMN_F32, "f32", "4 bytes per number")                                                         \
  Y(LIMN_I64, "i64", "8 bytes; whole numbers: labels, positions, counts")                          \
  Y(LIMN_BOOL, "bool", "1 byte; 1 and 0: masks")

/* The same tables with all rows. */
#define LIMN_ACTIVATIONS(X) LIMN_ACTIVATION_ROWS(X, X, X, X)
#define LIMN_NET_ACTIVATION_ROWS(X, Y) LIMN_ACTIVATION_ROWS(X, Y, X, Y)
#define LIMN_KERNEL_ACTIVATION_ROWS(X, Y) LIMN_ACTIVATION_ROWS(X, X, Y, Y)
#define LIMN_INITS(X) LIMN_INIT_ROWS(X, X)
#define LIMN_LOSSES(X) LIMN_LOSS_ROWS(X, X)
#define LIMN_KINDS(X) LIMN_KIND_ROWS(X, X)
#define LIMN_DTYPES(X) LIMN_DTYPE_ROWS(X, X)

/* All vocabularies: V(enumerator, "name", table); W with a table of rows X and Y, of which the
 * vocabulary contains the rows X. */
#define LIMN_VOCABULARIES(V, W)                                                                    \
  W(LIMN_WORDS_ACTIVATION, "activation", LIMN_NET_ACTIVATION_ROWS)                                 \
  W(LIMN_WORDS_KERNEL_ACTIVATION, "kernel_activation", LIMN_KERNEL_ACTIVATION_ROWS)                \
  V(LIMN_WORDS_ANY_ACTIVATION, "any_activation", LIMN_ACTIVATIONS)                                 \
  W(LIMN_WORDS_NAMED_INIT, "init", LIMN_INIT_ROWS)                                                 \
  V(LIMN_WORDS_INIT, "any_init", LIMN_INITS)                                                       \
  V(LIMN_WORDS_PARAM, "param", LIMN_PARAMS)                                                        \
  V(LIMN_WORDS_START, "start", LIMN_STARTS)                                                        \
  V(LIMN_WORDS_OPTIMIZER, "optimizer", LIMN_OPTIMIZERS)                                            \
  V(LIMN_WORDS_CONSTRAINT, "constraint", LIMN_CONSTRAINTS)                                         \
  W(LIMN_WORDS_NAMED_LOSS, "loss", LIMN_LOSS_ROWS)                                                 \
  V(LIMN_WORDS_LOSS, "any_loss", LIMN_LOSSES)                                                      \
  V(LIMN_WORDS_REASON, "reason", LIMN_REASONS)                                                     \
  V(LIMN_WORDS_DESCENT, "descent", LIMN_DESCENTS)                                                  \
  W(LIMN_WORDS_DRAWN_KIND, "kind", LIMN_KIND_ROWS)                                                 \
  V(LIMN_WORDS_KIND, "any_kind", LIMN_KINDS)                                                       \
  V(LIMN_WORDS_STORAGE, "storage", LIMN_STORAGES)                                                  \
  V(LIMN_WORDS_LANGUAGE, "language", LIMN_LANGUAGES)                                               \
  V(LIMN_WORDS_THEORY_KIND, "theory_kind", LIMN_THEORY_KINDS)                                      \
  V(LIMN_WORDS_DTYPE, "dtype", LIMN_DTYPES)                                                        \
  W(LIMN_WORDS_PRECISION, "precision", LIMN_DTYPE_ROWS)

/* clang-format on */

/* The body of an enumeration, from a table. */
#define LIMN_ENUMERATOR(id, word, help) id,
#define LIMN_VOCABULARY_ENUMERATOR(id, name, table) id,

typedef enum limn_vocabulary {
  LIMN_VOCABULARIES(LIMN_VOCABULARY_ENUMERATOR, LIMN_VOCABULARY_ENUMERATOR)
} limn_vocabulary;

/* The name of a vocabulary ("activation"), NULL past the last one. */
LIMN_API const char *limn_vocabulary_name(limn_vocabulary v);

/* The number of values of v's enumeration; v need not have a word for each. */
LIMN_API int limn_vocabulary_values(limn_vocabulary v);

/* The word of a value and its line of help; NULL if v has none for it. */
LIMN_API const char *limn_word_name(limn_vocabulary v, int value);
LIMN_API const char *limn_word_help(limn_vocabulary v, int value);

/* The value of a word, -1 if v has no such word. */
LIMN_API int limn_word_value(limn_vocabulary v, const char *name);

#ifdef __cplusplus
}
#endif
#endif
