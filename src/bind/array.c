/* array.c: limn.array and the other makers, and the array class. */
#include "bind.h"

#include <string.h>

static int l_array(lua_State *L) {
  size_t rows, cols;
  lua_settop(L, 1);
  const double *p = l_doubles(L, 1, "array", "entries", &rows, &cols);
  limn_array *a = l_testarray(L, 1), *copy = l_newarray(L, LIMN_F64, a->rank, a->dims);
  memcpy(copy->data, p, rows * cols * sizeof *p);
  return 1;
}

int l_open_array(lua_State *L) {
  l_class(L, LIMN_ARRAY, NULL, NULL);
  static const luaL_Reg functions[] = {{"array", l_array}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
