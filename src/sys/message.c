/* message.c: see message.h. */
#include "sys/message.h"

#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "messages are copied as they are");

static const char *take(limn_message *m, size_t n) {
  if (n > m->left) return NULL;
  const char *at = m->at;
  m->at += n;
  m->left -= n;
  return at;
}

static bool whole(limn_message *m, size_t bytes, uint64_t *v) {
  const char *at = take(m, bytes);
  *v = 0;
  if (at) memcpy(v, at, bytes);
  return at;
}

bool limn_message_open(limn_message *m, const char *bytes, size_t n) {
  uint64_t count;
  *m = (limn_message){bytes, n, 0};
  if (!whole(m, 4, &count)) return false;
  m->count = (uint32_t)count;
  return true;
}

static bool array(limn_message *m, limn_message_item *item) {
  uint64_t v;
  if (!whole(m, 1, &v) || v < 1 || v > LIMN_MAX_RANK) return false;
  item->rank = (int)v;
  item->size = item->kind == 'A' ? sizeof(double) : sizeof(float);
  for (int k = 0; k < LIMN_MAX_RANK; k++) {
    item->dims[k] = 1;
    if (k >= item->rank) continue;
    if (!whole(m, 8, &v)) return false;
    item->dims[k] = v;
    if (__builtin_mul_overflow(item->size, item->dims[k], &item->size)) return false;
  }
  return true;
}

int limn_message_next(limn_message *m, limn_message_item *item) {
  uint64_t v;
  if (m->count == 0) return m->left == 0 ? 0 : -1;
  m->count--;
  if (!whole(m, 4, &v)) return -1;
  item->length = v;
  item->name = take(m, v);
  const char *kind = item->name ? take(m, 1) : NULL;
  if (!kind) return -1;
  item->kind = *kind;
  item->rank = 0;
  switch (*kind) {
  case 'i':
  case 'd':
    item->size = 8;
    break;
  case 'b':
    item->size = 1;
    break;
  case 's':
    if (!whole(m, 8, &v)) return -1;
    item->size = v;
    break;
  case 'A':
  case 'a':
    if (!array(m, item)) return -1;
    break;
  default:
    return -1;
  }
  item->bytes = take(m, item->size);
  return item->bytes ? 1 : -1;
}

bool limn_message_broken(const limn_message_item *item) {
  size_t step = item->kind == 'A' ? sizeof(double) : sizeof(float);
  for (size_t at = 0; item->rank > 0 && at < item->size; at += step) {
    double x;
    float f;
    if (item->kind == 'A')
      memcpy(&x, item->bytes + at, sizeof x);
    else
      memcpy(&f, item->bytes + at, sizeof f), x = f;
    if (!isfinite(x)) return true;
  }
  return false;
}
