/* create.c: creation of FeatureSets: checks the specification, allocates and fills the storage. */
#include "num/features/feature_set.h"

#include <math.h>
#include <string.h>

static const uint64_t AUTO_DENSE = 1000000, AUTO_BITS = (uint64_t)1 << 28;

static limn_status check_spec(const limn_features_spec *s, limn_err *err) {
  if ((unsigned)s->kind > LIMN_GAUSSIAN)
    return limn_fail_argument(err, LIMN_EINVAL, "kind", "must be sign, binary or gaussian");
  if (s->points < 1 || s->points > 0x7fffffff)
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must be 1 .. 2^31-1, got %llu",
                              (unsigned long long)s->points);
  if (s->classes < 1 || s->classes > LIMN_MAX_CLASSES)
    return limn_fail_argument(err, LIMN_EINVAL, "classes", "must be 1 .. %d in number, got %d",
                              LIMN_MAX_CLASSES, s->classes);
  uint64_t total = 0, most = (uint64_t)1 << 53;
  for (int k = 0; k < s->classes; k++) {
    const limn_class *c = &s->class_of[k];
    if (c->count > most || (total += c->count) > most)
      return limn_fail_argument(err, LIMN_EINVAL, "count", "must be at most 2^53");
    if (!c->constant && !(fabs(c->rho) <= 1))
      return limn_fail_argument(err, LIMN_EINVAL, "rho", "of class %s must lie in [-1, 1], got %g",
                                c->name, c->rho);
  }
  if (total == 0) return limn_fail_argument(err, LIMN_EINVAL, "count", "must be at least 1, got 0");
  if (s->storage == LIMN_BITS && s->kind == LIMN_GAUSSIAN)
    return limn_fail_argument(err, LIMN_EINVAL, "storage",
                              "bits holds sign and binary features, not gaussian ones");
  if (!limn_word_name(LIMN_WORDS_STORAGE, (int)s->storage))
    return limn_fail_argument(err, LIMN_EINVAL, "storage", "has the unknown value %d",
                              (int)s->storage);
  for (uint64_t i = 0; s->labels && i < s->points; i++)
    if (fabs(s->labels[i]) != 1)
      return limn_fail_entry(err, LIMN_EINVAL, "labels", i, -1, "must be -1 or +1, got %g",
                             s->labels[i]);
  return LIMN_OK;
}

static size_t random_words(const limn_features *f) {
  size_t total = 0;
  for (int k = 0; k < f->classes; k++)
    if (!limn_class_fixed(&f->class_of[k])) total += limn_words(f->class_of[k].count);
  return total;
}

static limn_storage choose_storage(const limn_features *f) {
  if (f->count <= AUTO_DENSE / f->points) return LIMN_DENSE;
  if (f->kind != LIMN_GAUSSIAN && random_words(f) <= AUTO_BITS / 8 / f->points) return LIMN_BITS;
  return LIMN_STREAM;
}

/* Allocates the memory of the chosen storage before anything is computed. */
static limn_status reserve(limn_features *f, limn_err *err) {
  size_t entries, words = random_words(f);
  if (f->storage == LIMN_DENSE) {
    if (limn_mul_overflows(f->points, f->count, &entries) ||
        !(f->dense = limn_alloc(entries, sizeof *f->dense)))
      return limn_nomem(err, "dense storage; try storage stream", f->points, f->count * 8);
  } else if (f->storage == LIMN_BITS) {
    if (limn_mul_overflows(words, f->points, &entries) ||
        !(f->bits = limn_alloc(entries ? entries : 1, sizeof *f->bits)))
      return limn_nomem(err, "bit storage; try storage stream", f->points, words * 8);
  }
  return LIMN_OK;
}

static limn_status fill_bits(limn_features *f, const limn_token *token, limn_err *err) {
  size_t at = 0;
  for (int k = 0; k < f->classes; k++) {
    const limn_class *c = &f->class_of[k];
    if (limn_class_fixed(c)) continue;
    f->bits_at[k] = at;
    for (uint64_t i = 0; i < f->points; i++) {
      if (limn_tick(token, (double)i, (double)f->points)) return limn_stopped(err);
      limn_sign_bits(f, k, i, 0, limn_words(c->count) / 2, f->bits + at + i * limn_words(c->count));
    }
    at += f->points * limn_words(c->count);
  }
  return LIMN_OK;
}

/* Fills the storage; during this the set is read as a stream. */
static limn_status fill(limn_features *f, const limn_token *token, limn_err *err) {
  limn_storage storage = f->storage;
  limn_status st = LIMN_OK;
  f->storage = LIMN_STREAM;
  if (storage == LIMN_DENSE)
    st = limn_features_columns(f->dense, f->count, f, 0, f->count, token, err);
  if (storage == LIMN_BITS) st = fill_bits(f, token, err);
  f->storage = storage;
  return st;
}

void limn_features_spec_default(limn_features_spec *spec, size_t size) {
  limn_features_spec all = {.kind = LIMN_SIGN, .storage = LIMN_AUTO, .seed = 1};
  memcpy(spec, &all, size < sizeof all ? size : sizeof all);
}

limn_status limn_features_new(limn_features **out, const limn_features_spec *spec,
                              const limn_token *token, limn_err *err) {
  *out = NULL;
  limn_status st = check_spec(spec, err);
  if (st != LIMN_OK) return st;
  limn_features *f = limn_alloc(1, sizeof *f);
  if (!f) return limn_nomem(err, "the set", 1, sizeof *f);
  f->kind = spec->kind;
  f->points = spec->points;
  f->classes = spec->classes;
  limn_key base = limn_key_of(spec->seed, spec->point, spec->rep, LIMN_FOR_FEATURES);
  for (int k = 0; k < spec->classes; k++) {
    f->class_of[k] = spec->class_of[k];
    f->class_of[k].first = f->count;
    f->count += spec->class_of[k].count;
    f->key_of[k] = base;
    f->key_of[k].salt ^= (uint32_t)k * 0x9E3779B9u; /* a separate salt per class */
  }
  f->storage = spec->storage == LIMN_AUTO ? choose_storage(f) : spec->storage;
  st = reserve(f, err);
  double *labels = st == LIMN_OK ? limn_alloc(f->points, sizeof *labels) : NULL;
  f->labels = labels;
  if (!labels) {
    if (st == LIMN_OK) st = limn_nomem(err, "labels", f->points, sizeof *labels);
    limn_features_free(f);
    return st;
  }
  if (spec->labels)
    memcpy(labels, spec->labels, f->points * sizeof *labels);
  else {
    limn_rng r =
        limn_rng_start(limn_key_of(spec->seed, spec->point, spec->rep, LIMN_FOR_LABELS), 0);
    limn_rng_fill_sign(&r, labels, f->points);
  }
  st = fill(f, token, err);
  if (st != LIMN_OK) {
    limn_features_free(f);
    return st;
  }
  *out = f;
  return LIMN_OK;
}

limn_status limn_features_from(limn_features **out, const double *x, uint64_t points,
                               uint64_t count, const double *labels, const limn_class *class_of,
                               int classes, limn_err *err) {
  *out = NULL;
  size_t entries;
  if (points == 0 || count == 0 || limn_mul_overflows(points, count, &entries))
    return limn_fail_argument(err, LIMN_EINVAL, "X", "must not be empty, got %llu x %llu",
                              (unsigned long long)points, (unsigned long long)count);
  for (size_t i = 0; i < entries; i++)
    if (!isfinite(x[i])) return limn_not_finite(err, "X", i / count, i % count, x[i]);
  for (uint64_t i = 0; labels && i < points; i++)
    if (!isfinite(labels[i])) return limn_not_finite(err, "labels", i, -1, labels[i]);
  if (classes < 0 || classes > LIMN_MAX_CLASSES)
    return limn_fail_argument(err, LIMN_EINVAL, "classes", "must be at most %d in number, got %d",
                              LIMN_MAX_CLASSES, classes);
  uint64_t next = 0;
  for (int k = 0; k < classes; k++) {
    if (class_of[k].first != next)
      return limn_fail_argument(err, LIMN_EINVAL, "classes",
                                "must cover the columns in order without gaps; %s begins at "
                                "column %llu, expected %llu",
                                class_of[k].name, (unsigned long long)class_of[k].first + 1,
                                (unsigned long long)next + 1);
    next += class_of[k].count;
  }
  if (classes > 0 && next != count)
    return limn_fail_argument(err, LIMN_EINVAL, "classes",
                              "must cover all columns, but cover %llu of %llu",
                              (unsigned long long)next, (unsigned long long)count);
  limn_features *f = limn_alloc(1, sizeof *f);
  if (!f) return limn_nomem(err, "the set", 1, sizeof *f);
  f->kind = LIMN_REAL;
  f->storage = LIMN_DENSE;
  f->points = points;
  f->count = count;
  f->classes = classes ? classes : 1;
  if (classes)
    memcpy(f->class_of, class_of, (size_t)classes * sizeof *class_of);
  else
    f->class_of[0] = (limn_class){.name = "all", .count = count};
  for (int k = 0; k < f->classes; k++) f->class_of[k].rho = NAN;
  f->dense = limn_alloc(entries, sizeof *f->dense);
  if (labels) f->labels = limn_alloc(points, sizeof *f->labels);
  if (!f->dense || (labels && !f->labels)) {
    limn_features_free(f);
    return limn_nomem(err, "a copy of the matrix", points, count * 8);
  }
  memcpy(f->dense, x, entries * sizeof *x);
  if (labels) memcpy(f->labels, labels, points * sizeof *labels);
  *out = f;
  return LIMN_OK;
}

void limn_features_free(limn_features *f) {
  if (!f) return;
  limn_free(f->labels);
  limn_free(f->dense);
  limn_free(f->bits);
  limn_free(f);
}

uint64_t limn_features_points(const limn_features *f) {
  return f->points;
}
uint64_t limn_features_count(const limn_features *f) {
  return f->count;
}
limn_kind limn_features_kind(const limn_features *f) {
  return f->kind;
}
limn_storage limn_features_storage(const limn_features *f) {
  return f->storage;
}
const double *limn_features_labels(const limn_features *f) {
  return f->labels;
}
int limn_features_classes(const limn_features *f) {
  return f->classes;
}
const limn_class *limn_features_class(const limn_features *f, int k) {
  return k >= 0 && k < f->classes ? &f->class_of[k] : NULL;
}

uint64_t limn_features_bytes(const limn_features *f) {
  uint64_t bytes = sizeof *f + (f->labels ? f->points * 8 : 0);
  if (f->dense) bytes += f->points * f->count * 8;
  if (f->bits) bytes += f->points * random_words(f) * 8;
  return bytes;
}
