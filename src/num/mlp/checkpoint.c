/* checkpoint.c: checkpoint files: "LIMNMLP1", a header of fixed size, the parameters of each block
 * without padding (now, start, and the moments if any), then a hash of all that. Little-endian;
 * floats are IEEE 754. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "num/mlp/net.h"
#include "sys/atomic_file.h"
#include "sys/regular_file.h"

/* Version 2 has the factor alpha of the outputs after the header; version 3 also the lists seeds
 * and alphas, each after a word that is 1 if it is there; version 4 also the lists steps and since,
 * which are the header's for every net in the others. A file has the lowest version that suffices.
 */
enum { VERSION = 1, VERSION_ALPHA = 2, VERSION_LISTS = 3, VERSION_STEPS = 4 };

typedef struct {
  char magic[8];
  uint32_t version, order; /* order: 0x01020304 */
  uint64_t layers, sizes[LIMN_MLP_LAYERS + 1], count, seed, point, rep, steps, since;
  int32_t activation, init, param, biases, start, dtype, optimizer, moments;
  double weight, bias, readout;
} head;

/* A multiplicative hash over 8-byte words; detects damage, not tampering. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n) {
  const unsigned char *p = bytes;
  for (size_t i = 0; i < n; i += 8) {
    uint64_t word = 0;
    memcpy(&word, p + i, n - i < 8 ? n - i : 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  return hash;
}

/* A file that is written (out) or read (in), with the hash of all bytes so far. */
typedef struct {
  limn_outfile *out;
  FILE *in;
  uint64_t hash;
  const char *path;
  limn_err *err;
} stream;

static limn_status pass(stream *s, void *bytes, size_t n) {
  if (s->out) {
    s->hash = mix(s->hash, bytes, n);
    return limn_outfile_write(s->out, bytes, n, s->err);
  }
  if (fread(bytes, 1, n, s->in) != n) {
    if (ferror(s->in)) return limn_fail(s->err, LIMN_EIO, "%s: %s", s->path, strerror(errno));
    return limn_fail(s->err, LIMN_EFORMAT, "%s is truncated", s->path);
  }
  s->hash = mix(s->hash, bytes, n);
  return LIMN_OK;
}

/* Reads or writes one array of parameters, row by row. */
static limn_status pass_array(stream *s, const limn_mlp *net, void *array) {
  limn_dtype t = net->spec.dtype;
  limn_status st = LIMN_OK;
  for (size_t b = 0; b < net->blocks; b++)
    for (size_t l = 0; l < net->spec.layers && !st; l++) {
      const limn_mlp_layer *a = &net->layer[l];
      for (size_t i = 0; i < a->in && !st; i++)
        st = pass(s, limn_at(array, t, b * net->block + net->w_at[l] + i * net->ld[l]),
                  a->out * limn_real(t));
      if (!st)
        st = pass(s, limn_at(array, t, b * net->block + net->b_at[l]), a->out * limn_real(t));
    }
  return st;
}

static limn_status pass_arrays(stream *s, const limn_mlp *net) {
  void *all[] = {net->now, net->start, net->u, net->v};
  limn_status st = LIMN_OK;
  for (size_t k = 0; k < 4 && !st; k++)
    if (all[k]) st = pass_array(s, net, all[k]);
  return st;
}

/* Reads or writes a list of n words of 8 bytes, or that there is none. A list that is read is
 * allocated. */
static limn_status pass_list(stream *s, void **list, size_t n) {
  uint64_t there = *list != NULL;
  limn_status st = pass(s, &there, sizeof there);
  if (st || !there) return st;
  if (there > 1) return limn_fail(s->err, LIMN_EFORMAT, "%s has an invalid header", s->path);
  if (!*list) *list = limn_alloc(n, 8);
  return *list ? pass(s, *list, n * 8) : limn_nomem(s->err, "a list of the nets", n, 8);
}

/* The number of lists in a file of this version. */
static size_t lists_of(uint32_t version) {
  return version >= VERSION_STEPS ? 4 : version == VERSION_LISTS ? 2 : 0;
}

limn_status limn_mlp_save(const limn_mlp *net, const char *path, limn_err *err) {
  const limn_mlp_spec *s = &net->spec;
  head h;
  limn_mlp_settle(net);
  if (s->activation == LIMN_PHI_FUNCTION)
    return limn_fail_argument(err, LIMN_EINVAL, "activation",
                              "a function cannot be stored in a checkpoint");
  memset(&h, 0, sizeof h); /* padding bytes too, so that equal nets give equal files */
  memcpy(h.magic, "LIMNMLP1", 8);
  bool lists = s->seeds || s->alphas, same = limn_mlp_in_step(net);
  for (size_t r = 1; r < s->count; r++) same = same && net->since[r] == net->since[0];
  h.version = !same          ? VERSION_STEPS
              : lists        ? VERSION_LISTS
              : s->alpha > 0 ? VERSION_ALPHA
                             : VERSION;
  h.order = 0x01020304;
  h.layers = s->layers, h.count = s->count;
  for (size_t l = 0; l <= s->layers; l++) h.sizes[l] = s->sizes[l];
  h.seed = s->seed, h.point = s->point, h.rep = s->rep, h.steps = limn_mlp_steps(net),
  h.since = net->since[0];
  h.activation = (int32_t)s->activation, h.init = (int32_t)s->init, h.param = (int32_t)s->param;
  h.biases = s->biases, h.start = (int32_t)s->start, h.dtype = (int32_t)s->dtype;
  h.optimizer = (int32_t)net->optimizer, h.moments = (net->u != NULL) + (net->v != NULL);
  h.weight = s->weight, h.bias = s->bias, h.readout = s->readout;
  limn_outfile file;
  limn_status st = limn_outfile_open(&file, path, err);
  if (st) return st;
  stream out = {.out = &file, .path = path, .err = err};
  st = pass(&out, &h, sizeof h);
  double alpha = s->alpha;
  if (!st && h.version >= VERSION_ALPHA) st = pass(&out, &alpha, sizeof alpha);
  void *list[] = {net->seeds, net->alphas, net->steps, net->since};
  for (size_t k = 0; k < lists_of(h.version) && !st; k++) st = pass_list(&out, &list[k], s->count);
  if (!st) st = pass_arrays(&out, net);
  uint64_t hash = out.hash;
  if (!st) st = limn_outfile_write(&file, &hash, sizeof hash, err);
  if (!st) return limn_outfile_commit(&file, err);
  limn_outfile_abandon(&file);
  return st;
}

/* Whether the values of a header are those of a net that limn can write; each alone and together:
 * the moments belong to the optimiser, or were dropped, and none was begun after the last step. */
static bool possible(const head *h, double alpha) {
  if (!limn_word_name(LIMN_WORDS_ANY_ACTIVATION, h->activation) ||
      h->activation == LIMN_PHI_FUNCTION || !limn_word_name(LIMN_WORDS_INIT, h->init) ||
      !limn_word_name(LIMN_WORDS_PARAM, h->param) || !limn_word_name(LIMN_WORDS_START, h->start) ||
      !limn_word_name(LIMN_WORDS_PRECISION, h->dtype) ||
      !limn_word_name(LIMN_WORDS_OPTIMIZER, h->optimizer))
    return false;
  bool first = h->optimizer != LIMN_MLP_GD && h->optimizer != LIMN_MLP_SIGN;
  int32_t moments = h->optimizer == LIMN_MLP_ADAM ? 2 : first;
  return h->layers >= 1 && h->layers <= LIMN_MLP_LAYERS &&
         (h->moments == 0 || h->moments == moments) && (h->biases & ~1) == 0 &&
         h->since <= h->steps && isfinite(h->weight) && isfinite(h->bias) && isfinite(h->readout) &&
         isfinite(alpha) && alpha >= 0;
}

/* Likewise, of the lists. */
static bool possible_lists(const limn_mlp *net) {
  for (size_t r = 0; r < net->spec.count; r++)
    if (net->since[r] > net->steps[r] ||
        (net->alphas && !(isfinite(net->alphas[r]) && net->alphas[r] > 0)))
      return false;
  return true;
}

/* The header, and the spec that it describes. */
static limn_status read_head(limn_mlp_spec *spec, head *header, stream *in) {
  const char *path = in->path;
  limn_err *err = in->err;
  head h;
  limn_status st = pass(in, &h, sizeof h);
  if (st) return st;
  if (memcmp(h.magic, "LIMNMLP1", 8) != 0)
    return limn_fail(err, LIMN_EFORMAT, "%s is not a checkpoint of limn", path);
  if (h.order != 0x01020304)
    return limn_fail(err, LIMN_EFORMAT, "%s was written on a machine of the other byte order",
                     path);
  if (h.version < VERSION || h.version > VERSION_STEPS)
    return limn_fail(err, LIMN_EFORMAT, "%s has format version %u, this limn reads versions to %d",
                     path, h.version, VERSION_STEPS);
  double alpha = 0;
  if (h.version >= VERSION_ALPHA) st = pass(in, &alpha, sizeof alpha);
  if (st) return st;
  if (!possible(&h, alpha)) return limn_fail(err, LIMN_EFORMAT, "%s has an invalid header", path);
  *header = h;
  *spec = (limn_mlp_spec){.layers = h.layers,
                          .activation = (limn_phi)h.activation,
                          .init = (limn_mlp_init)h.init,
                          .weight = h.weight,
                          .bias = h.bias,
                          .readout = h.readout,
                          .alpha = alpha,
                          .param = (limn_mlp_param)h.param,
                          .biases = h.biases != 0,
                          .start = (limn_mlp_start)h.start,
                          .dtype = (limn_dtype)h.dtype,
                          .count = h.count,
                          .seed = h.seed,
                          .point = h.point,
                          .rep = h.rep};
  for (size_t l = 0; l <= spec->layers; l++) spec->sizes[l] = h.sizes[l];
  return LIMN_OK;
}

/* Bytes that the weights of such nets take in a file, present, initial and moments; a double, since
 * the sizes of a header may overflow. */
static double bytes_of(const limn_mlp_spec *spec, const head *h) {
  double weights = 0;
  for (size_t l = 0; l < spec->layers; l++)
    weights += (double)spec->sizes[l] * (double)spec->sizes[l + 1];
  return weights * (double)spec->count * (double)limn_real(spec->dtype) * (2 + h->moments);
}

static limn_status read_net(limn_mlp **out, stream *in, uint64_t length, const char *path,
                            limn_err *err) {
  head h = {.layers = 0};
  limn_mlp_spec spec = {.layers = 0};
  limn_status st = read_head(&spec, &h, in);
  if (st) return st;
  if (bytes_of(&spec, &h) > (double)length) /* before memory is taken for them */
    return limn_fail(err, LIMN_EFORMAT, "%s is damaged: it is shorter than its nets", path);
  limn_mlp *net;
  st = limn_mlp_allocate(&net, &spec, err);
  if (st == LIMN_EINVAL ||
      st == LIMN_ENOMEM) /* the error names arguments, which the caller did not pass */
    return limn_fail(err, LIMN_EFORMAT,
                     "%s has an invalid header, or nets larger than this machine's memory", path);
  if (st) return st;
  void *list[] = {NULL, NULL, net->steps, net->since};
  for (size_t r = 0; r < spec.count; r++) net->steps[r] = h.steps, net->since[r] = h.since;
  for (size_t k = 0; k < lists_of(h.version) && !st; k++) st = pass_list(in, &list[k], spec.count);
  net->spec.seeds = net->seeds = list[0], net->spec.alphas = net->alphas = list[1];
  if (!st && !possible_lists(net))
    st = limn_fail(err, LIMN_EFORMAT, "%s is damaged: its lists are not those of a net", path);
  if (st) return limn_mlp_free(net), st;
  net->optimizer = (limn_mlp_optimizer)h.optimizer;
  size_t numbers = net->blocks * net->block, size = limn_real(spec.dtype);
  if (h.moments > 0) net->u = limn_alloc(numbers, size);
  if (h.moments > 1) net->v = limn_alloc(numbers, size);
  if ((h.moments > 0 && !net->u) || (h.moments > 1 && !net->v))
    st = limn_nomem(err, "moments", numbers, size);
  if (!st) st = pass_arrays(in, net);
  uint64_t hash = in->hash, found;
  if (!st) st = pass(in, &found, sizeof found);
  if (!st && found != hash)
    st = limn_fail(err, LIMN_EFORMAT, "%s is damaged: its hash does not match", path);
  if (!st && fgetc(in->in) != EOF)
    st = limn_fail(err, LIMN_EFORMAT, "%s has extra bytes after the end of the checkpoint", path);
  if (st) return limn_mlp_free(net), st;
  *out = net;
  return LIMN_OK;
}

limn_status limn_mlp_load(limn_mlp **net, const char *path, limn_err *err) {
  int fd;
  uint64_t length;
  limn_status st = limn_regular_open(&fd, &length, path, err);
  if (st != LIMN_OK) return st;
  FILE *f = fdopen(fd, "rb");
  if (!f) {
    close(fd);
    return limn_nomem(err, "file", 1, BUFSIZ);
  }
  stream in = {.in = f, .path = path, .err = err};
  st = read_net(net, &in, length, path, err);
  fclose(f);
  return st;
}
