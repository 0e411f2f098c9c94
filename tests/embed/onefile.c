/* onefile.c: a program that contains limn: no Lua file and no module of limn lies on the disk. */
#include "check.h"

int luaopen_limn(lua_State *L);

static const char code[] =
    "local limn = require 'limn' "
    "local f = limn.features.toy{points=32, count=2000, perfect=100} "
    "assert(limn.contrib.analyse(f, limn.regress.minnorm(f, f.labels)).ratio > 0) "
    "local X, y = limn.data.iris{positive='setosa'} assert(#X == 150) "
    "assert(tostring(limn.help('regress.ridge') or 'printed')) "
    "local e = limn.experiment{name='s', run=false, params={n=1}, grid={n='1:6'}, "
    "measure=function(p) return {v=p.n} end} "
    "assert(#e:run{workers=2, quiet=true} == 6 and #e:run{workers=0, quiet=true, store='s.db'} == "
    "6) "
    "local ok, e = pcall(limn.zeros, -1) assert(tostring(e):find '^%[string', tostring(e))";

int main(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  CHECK(limn_open(L) == 0, "limn was not found");
  const char *said = run(L, code);
  CHECK(strcmp(said, "") == 0, "%s", said);
  lua_close(L);
  L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "limn", luaopen_limn, 1);
  said = run(L, code);
  CHECK(strcmp(said, "") == 0, "%s", said);
  lua_close(L);
  limn_config c;
  limn_config_default(&c, sizeof c);
  c.sandbox = ".";
  L = limn_new(&c);
  CHECK(L != NULL, "no sandbox");
  if (L) {
    said = run(L, "local limn = require 'limn' assert(limn.array{1, 2}:sum() == 3 and not debug)");
    CHECK(strcmp(said, "") == 0, "%s", said);
    limn_close(L);
  }
  printf("onefile: %d failures\n", failures);
  return failures > 0;
}
