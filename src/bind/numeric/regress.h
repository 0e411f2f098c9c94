/* regress.h: what the two binding files of the linear rules share. */
#ifndef LIMN_BIND_REGRESS_H
#define LIMN_BIND_REGRESS_H

#include "limn/regress.h"

#include "bind/bind.h"

/* The features at idx: a FeatureSet, or numbers (replaced by an array that owns them). */
limn_design l_checkdesign(lua_State *L, int idx, const char *who, const char *name);

/* The labels at idx: one number a row of the features. */
const double *l_checklabels(lua_State *L, int idx, const limn_design *x, const char *who);

/* Pushes the table of a fit; weights and dual are stack indices of arrays, 0 for none. */
void l_pushfit(lua_State *L, const limn_fit *fit, const limn_design *x, int weights, int dual);

/* For a rule that may not converge: nil, message, and the best iterate's table, which is at the
 * top. Raises unless st is an expected failure. */
int l_unconverged(lua_State *L, limn_status st, const limn_err *err, const char *who);

/* Adds the functions of regress_paths.c to the table at the top. */
void l_addregress(lua_State *L);

#endif
