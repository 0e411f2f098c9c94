/* columns.c: see columns.h. */
#include "sys/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "sys/message.h"

enum { LONG_TEXT = 1024 }; /* bytes of a text that is kept aside */

static limn_status no_memory(const limn_columns *c, limn_err *err) {
  return limn_fail(err, LIMN_ENOMEM, "not enough memory for a table of %zu rows", c->rows);
}

ptrdiff_t limn_columns_named(limn_columns *c, const char *name, size_t length, size_t period,
                             size_t run, limn_err *err) {
  for (size_t k = 0; k < c->count; k++)
    if (c->list[k].length == length && memcmp(c->list[k].name, name, length) == 0)
      return (ptrdiff_t)k;
  if (c->count == c->room) {
    size_t room = c->room ? 2 * c->room : 16;
    limn_column *list = limn_alloc(room, sizeof *list);
    if (!list) return no_memory(c, err), -1;
    if (c->count) memcpy(list, c->list, c->count * sizeof *list);
    limn_free(c->list);
    c->list = list;
    c->room = room;
  }
  size_t entries = period ? period : c->rows;
  limn_column *k = &c->list[c->count];
  *k = (limn_column){limn_alloc(length + 1, 1),
                     length,
                     limn_alloc(entries + 1, 1),
                     limn_alloc(entries + 1, sizeof(uint64_t)),
                     UINT64_MAX,
                     period,
                     run};
  if (!k->name || !k->kinds || !k->words) {
    limn_free(k->name);
    limn_free(k->kinds);
    limn_free(k->words);
    return no_memory(c, err), -1;
  }
  memcpy(k->name, name, length);
  return (ptrdiff_t)c->count++;
}

static limn_column_value text_at(const limn_columns *c, uint64_t place) {
  uint64_t length;
  memcpy(&length, c->texts + place, sizeof length);
  return (limn_column_value){LIMN_COLUMN_TEXT,
                             {.text = {c->texts + place + sizeof length, (size_t)length}}};
}

static limn_status add_text(limn_columns *c, limn_column *k, const char *bytes, size_t length,
                            uint64_t *place, limn_err *err) {
  if (k->last != UINT64_MAX) {
    limn_column_value before = text_at(c, k->last);
    if (before.as.text.length == length && memcmp(before.as.text.bytes, bytes, length) == 0)
      return *place = k->last, LIMN_OK;
  }
  size_t need = c->used + sizeof(uint64_t) + length;
  if (need > c->texts_room) {
    size_t room = need + need / 2 + 4096;
    char *texts = realloc(c->texts, room);
    if (!texts) return no_memory(c, err);
    c->texts = texts;
    c->texts_room = room;
  }
  *place = k->last = c->used;
  memcpy(c->texts + c->used, &(uint64_t){length}, sizeof(uint64_t));
  if (length) memcpy(c->texts + c->used + sizeof(uint64_t), bytes, length);
  c->used = need;
  return LIMN_OK;
}

limn_status limn_columns_set(limn_columns *c, size_t column, size_t row, limn_column_value v,
                             limn_err *err) {
  limn_column *k = &c->list[column];
  uint64_t word = 0;
  if (v.kind == LIMN_COLUMN_TEXT) {
    limn_status status = add_text(c, k, v.as.text.bytes, v.as.text.length, &word, err);
    if (status != LIMN_OK) return status;
  } else if (v.kind == LIMN_COLUMN_REAL) {
    memcpy(&word, &v.as.real, sizeof word);
  } else if (v.kind == LIMN_COLUMN_INTEGER || v.kind == LIMN_COLUMN_BOOLEAN) {
    memcpy(&word, &v.as.integer, sizeof word);
  }
  k->kinds[row] = (uint8_t)v.kind;
  k->words[row] = word;
  return LIMN_OK;
}

limn_status limn_columns_mark(limn_columns *c, size_t row, limn_err *err) {
  if (!c->present && !(c->present = limn_alloc(c->rows + 1, 1))) return no_memory(c, err);
  if (!c->present[row]) c->held++;
  c->present[row] = 1;
  return LIMN_OK;
}

static bool names_file(const char *bytes, size_t n) {
  return n >= 4 && memcmp(bytes, "npy:", 4) == 0;
}

static limn_column_value value_of(const limn_message_item *item) {
  limn_column_value v = {LIMN_COLUMN_ASIDE, {0}};
  switch (item->kind) {
  case 'i':
    v.kind = LIMN_COLUMN_INTEGER;
    memcpy(&v.as.integer, item->bytes, 8);
    break;
  case 'd':
    v.kind = LIMN_COLUMN_REAL;
    memcpy(&v.as.real, item->bytes, 8);
    break;
  case 'b':
    v.kind = LIMN_COLUMN_BOOLEAN;
    v.as.integer = *item->bytes != 0;
    break;
  case 's':
    if (item->size > LONG_TEXT || names_file(item->bytes, item->size)) break;
    v.kind = LIMN_COLUMN_TEXT;
    v.as.text.bytes = item->bytes;
    v.as.text.length = item->size;
    break;
  default:
    if (limn_message_broken(item)) v.kind = LIMN_COLUMN_ASIDE_BROKEN;
  }
  return v;
}

limn_status limn_columns_put(limn_columns *c, size_t row, const char *bytes, size_t n, bool *aside,
                             limn_err *err) {
  limn_message m;
  limn_message_item item;
  int more = limn_message_open(&m, bytes, n) ? 1 : -1;
  *aside = false;
  while (more > 0 && (more = limn_message_next(&m, &item)) > 0) {
    if (names_file(item.name, item.length)) continue;
    ptrdiff_t column = limn_columns_named(c, item.name, item.length, 0, 0, err);
    if (column < 0) return LIMN_ENOMEM;
    limn_column_value v = value_of(&item);
    if (v.kind >= LIMN_COLUMN_ASIDE) *aside = true;
    limn_status status = limn_columns_set(c, (size_t)column, row, v, err);
    if (status != LIMN_OK) return status;
  }
  if (more < 0) return limn_fail(err, LIMN_EFORMAT, "the values of a cell are malformed");
  return limn_columns_mark(c, row, err);
}

limn_column_value limn_columns_get(const limn_columns *c, size_t column, size_t row) {
  const limn_column *k = &c->list[column];
  size_t at = k->period ? (c->first + row * c->step) / k->run % k->period : row;
  limn_column_value v = {(limn_column_kind)k->kinds[at], {0}};
  if (v.kind == LIMN_COLUMN_TEXT) return text_at(c, k->words[at]);
  if (v.kind == LIMN_COLUMN_REAL)
    memcpy(&v.as.real, &k->words[at], sizeof v.as.real);
  else
    memcpy(&v.as.integer, &k->words[at], sizeof v.as.integer);
  return v;
}

size_t limn_columns_absent(const limn_columns *c, size_t row) {
  if (!c->present) return row;
  while (row < c->rows && c->present[row]) row++;
  return row;
}

/* ---- order ---- */

typedef struct ordering {
  const limn_columns *c;
  const size_t *by;
  size_t count;
} ordering;

static double number_of(limn_column_value v) {
  return v.kind == LIMN_COLUMN_REAL ? v.as.real : (double)v.as.integer;
}

/* Numbers before booleans before texts. */
static int compare_values(limn_column_value u, limn_column_value v) {
  bool numbers = u.kind && v.kind && u.kind <= LIMN_COLUMN_REAL && v.kind <= LIMN_COLUMN_REAL;
  if (numbers && u.kind != v.kind)
    return (number_of(u) > number_of(v)) - (number_of(u) < number_of(v));
  if (u.kind != v.kind) return u.kind < v.kind ? -1 : 1;
  if (u.kind == LIMN_COLUMN_REAL) return (u.as.real > v.as.real) - (u.as.real < v.as.real);
  if (u.kind != LIMN_COLUMN_TEXT)
    return (u.as.integer > v.as.integer) - (u.as.integer < v.as.integer);
  size_t a = u.as.text.length, b = v.as.text.length, n = a < b ? a : b;
  int order = n ? memcmp(u.as.text.bytes, v.as.text.bytes, n) : 0;
  return order ? order : (a > b) - (a < b);
}

static int by_values(const void *x, const void *y, void *user) {
  const ordering *o = user;
  uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
  for (size_t i = 0; i < o->count; i++) {
    int order = compare_values(limn_columns_get(o->c, o->by[i], (size_t)a),
                               limn_columns_get(o->c, o->by[i], (size_t)b));
    if (order) return order;
  }
  return (a > b) - (a < b);
}

limn_status limn_columns_order(limn_columns *c, const size_t *by, size_t count, limn_err *err) {
  limn_free(c->order);
  c->order = NULL;
  c->ordered = 0;
  if (count == 0 && c->held == c->rows) return LIMN_OK;
  c->order = limn_alloc(c->held + 1, sizeof *c->order);
  if (!c->order) return no_memory(c, err);
  for (size_t row = 0; row < c->rows && c->present; row++)
    if (c->present[row]) c->order[c->ordered++] = row;
  ordering o = {c, by, count};
  if (count) qsort_r(c->order, c->ordered, sizeof *c->order, by_values, &o);
  return LIMN_OK;
}

size_t limn_columns_count(const limn_columns *c) {
  return c->held;
}

size_t limn_columns_at(const limn_columns *c, size_t place) {
  return c->order ? (size_t)c->order[place] : place;
}

bool limn_columns_broken(const limn_column_value *v) {
  if (v->kind == LIMN_COLUMN_REAL) return !isfinite(v->as.real);
  if (v->kind == LIMN_COLUMN_TEXT)
    return v->as.text.length == 8 && memcmp(v->as.text.bytes, "diverged", 8) == 0;
  return v->kind == LIMN_COLUMN_ASIDE_BROKEN;
}

void limn_columns_free(limn_columns *c) {
  for (size_t k = 0; k < c->count; k++) {
    limn_free(c->list[k].name);
    limn_free(c->list[k].kinds);
    limn_free(c->list[k].words);
  }
  limn_free(c->list);
  limn_free(c->present);
  limn_free(c->order);
  free(c->texts);
  *c = (limn_columns){.rows = c->rows, .first = c->first, .step = c->step};
}
