/* folder.c: limn.native.folder: the entries of a folder, for the completion of file names, and the
 * folder of the program. */
#include "bind/bind.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* list(path) -> unordered names, those of folders with a trailing "/"; or nil, message. */
static int l_list(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "folder.list", "path");
  lua_settop(L, 1);
  lua_newtable(L);
  DIR **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = opendir(path);
  if (!*box) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, strerror(errno));
    return 2;
  }
  luaL_setmetatable(L, "limn.folder"); /* closes the folder if a push raises */
  const struct dirent *entry;
  for (lua_Integer n = 1; (entry = readdir(*box)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    bool folder = entry->d_type == DT_DIR;
    if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) {
      char full[4096];
      struct stat facts;
      int length = snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
      folder = length > 0 && (size_t)length < sizeof full && stat(full, &facts) == 0 &&
               S_ISDIR(facts.st_mode);
    }
    lua_pushfstring(L, "%s%s", entry->d_name, folder ? "/" : "");
    lua_rawseti(L, 2, n++);
  }
  closedir(*box);
  *box = NULL;
  lua_settop(L, 2);
  return 1;
}

static int l_folder_close(lua_State *L) {
  DIR **box = luaL_checkudata(L, 1, "limn.folder");
  if (*box) closedir(*box);
  *box = NULL;
  return 0;
}

/* go(path) -> true: relative paths are from there on relative to it; or nil, message */
static int l_go(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "folder.go", "path");
  if (chdir(path) == 0) return lua_pushboolean(L, true), 1;
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", path, strerror(errno));
  return 2;
}

/* current() -> the path of the folder of the program */
static int l_current(lua_State *L) {
  char path[4096];
  lua_pushstring(L, getcwd(path, sizeof path) ? path : ".");
  return 1;
}

int l_open_folder(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"list", l_list}, {"go", l_go}, {"current", l_current}, {NULL, NULL}};
  luaL_newmetatable(L, "limn.folder");
  lua_pushcfunction(L, l_folder_close);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
