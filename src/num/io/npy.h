/* npy.h: numpy's .npy files (format 1 to 3) and .npz archives, read and written. Internal.
 *
 * Files are not trusted: sizes are multiplied with overflow checks and compared with the length of
 * the file before anything is allocated; the header may have 10 000 bytes. Real numbers, integers
 * and booleans of either byte order, C and Fortran order, rank 0 (read as one entry) to 3. float16
 * and float32 become f32, all others f64 (64-bit integers are rounded to the nearest double).
 * Objects, records, strings, dates, complex and long double numbers are refused. Failures are
 * LIMN_EIO (the system) or LIMN_EFORMAT (the content), and the text names the file. */
#ifndef LIMN_NPY_H
#define LIMN_NPY_H

#include "limn/array.h"

typedef struct limn_npy {
  limn_dtype dtype; /* what it is read as */
  int rank;
  size_t dims[LIMN_MAX_RANK];
  bool fortran;
  char kind;    /* 'f', 'i', 'u', 'b' */
  size_t item;  /* bytes an entry */
  bool swapped; /* byte order is not this machine's */
  struct limn_npy_source *source;
} limn_npy;

/* Opens a file and reads its header; *out is NULL after a failure. Close with limn_npy_close. */
limn_status limn_npy_open(limn_npy **out, const char *path, limn_err *err);

/* The same for the IDX format of MNIST: two zero bytes, a type byte (08 u8, 09 i8, 0B i16, 0C i32,
 * 0D f4, 0E f8), the rank, big-endian 32-bit dimensions. dims[0] may be made smaller before
 * reading. */
limn_status limn_idx_open(limn_npy **out, const char *path, limn_err *err);

/* The numbers, into out: contiguous, of the shape in npy, any dtype. Once. */
limn_status limn_npy_read(limn_npy *npy, limn_array *out, limn_err *err);

void limn_npy_close(limn_npy *npy); /* NULL is fine */

/* Writes a (any strides) as <f8 or <f4, C order: to a temporary name, then fsync and rename. */
limn_status limn_npy_write(const char *path, const limn_array *a, limn_err *err);

/* ---- archives ---- */

typedef struct limn_npz limn_npz;

limn_status limn_npz_open(limn_npz **out, const char *path, limn_err *err);
size_t limn_npz_count(const limn_npz *z);

/* The name of member i without ".npy"; valid until limn_npz_close. */
const char *limn_npz_name(const limn_npz *z, size_t i);

/* Opens member i; close it before the archive. */
limn_status limn_npz_member(limn_npy **out, limn_npz *z, size_t i, limn_err *err);
void limn_npz_close(limn_npz *z); /* NULL is fine */

/* Writes count arrays as members "<name>.npy", stored uncompressed; same care as limn_npy_write. */
limn_status limn_npz_write(const char *path, const char *const *names,
                           const limn_array *const *arrays, size_t count, limn_err *err);

/* ---- between npy.c and npz.c ---- */

/* Where bytes come from; length is that of the whole file or member. */
struct limn_npy_source {
  size_t (*read)(void *from, void *to, size_t n); /* less than n: the end, or an error */
  void (*close)(void *from);
  bool (*sound)(void *from); /* after the last byte: does a checksum fit? NULL: there is none */
  void *from;
  uint64_t length;
  char name[200]; /* for messages */
};

/* Takes the source over (closed by limn_npy_close, or here on failure) and reads the header. */
limn_status limn_npy_start(limn_npy **out, const struct limn_npy_source *source, limn_err *err);

/* The header of an array, as a file starts: at most 256 bytes into text; returns how many. */
size_t limn_npy_header(char *text, const limn_array *a);

#endif
