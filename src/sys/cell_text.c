/* cell_text.c: see cell_text.h. */
#include "sys/cell_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

void limn_cell_clear(limn_cell_text *t) {
  t->used = 0;
  t->refused = false;
}

void limn_cell_free(limn_cell_text *t) {
  limn_free(t->bytes);
  *t = (limn_cell_text){0};
}

limn_status limn_cell_check(const limn_cell_text *t, limn_err *err) {
  if (!t->refused) return LIMN_OK;
  return limn_fail(err, LIMN_ENOMEM, "not enough memory for the name of a cell");
}

static bool grow(limn_cell_text *t, size_t n) {
  size_t room = t->room ? t->room : 256;
  while (!t->refused && room - t->used < n) t->refused = limn_mul_overflows(room, 2, &room);
  char *bytes = t->refused ? NULL : limn_alloc(room, 1);
  t->refused = bytes == NULL;
  if (!bytes) return false;
  if (t->used) memcpy(bytes, t->bytes, t->used);
  limn_free(t->bytes);
  t->bytes = bytes;
  t->room = room;
  return true;
}

void limn_cell_add(limn_cell_text *t, const char *bytes, size_t n) {
  if (t->refused || (t->room - t->used < n && !grow(t, n))) return;
  if (n) memcpy(t->bytes + t->used, bytes, n);
  t->used += n;
}

void limn_cell_begin(limn_cell_text *t) {
  limn_cell_add(t, "{", 1);
}

void limn_cell_next(limn_cell_text *t) {
  limn_cell_add(t, ",", 1);
}

void limn_cell_end(limn_cell_text *t) {
  limn_cell_add(t, "}", 1);
}

void limn_cell_integer(limn_cell_text *t, int64_t v) {
  char text[24], *p = text + sizeof text;
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  do *--p = (char)('0' + u % 10);
  while (u /= 10);
  if (v < 0) *--p = '-';
  limn_cell_add(t, p, (size_t)(text + sizeof text - p));
}

/* %.17g with a decimal point in every locale, ".0" appended to whole values, and exponents without
 * plus sign and leading zeros. */
static void add_finite(limn_cell_text *t, double v) {
  char raw[64], text[72];
  size_t n = 0;
  bool whole = true;
  snprintf(raw, sizeof raw, "%.17g", v);
  const char *p = raw;
  while (*p && *p != 'e') {
    bool digit = *p == '-' || (*p >= '0' && *p <= '9');
    if (digit)
      text[n++] = *p++;
    else { /* the locale's decimal point, which may be several bytes */
      while (*p && *p != 'e' && !(*p >= '0' && *p <= '9')) p++;
      text[n++] = '.';
      whole = false;
    }
  }
  if (*p == 'e') {
    text[n++] = *p++;
    if (*p == '-') text[n++] = *p;
    p++;
    while (*p == '0') p++;
    while (*p) text[n++] = *p++;
  } else if (whole) {
    text[n++] = '.';
    text[n++] = '0';
  }
  limn_cell_add(t, text, n);
}

static limn_status add_real(limn_cell_text *t, double v, limn_err *err) {
  if (isnan(v)) return limn_fail(err, LIMN_EINVAL, "is not a number (NaN)");
  if (v == 0) v = 0; /* -0 and 0 are equal and must have one text */
  if (isfinite(v))
    add_finite(t, v);
  else if (v > 0)
    limn_cell_add(t, "{\"real\":\"inf\"}", 14);
  else
    limn_cell_add(t, "{\"real\":\"-inf\"}", 15);
  return LIMN_OK;
}

/* Length of the UTF-8 character at s, where n bytes follow; 0 if invalid: a stray byte, an overlong
 * form, a surrogate, or a value above U+10FFFF. */
static size_t utf8_length(const unsigned char *s, size_t n) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (s[0] < 0x80) return 1;
  size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC2 || s[0] > 0xF4 || length > n) return 0;
  uint32_t code = s[0] & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; i++) {
    if ((s[i] & 0xC0) != 0x80) return 0;
    code = code << 6 | (s[i] & 0x3Fu);
  }
  bool fine = code >= least[length] && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
  return fine ? length : 0;
}

static void add_escape(limn_cell_text *t, unsigned char c) {
  static const char named[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
  char text[8] = {'\\'};
  const char *found = c ? strchr(named, c) : NULL;
  if (found) {
    text[1] = letters[found - named];
    limn_cell_add(t, text, 2);
  } else {
    snprintf(text + 1, sizeof text - 1, "u%04X", c);
    limn_cell_add(t, text, 6);
  }
}

static limn_status add_string(limn_cell_text *t, const char *bytes, size_t n, limn_err *err) {
  const unsigned char *s = (const unsigned char *)bytes;
  limn_cell_add(t, "\"", 1);
  size_t plain = 0, i = 0; /* plain: start of the bytes not yet added */
  while (i < n) {
    size_t length = utf8_length(s + i, n - i);
    if (length == 0) return limn_fail(err, LIMN_EINVAL, "is not UTF-8 text");
    if (s[i] < 0x20 || s[i] == '"' || s[i] == '\\') {
      limn_cell_add(t, bytes + plain, i - plain);
      add_escape(t, s[i]);
      plain = i + 1;
    }
    i += length;
  }
  limn_cell_add(t, bytes + plain, n - plain);
  limn_cell_add(t, "\"", 1);
  return LIMN_OK;
}

limn_status limn_cell_head(limn_cell_text *t, const char *name, size_t length, limn_err *err) {
  limn_status status = add_string(t, name, length, err);
  limn_cell_add(t, ":", 1);
  return status;
}

limn_status limn_cell_value_write(limn_cell_text *t, const limn_cell_value *v, limn_err *err) {
  switch (v->kind) {
  case LIMN_CELL_INTEGER:
    limn_cell_integer(t, v->as.integer);
    return LIMN_OK;
  case LIMN_CELL_REAL:
    return add_real(t, v->as.real, err);
  case LIMN_CELL_BOOLEAN:
    limn_cell_add(t, v->as.boolean ? "true" : "false", v->as.boolean ? 4 : 5);
    return LIMN_OK;
  default:
    return add_string(t, v->as.string.bytes, v->as.string.length, err);
  }
}

static int by_name(const void *x, const void *y) {
  const limn_cell_member *a = x, *b = y;
  int order = memcmp(a->name, b->name, a->length < b->length ? a->length : b->length);
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

limn_status limn_cell_write(limn_cell_text *t, limn_cell_member *members, size_t count,
                            limn_err *err) {
  limn_cell_clear(t);
  if (count) qsort(members, count, sizeof *members, by_name);
  limn_cell_begin(t);
  for (size_t i = 0; i < count; i++) {
    const limn_cell_member *m = &members[i];
    limn_err why;
    if (i > 0) limn_cell_next(t);
    limn_status status = limn_cell_head(t, m->name, m->length, &why);
    if (status == LIMN_OK) status = limn_cell_value_write(t, &m->value, &why);
    if (status != LIMN_OK)
      return limn_fail(err, status, "%.*s %s", m->length < 100 ? (int)m->length : 100, m->name,
                       why.text);
  }
  limn_cell_end(t);
  return limn_cell_check(t, err);
}
