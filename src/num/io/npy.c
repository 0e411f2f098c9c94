/* npy.c: .npy headers and data; contracts in npy.h. A header is a Python dictionary literal with
 * the keys descr, fortran_order and shape; only such literals are parsed, nothing is evaluated. */
#include "num/io/npy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "num/array/walk.h"
#include "core/core.h"
#include "sys/atomic_file.h"
#include "sys/regular_file.h"

enum { HEADER_MOST = 10000 };

/* ---- parsing the header ---- */

typedef struct text {
  const char *p, *end;
} text;

static void blanks(text *t) {
  while (t->p < t->end && (*t->p == ' ' || *t->p == '\n' || *t->p == '\t' || *t->p == '\r')) t->p++;
}

static bool eat(text *t, char c) {
  blanks(t);
  if (t->p >= t->end || *t->p != c) return false;
  t->p++;
  return true;
}

static bool eat_word(text *t, const char *word) {
  size_t n = strlen(word);
  blanks(t);
  if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0) return false;
  t->p += n;
  return true;
}

/* 'text' or "text" without escapes and NUL, at most size - 1 bytes. */
static bool quoted(text *t, char *out, size_t size) {
  blanks(t);
  if (t->p >= t->end || (*t->p != '\'' && *t->p != '"')) return false;
  char mark = *t->p++;
  size_t n = 0;
  while (t->p < t->end && *t->p != mark) {
    if (*t->p == '\\' || *t->p == '\0' || n + 1 >= size) return false;
    out[n++] = *t->p++;
  }
  out[n] = '\0';
  return t->p++ < t->end;
}

static bool whole(text *t, size_t *out) {
  blanks(t);
  const char *first = t->p;
  size_t n = 0;
  while (t->p < t->end && *t->p >= '0' && *t->p <= '9')
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (size_t)(*t->p++ - '0'), &n))
      return false;
  if (t->p == first || (*first == '0' && t->p - first > 1)) return false;
  if (t->p < t->end && *t->p == 'L') t->p++; /* written by Python 2 */
  *out = n;
  return true;
}

/* (), (3,), (3, 4), ...; the rank may exceed LIMN_MAX_RANK, further dims are not stored. */
static bool shape_tuple(text *t, int *rank, size_t *dims) {
  if (!eat(t, '(')) return false;
  *rank = 0;
  bool comma = true;
  while (!eat(t, ')')) {
    size_t n;
    if (!comma || !whole(t, &n) || *rank >= 64) return false;
    if (*rank < LIMN_MAX_RANK) dims[*rank] = n;
    ++*rank;
    comma = eat(t, ',');
  }
  return *rank != 1 || comma; /* (3) is a number, not a shape */
}

static limn_status dtype_of(limn_npy *npy, const char *descr, const char *name, limn_err *err) {
  bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
  size_t n = strlen(descr);
  bool known = n >= 3 && n <= 4 && strchr("<>|=", descr[0]) && strchr("fiub", descr[1]);
  size_t item = 0;
  for (size_t i = 2; known && i < n; i++) {
    known = descr[i] >= '0' && descr[i] <= '9';
    item = 10 * item + (size_t)(descr[i] - '0');
  }
  if (known) {
    char kind = descr[1];
    known = n == 3 && (kind == 'f'   ? item == 2 || item == 4 || item == 8
                       : kind == 'b' ? item == 1
                                     : item == 1 || item == 2 || item == 4 || item == 8);
    known = known && (descr[0] != '|' || item == 1);
  }
  if (!known)
    return limn_fail(err, LIMN_EUNSUPPORTED,
                     "%s: dtype '%s' is not supported (f2 f4 f8 i1..i8 u1..u8 b1 are)", name,
                     descr);
  npy->kind = descr[1];
  npy->item = item;
  npy->swapped = item > 1 && descr[0] == (little ? '>' : '<');
  npy->dtype = npy->kind == 'f' && item < 8 ? LIMN_F32 : LIMN_F64;
  return LIMN_OK;
}

static limn_status parse(limn_npy *npy, text t, const char *name, limn_err *err) {
  char key[32], descr[64] = "";
  bool has_descr = false, has_order = false, has_shape = false, comma = true;
  int rank = 0;
  if (!eat(&t, '{'))
    return limn_fail(err, LIMN_EFORMAT, "%s: its header is not a dictionary", name);
  while (!eat(&t, '}')) {
    bool ok = comma && quoted(&t, key, sizeof key) && eat(&t, ':');
    if (ok && strcmp(key, "descr") == 0 && !has_descr) {
      has_descr = true;
      blanks(&t);
      if (t.p < t.end && *t.p == '[')
        return limn_fail(err, LIMN_EUNSUPPORTED,
                         "%s: holds records (a structured dtype), which are not supported", name);
      ok = quoted(&t, descr, sizeof descr);
    } else if (ok && strcmp(key, "fortran_order") == 0 && !has_order) {
      has_order = true;
      npy->fortran = eat_word(&t, "True");
      ok = npy->fortran || eat_word(&t, "False");
    } else if (ok && strcmp(key, "shape") == 0 && !has_shape) {
      has_shape = true;
      ok = shape_tuple(&t, &rank, npy->dims);
    } else if (ok) {
      return limn_fail(err, LIMN_EFORMAT, "%s: its header has an unexpected or repeated key '%s'",
                       name, key);
    }
    if (!ok) return limn_fail(err, LIMN_EFORMAT, "%s: its header is malformed", name);
    comma = eat(&t, ',');
  }
  blanks(&t);
  if (t.p != t.end)
    return limn_fail(err, LIMN_EFORMAT, "%s: its header has text after the dictionary", name);
  if (!has_descr || !has_order || !has_shape)
    return limn_fail(err, LIMN_EFORMAT, "%s: its header lacks '%s'", name,
                     !has_descr   ? "descr"
                     : !has_order ? "fortran_order"
                                  : "shape");
  if (rank > LIMN_MAX_RANK)
    return limn_fail(err, LIMN_EUNSUPPORTED, "%s: has %d dimensions, at most %d are supported",
                     name, rank, LIMN_MAX_RANK);
  npy->rank = rank == 0 ? 1 : rank;
  if (rank == 0) npy->dims[0] = 1;
  for (int k = npy->rank; k < LIMN_MAX_RANK; k++) npy->dims[k] = 1;
  return dtype_of(npy, descr, name, err);
}

/* Compares the shape with the number of bytes after the `start` bytes of the header. These were
 * read, so the difference cannot wrap around. */
static limn_status check_length(const limn_npy *npy, size_t start, limn_err *err) {
  const struct limn_npy_source *s = npy->source;
  size_t entries = 1;
  if (!limn_dims_fit(npy->rank, npy->dims, sizeof(double)))
    return limn_fail(err, LIMN_EFORMAT, "%s: its shape does not fit into memory", s->name);
  for (int k = 0; k < npy->rank; k++) entries *= npy->dims[k];
  if (entries * npy->item != s->length - start)
    return limn_fail(err, LIMN_EFORMAT, "%s: its shape needs %zu bytes but %llu follow its header",
                     s->name, entries * npy->item, (unsigned long long)(s->length - start));
  return LIMN_OK;
}

static limn_status header(limn_npy *npy, limn_err *err) {
  struct limn_npy_source *s = npy->source;
  unsigned char head[12];
  char body[HEADER_MOST];
  if (s->read(s->from, head, 10) != 10 || memcmp(head, "\x93NUMPY", 6) != 0)
    return limn_fail(err, LIMN_EFORMAT,
                     "%s: is not a .npy file (it does not start with \\x93NUMPY)", s->name);
  size_t length = head[8] | (size_t)head[9] << 8, start = 10;
  if (head[6] < 1 || head[6] > 3 || head[7] != 0)
    return limn_fail(err, LIMN_EFORMAT,
                     "%s: has format version %d.%d; 1.0, 2.0 and 3.0 are supported", s->name,
                     head[6], head[7]);
  if (head[6] >= 2) {
    if (s->read(s->from, head + 10, 2) != 2)
      return limn_fail(err, LIMN_EFORMAT, "%s: ends in its header", s->name);
    length |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    start = 12;
  }
  if (length > HEADER_MOST)
    return limn_fail(err, LIMN_EFORMAT, "%s: its header has %zu bytes, at most %d are allowed",
                     s->name, length, HEADER_MOST);
  if (s->read(s->from, body, length) != length)
    return limn_fail(err, LIMN_EFORMAT, "%s: ends in its header", s->name);
  limn_status status = parse(npy, (text){body, body + length}, s->name, err);
  if (status != LIMN_OK) return status;
  return check_length(npy, start + length, err);
}

/* Reads an IDX header; the format is in npy.h. */
static limn_status idx_header(limn_npy *npy, limn_err *err) {
  static const struct {
    unsigned char code;
    char kind, item;
  } types[] = {{8, 'u', 1}, {9, 'i', 1}, {11, 'i', 2}, {12, 'i', 4}, {13, 'f', 4}, {14, 'f', 8}};
  struct limn_npy_source *s = npy->source;
  unsigned char head[4] = {1}, dim[4];
  if (s->read(s->from, head, 4) != 4 || head[0] != 0 || head[1] != 0)
    return limn_fail(err, LIMN_EFORMAT,
                     "%s: is not an IDX file (it does not start with two zero bytes)", s->name);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].code == head[2]) npy->kind = types[i].kind, npy->item = (size_t)types[i].item;
  if (npy->item == 0)
    return limn_fail(err, LIMN_EFORMAT, "%s: has the unknown IDX type %02x", s->name, head[2]);
  if (head[3] < 1 || head[3] > LIMN_MAX_RANK)
    return limn_fail(err, LIMN_EFORMAT, "%s: has %d dimensions, 1 to %d are supported", s->name,
                     head[3], LIMN_MAX_RANK);
  npy->rank = head[3];
  for (int k = 0; k < LIMN_MAX_RANK; k++) {
    npy->dims[k] = 1;
    if (k >= npy->rank) continue;
    if (s->read(s->from, dim, 4) != 4)
      return limn_fail(err, LIMN_EFORMAT, "%s: ends in its header", s->name);
    npy->dims[k] = (size_t)dim[0] << 24 | (size_t)dim[1] << 16 | (size_t)dim[2] << 8 | dim[3];
  }
  npy->swapped = npy->item > 1 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
  npy->dtype = npy->kind == 'f' && npy->item == 4 ? LIMN_F32 : LIMN_F64;
  return check_length(npy, 4 + 4 * (size_t)npy->rank, err);
}

typedef limn_status reader(limn_npy *npy, limn_err *err);

static limn_status start(limn_npy **out, const struct limn_npy_source *source, reader *read_header,
                         limn_err *err) {
  limn_npy *npy = limn_alloc(1, sizeof *npy + sizeof *source);
  *out = NULL;
  if (!npy) {
    source->close(source->from);
    return limn_nomem(err, "file", 1, sizeof *npy);
  }
  npy->source = (struct limn_npy_source *)(void *)(npy + 1);
  *npy->source = *source;
  limn_status status = read_header(npy, err);
  if (status == LIMN_OK)
    *out = npy;
  else
    limn_npy_close(npy);
  return status;
}

limn_status limn_npy_start(limn_npy **out, const struct limn_npy_source *source, limn_err *err) {
  return start(out, source, header, err);
}

void limn_npy_close(limn_npy *npy) {
  if (!npy) return;
  npy->source->close(npy->source->from);
  limn_free(npy);
}

/* ---- regular files ---- */

static size_t file_read(void *from, void *to, size_t n) {
  return fread(to, 1, n, from);
}
static void file_close(void *from) {
  fclose(from);
}

static limn_status open_file(limn_npy **out, const char *path, reader *read_header, limn_err *err) {
  int fd;
  uint64_t bytes;
  *out = NULL;
  limn_status status = limn_regular_open(&fd, &bytes, path, err);
  if (status != LIMN_OK) return status;
  FILE *f = fdopen(fd, "rb");
  if (!f) {
    close(fd);
    return limn_nomem(err, "file", 1, BUFSIZ);
  }
  struct limn_npy_source s = {file_read, file_close, NULL, f, bytes, ""};
  snprintf(s.name, sizeof s.name, "%s", path);
  return start(out, &s, read_header, err);
}

limn_status limn_npy_open(limn_npy **out, const char *path, limn_err *err) {
  return open_file(out, path, header, err);
}

/* ---- compressed files, whose contents are unpacked into memory ---- */

typedef struct unpacked {
  char *bytes;
  size_t n, at;
} unpacked;

static size_t unpacked_read(void *from, void *to, size_t n) {
  unpacked *u = from;
  if (n > u->n - u->at) n = u->n - u->at;
  memcpy(to, u->bytes + u->at, n);
  u->at += n;
  return n;
}
static void unpacked_close(void *from) {
  unpacked *u = from;
  limn_free(u->bytes);
  limn_free(u);
}

/* Whether a file begins as those of gzip do; false also if it cannot be read. */
static bool is_compressed(const char *path) {
  int fd;
  limn_err err;
  unsigned char head[2] = {0};
  if (limn_regular_open(&fd, NULL, path, &err) != LIMN_OK) return false;
  bool whole = read(fd, head, 2) == 2;
  close(fd);
  return whole && head[0] == 0x1f && head[1] == 0x8b;
}

static limn_status open_compressed(limn_npy **out, const char *path, reader *read_header,
                                   limn_err *err) {
  *out = NULL;
  unpacked *u = limn_alloc(1, sizeof *u);
  if (!u) return limn_nomem(err, "file", 1, sizeof *u);
  limn_status status = limn_regular_read(&u->bytes, &u->n, path, err);
  if (status != LIMN_OK) {
    unpacked_close(u);
    return status;
  }
  struct limn_npy_source s = {unpacked_read, unpacked_close, NULL, u, u->n, ""};
  snprintf(s.name, sizeof s.name, "%s", path);
  return start(out, &s, read_header, err);
}

limn_status limn_idx_open(limn_npy **out, const char *path, limn_err *err) {
  return is_compressed(path) ? open_compressed(out, path, idx_header, err)
                             : open_file(out, path, idx_header, err);
}

/* ---- numbers ---- */

static double half(uint16_t h) {
  int e = h >> 10 & 31, m = h & 1023;
  double x = e == 31 ? (m ? NAN : INFINITY) : e == 0 ? ldexp(m, -24) : ldexp(m + 1024, e - 25);
  return h & 0x8000 ? -x : x;
}

/* Whether a whole number, of which x is the nearest double, is equal to x. */
static bool exact_signed(double x, int64_t of) {
  return x < 0x1p63 && (int64_t)x == of;
}
static bool exact_unsigned(double x, uint64_t of) {
  return x < 0x1p64 && (uint64_t)x == of;
}

/* Converts n entries of `item` bytes at p to doubles; swaps bytes in place if npy->swapped. Returns
 * the position of the first whole number that no double equals, n without one. */
static size_t decode(double *out, unsigned char *p, size_t n, const limn_npy *npy) {
  size_t item = npy->item;
  if (npy->swapped)
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < item / 2; j++) {
        unsigned char keep = p[i * item + j];
        p[i * item + j] = p[i * item + item - 1 - j];
        p[i * item + item - 1 - j] = keep;
      }
  size_t inexact = n;
#define EACH(type, expression, is_exact)                                                           \
  for (size_t i = 0; i < n; i++) {                                                                 \
    type x;                                                                                        \
    memcpy(&x, p + i * sizeof x, sizeof x);                                                        \
    out[i] = (expression);                                                                         \
    if (!(is_exact) && inexact == n) inexact = i;                                                  \
  }                                                                                                \
  break
  switch (npy->kind << 8 | (int)item) {
  case 'f' << 8 | 8:
    EACH(double, x, true);
  case 'f' << 8 | 4:
    EACH(float, (double)x, true);
  case 'f' << 8 | 2:
    EACH(uint16_t, half(x), true);
  case 'i' << 8 | 8:
    EACH(int64_t, (double)x, exact_signed(out[i], x));
  case 'i' << 8 | 4:
    EACH(int32_t, x, true);
  case 'i' << 8 | 2:
    EACH(int16_t, x, true);
  case 'i' << 8 | 1:
    EACH(int8_t, x, true);
  case 'u' << 8 | 8:
    EACH(uint64_t, (double)x, exact_unsigned(out[i], x));
  case 'u' << 8 | 4:
    EACH(uint32_t, x, true);
  case 'u' << 8 | 2:
    EACH(uint16_t, x, true);
  case 'u' << 8 | 1:
    EACH(uint8_t, x, true);
  default:
    EACH(uint8_t, x != 0, true); /* b1 */
  }
#undef EACH
  return inexact;
}

limn_status limn_npy_read(limn_npy *npy, limn_array *out, limn_err *err) {
  struct limn_npy_source *s = npy->source;
  limn_array v = *out; /* with the strides of the file's order */
  for (int k = 0; npy->fortran && k < out->rank; k++) {
    v.dims[k] = out->dims[out->rank - 1 - k];
    v.stride[k] = out->stride[out->rank - 1 - k];
  }
  limn_cursor c = {&v, 0};
  unsigned char bytes[8 * LIMN_CHUNK];
  double x[LIMN_CHUNK];
  size_t n = limn_array_size(out);
  for (size_t done = 0; done < n; done += LIMN_CHUNK) {
    size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
    if (s->read(s->from, bytes, w * npy->item) != w * npy->item)
      return limn_fail(err, LIMN_EIO, "%s: cannot read all of it", s->name);
    size_t inexact = decode(x, bytes, w, npy);
    if (inexact < w)
      return limn_fail(err, LIMN_EUNSUPPORTED,
                       "%s: entry %zu is a whole number beyond 2^53 that no double equals", s->name,
                       done + inexact + 1);
    limn_cursor_write(&c, x, w);
  }
  if (s->sound && !s->sound(s->from))
    return limn_fail(err, LIMN_EFORMAT, "%s: is damaged (checksum mismatch)", s->name);
  return LIMN_OK;
}

size_t limn_npy_header(char *out, const limn_array *a) {
  static const char kind[] = {
      [LIMN_F64] = 'f', [LIMN_F32] = 'f', [LIMN_I64] = 'i', [LIMN_BOOL] = 'b'};
  char dict[200], order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
  if (a->dtype == LIMN_BOOL) order = '|';
  int n = snprintf(dict, sizeof dict, "{'descr': '%c%c%zu', 'fortran_order': False, 'shape': (",
                   order, kind[a->dtype], limn_dtype_size(a->dtype));
  for (int k = 0; k < a->rank; k++)
    n += snprintf(dict + n, sizeof dict - (size_t)n, k ? ", %zu" : "%zu", a->dims[k]);
  n += snprintf(dict + n, sizeof dict - (size_t)n, a->rank == 1 ? ",), }" : "), }");
  size_t total = ((size_t)n + 10 + 1 + 63) / 64 * 64, length = total - 10;
  memcpy(out, "\x93NUMPY\x01\x00", 8);
  out[8] = (char)(length & 255);
  out[9] = (char)(length >> 8);
  memset(out + 10, ' ', length);
  memcpy(out + 10, dict, (size_t)n);
  out[total - 1] = '\n';
  return total;
}

limn_status limn_npy_write(const char *path, const limn_array *a, limn_err *err) {
  limn_outfile f;
  char head[256];
  double x[LIMN_CHUNK], y[LIMN_CHUNK];
  limn_array part = limn_array_view(a->dtype, 1, (size_t[]){LIMN_CHUNK}, y);
  limn_status status = limn_outfile_open(&f, path, err);
  if (status != LIMN_OK) return status;
  status = limn_outfile_write(&f, head, limn_npy_header(head, a), err);
  size_t n = limn_array_size(a);
  size_t item = limn_dtype_size(a->dtype);
  if (status == LIMN_OK && limn_array_contiguous(a)) {
    status = limn_outfile_write(&f, a->data, n * item, err);
  } else {
    limn_cursor c = {a, 0};
    for (size_t done = 0; done < n && status == LIMN_OK; done += LIMN_CHUNK) {
      size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
      limn_cursor_read(&c, x, w);
      limn_chunk_write(&part, 0, 1, w, x);
      status = limn_outfile_write(&f, y, w * item, err);
    }
  }
  if (status == LIMN_OK) return limn_outfile_commit(&f, err);
  limn_outfile_abandon(&f);
  return status;
}
