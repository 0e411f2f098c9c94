/* isa.h: selects instruction sets in tests, and reports those that this machine lacks. */
#ifndef LIMN_TEST_ISA_H
#define LIMN_TEST_ISA_H

#include <stdbool.h>
#include <stdio.h>

#include "limn/cpu.h"

/* Selects the set; returns false, and prints a line for the test summary, if this CPU lacks it. */
static inline bool isa_here(int isa) {
  if (limn_isa_set((limn_isa)isa, NULL) == LIMN_OK) return true;
  fprintf(stderr, "SKIP: %s: this CPU has none\n", limn_isa_name((limn_isa)isa));
  return false;
}

#endif
