/* columns.h: the values of many cells by column, 9 bytes a value: a sweep of 10^7 cells fits in
 * memory without a table, or a string, for each. Numbers, booleans and short texts are held; arrays
 * and long texts are only known to be there ("aside"), and are read again where the bytes of the
 * cell are kept. Rows and columns count from 0.
 *
 * A cyclic column holds the values of a parameter of the grid: row r has entry (first + r * step) /
 * run mod period of its list, so that it takes no memory for each row. */
#ifndef LIMN_COLUMNS_H
#define LIMN_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"

typedef enum limn_column_kind {
  LIMN_COLUMN_NONE, /* no value */
  LIMN_COLUMN_INTEGER,
  LIMN_COLUMN_REAL,
  LIMN_COLUMN_BOOLEAN,
  LIMN_COLUMN_TEXT,
  LIMN_COLUMN_ASIDE,
  LIMN_COLUMN_ASIDE_BROKEN /* an array with an entry that is not finite */
} limn_column_kind;

typedef struct limn_column_value {
  limn_column_kind kind;
  union {
    int64_t integer; /* also of a boolean: 0 or 1 */
    double real;
    struct {
      const char *bytes; /* valid until the next addition */
      size_t length;
    } text;
  } as;
} limn_column_value;

typedef struct limn_column {
  char *name;
  size_t length;
  uint8_t *kinds;
  uint64_t *words; /* bits of the number; of a text, its place among the texts */
  uint64_t last;   /* place of the text that was added last: equal neighbours are held once */
  size_t period;   /* entries; 0: one for each row */
  size_t run;
} limn_column;

/* All zero but `rows`, `first` and `step`: an empty table. Not to be copied. */
typedef struct limn_columns {
  size_t rows, first, step;
  limn_column *list;
  size_t count, room;
  uint8_t *present; /* whether a row was put; NULL: none */
  size_t held;      /* rows that were put */
  uint64_t *order;  /* row of each place, once they are ordered; NULL: places are rows */
  size_t ordered;
  char *texts; /* u64 length, bytes; then the next */
  size_t used, texts_room;
} limn_columns;

/* The column of that name, which is made if it is absent: the index; or -1 (LIMN_ENOMEM). period,
 * run: of a cyclic column; 0, 0: an ordinary one. */
ptrdiff_t limn_columns_named(limn_columns *c, const char *name, size_t length, size_t period,
                             size_t run, limn_err *err);

/* Sets a value: of a row; of a cyclic column, an entry of its list. Texts are copied. */
limn_status limn_columns_set(limn_columns *c, size_t column, size_t row, limn_column_value v,
                             limn_err *err);

/* Puts the values of a cell (message.h) into its row; *aside: whether it has values that are kept
 * aside. Texts "npy:..." name files of arrays and are kept aside, too; their hashes, under the
 * names "npy:...", are left out. Errors: LIMN_EFORMAT for malformed bytes, LIMN_ENOMEM. */
limn_status limn_columns_put(limn_columns *c, size_t row, const char *bytes, size_t n, bool *aside,
                             limn_err *err);

/* Marks a row as present, with the values that were set. */
limn_status limn_columns_mark(limn_columns *c, size_t row, limn_err *err);

limn_column_value limn_columns_get(const limn_columns *c, size_t column, size_t row);

/* The first row from `row` on that was not put; `rows` if there is none. */
size_t limn_columns_absent(const limn_columns *c, size_t row);

/* Orders the rows that were put: by these columns, one after the other, numbers by size and others
 * by their bytes; equal ones by row. Without columns by row. */
limn_status limn_columns_order(limn_columns *c, const size_t *by, size_t count, limn_err *err);

/* Rows that were put, and the row at a place of the order. */
size_t limn_columns_count(const limn_columns *c);
size_t limn_columns_at(const limn_columns *c, size_t place);

/* Whether a value is a number or an array that is not finite, or the text "diverged". */
bool limn_columns_broken(const limn_column_value *v);

void limn_columns_free(limn_columns *c);

#endif
