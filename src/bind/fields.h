/* fields.h: fields of the tables that Lua and the bindings exchange. Reading a field checks its
 * type; writing sets a field of the table at the top. Errors name the function `who`, as the user
 * typed it, and the field. Integers are never converted to double. */
#ifndef LIMN_BIND_FIELDS_H
#define LIMN_BIND_FIELDS_H

#include "limn/vocabulary.h"

#include "bind/bind.h"

/* A field of the table at idx as an integer in [low, high]; raises otherwise. */
lua_Integer bind_integerfield(lua_State *L, int idx, const char *who, const char *name,
                              lua_Integer low, lua_Integer high);

/* The same where the field may be absent. */
lua_Integer bind_optintegerfield(lua_State *L, int idx, const char *who, const char *name,
                                 lua_Integer low, lua_Integer high, lua_Integer otherwise);

/* A seed, or the number of a cell or replicate: all 64 bits of any integer. */
uint64_t bind_keyfield(lua_State *L, int idx, const char *who, const char *name);
uint64_t bind_checkkey(lua_State *L, int idx, const char *who, const char *name);

/* A finite number; raises otherwise. */
double bind_numberfield(lua_State *L, int idx, const char *who, const char *name);

/* Any number, also infinite; the field may be absent. */
double bind_optnumberfield(lua_State *L, int idx, const char *who, const char *name,
                           double otherwise);

/* Whether the field is neither nil nor false. */
bool bind_flagfield(lua_State *L, int idx, const char *name);

/* The value of a word of the vocabulary; for another word raises and lists the vocabulary. */
int bind_wordfield(lua_State *L, int idx, const char *who, const char *name, limn_vocabulary words);
int bind_checkword(lua_State *L, int idx, const char *who, const char *name, limn_vocabulary words);

/* Fields of the table at the top. */
void bind_setnumber(lua_State *L, const char *name, double value);
void bind_setknown(lua_State *L, const char *name, double value); /* NaN: the field stays nil */
void bind_setinteger(lua_State *L, const char *name, uint64_t value);
void bind_setflag(lua_State *L, const char *name, bool value);
void bind_setstring(lua_State *L, const char *name, const char *value);
void bind_setvalue(lua_State *L, const char *name, int idx); /* the value at the absolute index */

#endif
