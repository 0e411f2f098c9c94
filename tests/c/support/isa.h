/* isa.h: tests that go through the instruction sets say which of them this machine lacks. */
#ifndef LIMN_TEST_ISA_H
#define LIMN_TEST_ISA_H

#include <stdbool.h>
#include <stdio.h>

#include "limn/cpu.h"

/* Selects the set; false, and a line for the summary of the test run, where this CPU has none. */
static inline bool isa_here(int isa) {
  if (limn_isa_set((limn_isa)isa, NULL) == LIMN_OK) return true;
  fprintf(stderr, "SKIP: %s: this CPU has none\n", limn_isa_name((limn_isa)isa));
  return false;
}

#endif
