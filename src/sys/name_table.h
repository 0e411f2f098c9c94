/* name_table.h: numbers under 128-bit names: millions of cells, without an object for each. */
#ifndef LIMN_NAME_TABLE_H
#define LIMN_NAME_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include "sys/hash.h"

typedef struct limn_name_entry {
  limn_hash name;
  int64_t number;
} limn_name_entry;

/* All zero: an empty table. Not copied, but by moving. */
typedef struct limn_name_table {
  limn_name_entry *list; /* in the order of adding */
  uint32_t *slots;       /* 1 + index into list, 0: free; built by the first find after an add */
  size_t count, room, mask;
} limn_name_table;

/* Adds a name; of equal names the one that was added first is found. LIMN_ENOMEM: the table is as
 * it was. */
limn_status limn_name_table_add(limn_name_table *t, limn_hash name, int64_t number, limn_err *err);

/* 1 and the number of a name; 0 if it is not there; -1 if memory for the slots was refused (a later
 * call tries again). */
int limn_name_table_find(limn_name_table *t, limn_hash name, int64_t *number);

/* Empties the table. */
void limn_name_table_free(limn_name_table *t);

#endif
