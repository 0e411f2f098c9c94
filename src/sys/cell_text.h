/* cell_text.h: the canonical text of a cell's parameters. Its hash identifies the cell and seeds
 * its random streams, so equal parameters must give equal bytes on every machine and in every
 * locale.
 *
 * The text is JSON: an object without spaces, its members sorted by the bytes of their names. Whole
 * numbers are decimal. Reals have 17 significant digits, as %.17g, with a point or an exponent
 * (64.0, 1e22, 1e-7; -0.0 is 0.0). Infinities are {"real":"inf"} and {"real":"-inf"}. NaN and text
 * that is not UTF-8 are errors. Strings escape ", \ and bytes below 0x20 (\b \f \n \r \t, else
 * \u00XX in upper case).
 *
 * Stored cells are looked up by these bytes: any change of the format invalidates all stores. */
#ifndef LIMN_CELL_TEXT_H
#define LIMN_CELL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"

/* A growing text; all zero: empty. If memory is refused, `refused` is set and nothing more is added
 * until limn_cell_clear, so callers check once, at the end. */
typedef struct limn_cell_text {
  char *bytes;
  size_t used, room;
  bool refused;
} limn_cell_text;

typedef enum limn_cell_kind {
  LIMN_CELL_INTEGER,
  LIMN_CELL_REAL,
  LIMN_CELL_BOOLEAN,
  LIMN_CELL_STRING
} limn_cell_kind;

typedef struct limn_cell_value {
  limn_cell_kind kind;
  union {
    int64_t integer;
    double real;
    bool boolean;
    struct {
      const char *bytes;
      size_t length;
    } string;
  } as;
} limn_cell_value;

typedef struct limn_cell_member {
  const char *name;
  size_t length;
  limn_cell_value value;
} limn_cell_member;

/* Replaces the text by the object of these members, and sorts the members by name.
 * Errors: LIMN_EINVAL ("NAME is not a number (NaN)", "NAME is not UTF-8 text"), LIMN_ENOMEM. */
limn_status limn_cell_write(limn_cell_text *t, limn_cell_member *members, size_t count,
                            limn_err *err);

/* ---- parts of the text, for writing many cells that differ in few members ---- */

/* Empties the text; its memory stays allocated. */
void limn_cell_clear(limn_cell_text *t);

/* Adds `"name":`. Errors: LIMN_EINVAL ("is not UTF-8 text"). */
limn_status limn_cell_head(limn_cell_text *t, const char *name, size_t length, limn_err *err);

/* Adds a value. Errors: LIMN_EINVAL ("is not a number (NaN)", "is not UTF-8 text"). */
limn_status limn_cell_value_write(limn_cell_text *t, const limn_cell_value *v, limn_err *err);

/* Add the beginning of the object, its end, and the separator of members. */
void limn_cell_begin(limn_cell_text *t);
void limn_cell_next(limn_cell_text *t);
void limn_cell_end(limn_cell_text *t);

/* Adds bytes that are already canonical: a member, or its name and colon. */
void limn_cell_add(limn_cell_text *t, const char *bytes, size_t n);

/* Adds a whole number. */
void limn_cell_integer(limn_cell_text *t, int64_t v);

/* LIMN_ENOMEM if memory was refused since the text was cleared. */
limn_status limn_cell_check(const limn_cell_text *t, limn_err *err);

void limn_cell_free(limn_cell_text *t);

#endif
