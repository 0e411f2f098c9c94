/* regress_value.h: designs, labels and fits as values in Lua, for the files that bind the rules. */
#ifndef LIMN_BIND_REGRESS_VALUE_H
#define LIMN_BIND_REGRESS_VALUE_H

#include "limn/regress.h"

#include "bind/fields.h"

/* The features at idx: a FeatureSet, or numbers (replaced by an array that owns them). */
limn_design bind_checkdesign(lua_State *L, int idx, const char *who, const char *name);

/* The same for the rules that need the rank: an f32 array without the singular values that are
 * within the rounding of its entries. */
limn_design bind_checkranked(lua_State *L, int idx, const char *who, const char *name);

/* The labels at idx: one number per row of the features. */
const double *bind_checklabels(lua_State *L, int idx, const limn_design *x, const char *who);

/* Pushes the table of a fit; weights and dual are stack indices of arrays, 0 for none. */
void bind_pushfit(lua_State *L, const limn_fit *fit, const limn_design *x, int weights, int dual);

/* For a rule that may not converge: pushes nil, message, and the table of the best iterate, which
 * is at the top. Raises unless st is an expected failure. */
int bind_unconverged(lua_State *L, limn_status st, const limn_err *err, const char *who);

#endif
