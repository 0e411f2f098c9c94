/* npy.h: reading and writing numpy's .npy files (format 1 to 3) and .npz archives. Internal.
 *
 * Files are not trusted: sizes are multiplied with overflow checks and compared with the length of
 * the file before any allocation; headers are limited to 10 000 bytes. Supported are real numbers,
 * integers and booleans of either byte order, C and Fortran order, rank 0 (read as one entry) to 3.
 * float16 and float32 become f32, all others f64. Objects, records, strings, dates, complex and
 * long double numbers are refused, and whole numbers that no double equals. Errors: LIMN_EIO
 * (system), LIMN_EFORMAT (damaged), LIMN_EUNSUPPORTED (sound, but no array of limn can hold it);
 * the text names the file. */
#ifndef LIMN_NPY_H
#define LIMN_NPY_H

#include "limn/array.h"

typedef struct limn_npy {
  limn_dtype dtype; /* dtype after reading */
  int rank;
  size_t dims[LIMN_MAX_RANK];
  bool fortran;
  char kind;    /* 'f', 'i', 'u', 'b' */
  size_t item;  /* bytes per entry */
  bool swapped; /* byte order differs from this machine's */
  struct limn_npy_source *source;
} limn_npy;

/* Opens a file and reads its header; *out is NULL after a failure. Close with limn_npy_close. */
limn_status limn_npy_open(limn_npy **out, const char *path, limn_err *err);

/* The same for the IDX format of MNIST: two zero bytes, a type byte (08 u8, 09 i8, 0B i16, 0C i32,
 * 0D f4, 0E f8), the rank, and big-endian 32-bit dimensions. dims[0] may be reduced before reading,
 * to read fewer entries. Files of
 * gzip are unpacked. */
limn_status limn_idx_open(limn_npy **out, const char *path, limn_err *err);

/* Reads the numbers into out: contiguous, of the shape in npy, any dtype. May be called once. */
limn_status limn_npy_read(limn_npy *npy, limn_array *out, limn_err *err);

void limn_npy_close(limn_npy *npy); /* npy may be NULL */

/* Writes a (any strides) as <f8 or <f4 in C order, atomically: temporary file, fsync, rename. */
limn_status limn_npy_write(const char *path, const limn_array *a, limn_err *err);

/* ---- archives ---- */

typedef struct limn_npz limn_npz;

limn_status limn_npz_open(limn_npz **out, const char *path, limn_err *err);
size_t limn_npz_count(const limn_npz *z);

/* The name of member i without ".npy"; valid until limn_npz_close. */
const char *limn_npz_name(const limn_npz *z, size_t i);

/* Opens member i; it must be closed before the archive. */
limn_status limn_npz_member(limn_npy **out, limn_npz *z, size_t i, limn_err *err);
void limn_npz_close(limn_npz *z); /* z may be NULL */

/* Writes count arrays as members "<name>.npy", uncompressed; atomically, as limn_npy_write. */
limn_status limn_npz_write(const char *path, const char *const *names,
                           const limn_array *const *arrays, size_t count, limn_err *err);

/* ---- shared by npy.c and npz.c ---- */

/* A source of bytes; length is that of the whole file or member. */
struct limn_npy_source {
  size_t (*read)(void *from, void *to,
                 size_t n); /* returns less than n at the end or after an error */
  void (*close)(void *from);
  bool (*sound)(void *from); /* after the last byte: whether the checksum is correct; NULL: none */
  void *from;
  uint64_t length;
  char name[200]; /* for messages */
};

/* Takes ownership of the source (closed by limn_npy_close, or here on failure) and reads the
 * header. */
limn_status limn_npy_start(limn_npy **out, const struct limn_npy_source *source, limn_err *err);

/* Writes the header of a .npy file for a: at most 256 bytes to text; returns their number. */
size_t limn_npy_header(char *text, const limn_array *a);

#endif
