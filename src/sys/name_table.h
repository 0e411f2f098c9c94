/* name_table.h: a hash table from 128-bit names to numbers, for millions of cells. */
#ifndef LIMN_NAME_TABLE_H
#define LIMN_NAME_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include "sys/hash.h"

typedef struct limn_name_entry {
  limn_hash name;
  int64_t number;
} limn_name_entry;

/* All zero: an empty table. It may be moved but not copied. */
typedef struct limn_name_table {
  limn_name_entry *list; /* in insertion order */
  uint32_t *slots;       /* 1 + index into list, 0: free; rebuilt by the first find after an add */
  size_t count, room, mask;
} limn_name_table;

/* Adds a name; find returns the first of equal names. Errors: LIMN_ENOMEM; the table is then
 * unchanged. */
limn_status limn_name_table_add(limn_name_table *t, limn_hash name, int64_t number, limn_err *err);

/* Returns 1 and the number of a name; 0 if it is absent; -1 if memory for the slots was refused (a
 * later call tries again). */
int limn_name_table_find(limn_name_table *t, limn_hash name, int64_t *number);

/* Empties the table. */
void limn_name_table_free(limn_name_table *t);

#endif
