/* mlp_value.c: nets as values in Lua: the userdata, and arguments that must fit a net. */
#include "bind/numeric/mlp_value.h"

limn_mlp **bind_pushnet(lua_State *L) {
  limn_mlp **box = lua_newuserdatauv(L, sizeof(void *), 1);
  *box = NULL;
  luaL_setmetatable(L, LIMN_NET);
  return box;
}

limn_mlp *bind_checknet(lua_State *L, int idx, const char *who) {
  limn_mlp **box = luaL_testudata(L, idx, LIMN_NET);
  if (!box) bind_error(L, "%s: expected a net, got %s", who, bind_typename(L, idx));
  if (!*box) bind_error(L, "%s: this net was closed", who);
  return *box;
}

int l_net_gc(lua_State *L) {
  limn_mlp **box = luaL_checkudata(L, 1, LIMN_NET);
  limn_mlp_free(*box);
  *box = NULL;
  return 0;
}

const double *bind_checkpoints(lua_State *L, int idx, const limn_mlp *net, const char *who,
                               const char *name, size_t *points) {
  size_t columns, d = limn_mlp_spec_of(net)->sizes[0];
  const double *x = bind_doubles(L, idx, who, name, points, &columns);
  if (columns == 1 && d > 1 && *points == d) { /* one point given as a vector */
    *points = 1;
    return x;
  }
  if (columns != d)
    bind_error(L, "%s: %s has %zu columns but the net has %zu inputs", who, name, columns, d);
  return x;
}

const double *bind_checktargets(lua_State *L, int idx, const limn_mlp *net, size_t points,
                                const char *who) {
  size_t rows, columns, outputs = limn_mlp_spec_of(net)->sizes[limn_mlp_spec_of(net)->layers];
  const double *y = bind_doubles(L, idx, who, "y", &rows, &columns);
  if (rows == points && columns == outputs) return y;
  if (outputs == 1 && columns == 1)
    bind_error(L, "%s: y has %zu entries but X has %zu rows", who, rows, points);
  bind_error(L, "%s: y must be %zu x %zu (points x outputs), got %zu x %zu", who, points, outputs,
             rows, columns);
}

size_t bind_checkmember(lua_State *L, int idx, const limn_mlp *net, const char *who) {
  lua_Integer count = (lua_Integer)limn_mlp_spec_of(net)->count;
  return (size_t)bind_checkint(L, idx, who, "member", 1, count) - 1;
}

size_t bind_checklayer(lua_State *L, int idx, const limn_mlp *net, const char *who) {
  return (size_t)bind_checkint(L, idx, who, "layer", 1, (lua_Integer)limn_mlp_spec_of(net)->layers);
}
