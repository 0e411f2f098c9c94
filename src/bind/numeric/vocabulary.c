/* vocabulary.c: native.vocabulary: the values of options that take a word, {name = {{name=, help=},
 * ...}}, in the order of limn/vocabulary.h. */
#include "limn/vocabulary.h"

#include "bind/fields.h"

int l_open_vocabulary(lua_State *L) {
  lua_newtable(L);
  for (int i = 0; limn_vocabulary_name((limn_vocabulary)i); i++) {
    limn_vocabulary v = (limn_vocabulary)i;
    lua_newtable(L);
    for (int value = 0, at = 1; value < limn_vocabulary_values(v); value++) {
      if (!limn_word_name(v, value)) continue;
      lua_createtable(L, 0, 2);
      bind_setstring(L, "name", limn_word_name(v, value));
      bind_setstring(L, "help", limn_word_help(v, value));
      lua_rawseti(L, -2, at++);
    }
    lua_setfield(L, -2, limn_vocabulary_name(v));
  }
  return 1;
}
