/* npz.c: .npz archives through libzip; contracts in npy.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "num/array/walk.h"
#include "core/core.h"
#include "num/io/npy.h"
#include "sys/atomic_file.h"
#include "sys/regular_file.h"

struct limn_npz {
  zip_t *zip;
  size_t count;
  char path[200], name[256];
};

limn_status limn_npz_open(limn_npz **out, const char *path, limn_err *err) {
  int fd, code;
  *out = NULL;
  limn_status status = limn_regular_open(&fd, NULL, path, err);
  if (status != LIMN_OK) return status;
  limn_npz *z = limn_alloc(1, sizeof *z);
  if (!z) {
    close(fd);
    return limn_nomem(err, "archive", 1, sizeof *z);
  }
  z->zip = zip_fdopen(fd, ZIP_CHECKCONS, &code); /* owns fd, unless it fails */
  if (!z->zip) {
    close(fd);
    zip_error_t e;
    zip_error_init_with_code(&e, code);
    status = limn_fail(err, LIMN_EFORMAT, "%.300s: is not an .npz archive: %s", path,
                       zip_error_strerror(&e));
    zip_error_fini(&e);
    limn_free(z);
    return status;
  }
  zip_int64_t n = zip_get_num_entries(z->zip, 0);
  z->count = n > 0 ? (size_t)n : 0;
  snprintf(z->path, sizeof z->path, "%s", path);
  *out = z;
  return LIMN_OK;
}

size_t limn_npz_count(const limn_npz *z) {
  return z->count;
}

const char *limn_npz_name(const limn_npz *z, size_t i) {
  limn_npz *own = (limn_npz *)(uintptr_t)z; /* the text belongs to the archive */
  const char *name = zip_get_name(z->zip, i, ZIP_FL_ENC_RAW);
  snprintf(own->name, sizeof own->name, "%s", name ? name : "");
  size_t n = strlen(own->name);
  if (n > 4 && strcmp(own->name + n - 4, ".npy") == 0) own->name[n - 4] = '\0';
  return own->name;
}

static size_t member_read(void *from, void *to, size_t n) {
  size_t got = 0; /* zip_fread may stop early */
  while (got < n) {
    zip_int64_t r = zip_fread(from, (char *)to + got, n - got);
    if (r <= 0) break;
    got += (size_t)r;
  }
  return got;
}

static void member_close(void *from) {
  zip_fclose(from);
}

/* libzip compares the checksum only at the end of the member, which reading the numbers alone does
 * not reach. */
static bool member_sound(void *from) {
  char beyond;
  return zip_fread(from, &beyond, 1) == 0;
}

limn_status limn_npz_member(limn_npy **out, limn_npz *z, size_t i, limn_err *err) {
  zip_stat_t st;
  *out = NULL;
  if (zip_stat_index(z->zip, i, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE))
    return limn_fail(err, LIMN_EFORMAT, "%s: member %zu has no size", z->path, i + 1);
  zip_file_t *f = zip_fopen_index(z->zip, i, 0);
  if (!f)
    return limn_fail(err, LIMN_EFORMAT, "%s: member %zu cannot be read: %s", z->path, i + 1,
                     zip_strerror(z->zip));
  struct limn_npy_source s = {member_read, member_close, member_sound, f, st.size, ""};
  snprintf(s.name, sizeof s.name, "%.120s[%.60s]", z->path, limn_npz_name(z, i));
  return limn_npy_start(out, &s, err);
}

void limn_npz_close(limn_npz *z) {
  if (!z) return;
  zip_discard(z->zip);
  limn_free(z);
}

/* The bytes of one member, header and numbers, allocated by limn_alloc. */
static char *member_bytes(const limn_array *a, size_t *n) {
  char head[256];
  size_t h = limn_npy_header(head, a), item = limn_dtype_size(a->dtype);
  *n = h + limn_array_size(a) * item;
  char *bytes = limn_alloc(*n, 1);
  if (!bytes) return NULL;
  memcpy(bytes, head, h);
  size_t size = limn_array_size(a);
  if (limn_array_contiguous(a)) { /* also an array without dimensions */
    memcpy(bytes + h, a->data, size * item);
    return bytes;
  }
  limn_array to = limn_array_view(a->dtype, a->rank, a->dims, bytes + h);
  double x[LIMN_CHUNK];
  limn_cursor from = {a, 0}, into = {&to, 0};
  for (size_t at = 0; at < size;
       at += LIMN_CHUNK) { /* headers end at a multiple of 64 bytes, so entries are aligned */
    size_t w = size - at < LIMN_CHUNK ? size - at : LIMN_CHUNK;
    limn_cursor_read(&from, x, w);
    limn_cursor_write(&into, x, w);
  }
  return bytes;
}

limn_status limn_npz_write(const char *path, const char *const *names,
                           const limn_array *const *arrays, size_t count, limn_err *err) {
  limn_outfile f;
  limn_status status = limn_outfile_open(&f, path, err);
  if (status != LIMN_OK) return status;
  char **blocks = limn_alloc(count + 1, sizeof *blocks);
  zip_t *zip = NULL;
  int code = 0;
  if (!blocks) status = limn_nomem(err, "members", count, sizeof *blocks);
  if (status == LIMN_OK && !(zip = zip_open(f.temporary, ZIP_CREATE | ZIP_TRUNCATE, &code)))
    status = limn_fail(err, LIMN_EIO, "%.300s: cannot write", path);
  for (size_t i = 0; blocks && i < count && status == LIMN_OK; i++) {
    char name[300];
    size_t n;
    snprintf(name, sizeof name, "%.250s.npy", names[i]);
    zip_source_t *source = NULL;
    zip_int64_t at = -1;
    if (!(blocks[i] = member_bytes(arrays[i], &n))) {
      status = limn_nomem(err, "member", limn_array_size(arrays[i]), 8);
      break;
    }
    if ((source = zip_source_buffer(zip, blocks[i], n, 0)) &&
        (at = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8)) >= 0 &&
        zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0 &&
        zip_file_set_mtime(zip, (zip_uint64_t)at, 315619200, 0) ==
            0) /* a fixed time (1980), so that equal content gives equal bytes */
      continue;
    if (source && at < 0) zip_source_free(source);
    status =
        limn_fail(err, LIMN_EIO, "%.200s: member '%.60s': %s", path, names[i], zip_strerror(zip));
  }
  if (zip && status == LIMN_OK && zip_close(zip) != 0)
    status = limn_fail(err, LIMN_EIO, "%.300s: cannot write: %s", path, zip_strerror(zip));
  else if (status == LIMN_OK)
    zip = NULL; /* closed */
  if (zip) zip_discard(zip);
  for (size_t i = 0; blocks && i < count; i++) limn_free(blocks[i]);
  limn_free(blocks);
  if (status == LIMN_OK) { /* libzip has created a new file with the temporary name */
    struct stat first;
    bool known = fstat(f.fd, &first) == 0;
    close(f.fd);
    if ((f.fd = open(f.temporary, O_WRONLY | O_CLOEXEC)) >= 0) {
      if (known) (void)!fchown(f.fd, first.st_uid, first.st_gid);
      if (known) (void)!fchmod(f.fd, first.st_mode & 0777);
      return limn_outfile_commit(&f, err);
    }
    status = limn_fail(err, LIMN_EIO, "%.300s: cannot write", path);
    unlink(f.temporary);
  }
  limn_outfile_abandon(&f);
  return status;
}
