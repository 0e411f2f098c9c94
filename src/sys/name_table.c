/* name_table.c: see name_table.h. Open addressing with linear probing; the names are hashes, so
 * their low bits are the slot index. */
#include "sys/name_table.h"

#include <stdbool.h>
#include <string.h>

#include "core/core.h"

limn_status limn_name_table_add(limn_name_table *t, limn_hash name, int64_t number, limn_err *err) {
  if (t->count == t->room) {
    size_t room = t->room ? 2 * t->room : 256;
    limn_name_entry *list = room < UINT32_MAX / 2 ? limn_alloc(room, sizeof *list) : NULL;
    if (!list) return limn_fail(err, LIMN_ENOMEM, "not enough memory for %zu names", room);
    if (t->count) memcpy(list, t->list, t->count * sizeof *list);
    limn_free(t->list);
    t->list = list;
    t->room = room;
  }
  t->list[t->count++] = (limn_name_entry){name, number};
  limn_free(t->slots);
  t->slots = NULL;
  return LIMN_OK;
}

/* Load factor at most 1/2, so that probe sequences are short. */
static bool build_slots(limn_name_table *t) {
  size_t size = 16;
  while (size < 2 * t->count) size *= 2;
  t->slots = limn_alloc(size, sizeof *t->slots);
  if (!t->slots) return false;
  t->mask = size - 1;
  for (size_t i = 0; i < t->count; i++) {
    size_t at = t->list[i].name.low & t->mask;
    while (t->slots[at]) at = (at + 1) & t->mask;
    t->slots[at] = (uint32_t)i + 1;
  }
  return true;
}

int limn_name_table_find(limn_name_table *t, limn_hash name, int64_t *number) {
  if (!t->slots && !build_slots(t)) return -1;
  for (size_t at = name.low & t->mask; t->slots[at]; at = (at + 1) & t->mask) {
    const limn_name_entry *e = &t->list[t->slots[at] - 1];
    if (e->name.high != name.high || e->name.low != name.low) continue;
    *number = e->number;
    return 1;
  }
  return 0;
}

void limn_name_table_free(limn_name_table *t) {
  limn_free(t->list);
  limn_free(t->slots);
  *t = (limn_name_table){0};
}
