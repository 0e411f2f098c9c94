/* embedded.h: limn's Lua files as parts of the program (make writes build/MODE/lua_files.c). Only
 * liblimn-full.a has them. */
#ifndef LIMN_EMBEDDED_H
#define LIMN_EMBEDDED_H

typedef struct limn_embedded {
  const char *path; /* "limn/rng.lua" */
  const char *text, *end;
} limn_embedded;

/* Ends with a row whose path is NULL. The address is NULL where there are none. */
extern const limn_embedded limn_embedded_files[] __attribute__((weak));

#endif
