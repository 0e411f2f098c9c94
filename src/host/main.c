/* main.c: the program `limn`. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_dostring(L, "package.path='lua/?.lua;lua/?/init.lua;'..package.path "
                       "package.cpath=arg0 and '' or 'build/release/?.so;'..package.cpath"))
    return 1;
  if (argc > 1 && luaL_dofile(L, argv[1])) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return 1;
  }
  lua_close(L);
  return 0;
}
