/* mlp.h: what the two binding files of nets share. */
#ifndef LIMN_BIND_MLP_H
#define LIMN_BIND_MLP_H

#include "limn/mlp.h"

#include "bind/bind.h"

/* The losses' names, by limn_mlp_loss; ends with NULL. */
extern const char *const l_losses[];

limn_mlp *l_checknet(lua_State *L, int idx, const char *who);

/* The points at idx, which must fit the net's inputs. */
const double *l_checkpoints(lua_State *L, int idx, const limn_mlp *net, const char *who,
                            const char *name, size_t *points);

/* The targets at idx, (points, outputs); of one output a vector will do. */
const double *l_checktargets(lua_State *L, int idx, const limn_mlp *net, size_t points,
                             const char *who);

/* A member 1 .. count, as 0-based; a layer 1 .. layers, as it is. */
size_t l_checkmember(lua_State *L, int idx, const limn_mlp *net, const char *who);
size_t l_checklayer(lua_State *L, int idx, const limn_mlp *net, const char *who);

/* Adds the functions of mlp_probe.c to the table at the top. */
void l_addprobes(lua_State *L);

#endif
