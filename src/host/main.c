/* main.c: the program `limn`: the command line of stock lua 5.4, plus `limn COMMAND` and --help.
 *
 * main only creates a Lua state; everything else runs inside one protected call. */
#include "bind/error.h"
#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  bool interactive, version, execute, no_env;
  int script; /* index of the script in argv, or argc */
  const char *bad;
} options;

static void usage(const char *bad) {
  fprintf(stderr, "%s: ", host_name);
  if (bad[1] == 'e' || bad[1] == 'l')
    fprintf(stderr, "'%s' needs argument\n", bad);
  else
    fprintf(stderr, "unrecognized option '%s'\n", bad);
  fprintf(stderr,
          "usage: %s [options] [script [args]]\n"
          "Available options are:\n"
          "  -e stat   execute string 'stat'\n"
          "  -i        enter interactive mode after executing 'script'\n"
          "  -l mod    require library 'mod' into global 'mod'\n"
          "  -l g=mod  require library 'mod' into global 'g'\n"
          "  -v        show version information\n"
          "  -E        ignore environment variables\n"
          "  -W        turn warnings on\n"
          "  --        stop handling options\n"
          "  -         stop handling options and execute stdin\n"
          "  --sandbox FOLDER script   run a script that is not trusted\n"
          "  --help    list the commands of limn\n",
          host_name);
}

/* The options before the script; the rules of stock lua. */
static options read_options(int argc, char **argv) {
  options o = {.script = argc};
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i];
    o.script = i;
    if (a[0] != '-') return o;
    switch (a[1]) {
    case '\0':
      return o; /* "-": stdin is the script */
    case '-':
      if (a[2] != '\0') {
        o.bad = a;
        return o;
      }
      o.script = i + 1;
      return o;
    case 'E':
      if (a[2] != '\0') o.bad = a;
      o.no_env = true;
      break;
    case 'i':
      if (a[2] != '\0') o.bad = a;
      o.interactive = o.version = true;
      break;
    case 'v':
      if (a[2] != '\0') o.bad = a;
      o.version = true;
      break;
    case 'W':
      if (a[2] != '\0') o.bad = a;
      break;
    case 'e':
      o.execute = true; /* fallthrough */
    case 'l':
      if (a[2] == '\0' && (++i >= argc || argv[i][0] == '-')) o.bad = a;
      break;
    default:
      o.bad = a;
    }
    if (o.bad) return o;
  }
  o.script = argc;
  return o;
}

/* host_call of a chunk of the user. The chunk's name is registered while it runs, since a tail call
 * in it leaves no frame from which an error could take a position. */
static int call_chunk(lua_State *L, int nargs, int nresults) {
  lua_Debug ar;
  lua_pushvalue(L, -nargs - 1);
  lua_getinfo(L, ">S", &ar);
  lua_pushstring(L, ar.short_src);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CHUNK_KEY);
  int status = host_call(L, nargs, nresults);
  lua_pushboolean(L, 0);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CHUNK_KEY);
  return status;
}

/* Appends to the message at the top what a function of a Lua module, or the module itself where
 * `function` is NULL, answers to the text, on a line of its own. A failure adds nothing. */
static void append_advice(lua_State *L, const char *module, const char *function,
                          const char *text) {
  int top = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) {
    if (function) lua_getfield(L, -1, function);
    lua_pushstring(L, text);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING) {
      lua_pushfstring(L, "%s\n%s", lua_tostring(L, top), lua_tostring(L, -1));
      lua_replace(L, top);
    }
  }
  lua_settop(L, top);
}

/* The advice of limn.base.pitfalls on a text that does not compile: function "of" takes the text
 * itself, "of_file" the name of its file. */
static void advise(lua_State *L, int status, const char *function, const char *text) {
  if (status == LUA_ERRSYNTAX && text) append_advice(L, "limn.base.pitfalls", function, text);
}

/* What limn.frontend.commands says of a word that is no file: it may be a command with a misprint.
 */
static void advise_on_word(lua_State *L, int status, const char *word) {
  if (status != LUA_ERRFILE || !word || access(word, F_OK) == 0) return;
  if (word[strspn(word, "abcdefghijklmnopqrstuvwxyz-")] != '\0') return;
  append_advice(L, "limn.frontend.commands", NULL, word);
}

/* require also finds Lua files beside the script, after all other places. */
static void search_beside(lua_State *L, const char *script) {
  const char *slash = script ? strrchr(script, '/') : NULL;
  if (!slash) return; /* the current folder is in the path */
  int top = lua_gettop(L);
  lua_getglobal(L, "package");
  if (lua_istable(L, -1) && lua_getfield(L, -1, "path") == LUA_TSTRING) {
    lua_pushlstring(L, script, (size_t)(slash - script) + 1);
    const char *path = lua_tostring(L, -2), *folder = lua_tostring(L, -1);
    if (!strpbrk(folder, "?;")) { /* signs with a meaning in package.path */
      lua_pushfstring(L, "%s;%s?.lua;%s?/init.lua", path, folder, folder);
      lua_setfield(L, -4, "path");
    }
  }
  lua_settop(L, top);
}

static int run_string(lua_State *L, const char *code, const char *name) {
  int status = luaL_loadbuffer(L, code, strlen(code), name);
  advise(L, status, "of", code);
  if (status == LUA_OK) status = call_chunk(L, 0, 0);
  return host_report(L, status);
}

/* Loads the script on standard input and keeps its text, which the advice on its errors needs.
 * Pushes the function or the message. */
static int load_stdin(lua_State *L) {
  luaL_Buffer b;
  size_t n = 0, size = 0;
  luaL_buffinit(L, &b);
  do {
    n = fread(luaL_prepbuffer(&b), 1, LUAL_BUFFERSIZE, stdin);
    luaL_addsize(&b, n);
  } while (n > 0);
  luaL_pushresult(&b);
  if (ferror(stdin)) {
    lua_pop(L, 1);
    lua_pushfstring(L, "cannot read stdin: %s", strerror(errno));
    return LUA_ERRFILE;
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_STDIN_KEY);
  const char *text = lua_tolstring(L, -1, &size), *end = text + size, *code = text;
  if (size >= 3 && memcmp(code, "\xEF\xBB\xBF", 3) == 0) code += 3; /* the mark of UTF-8 */
  if (code < end && *code == '#') {                                 /* "#!.." is not Lua */
    code = memchr(code, '\n', (size_t)(end - code));
    if (!code) code = end;
  }
  int status = luaL_loadbuffer(L, code, (size_t)(end - code), "=stdin");
  advise(L, status, "of", text);
  lua_remove(L, -2);
  return status;
}

static int run_stdin(lua_State *L) {
  int status = load_stdin(L);
  if (status == LUA_OK) status = call_chunk(L, 0, 0);
  return host_report(L, status);
}

static int run_file(lua_State *L, const char *name) {
  int status = luaL_loadfile(L, name);
  advise(L, status, "of_file", name);
  if (status == LUA_OK) status = call_chunk(L, 0, 0);
  return host_report(L, status);
}

/* -l name and -l global=name; as in stock lua, the global for "name-suffix" is name. */
static int run_library(lua_State *L, const char *spec) {
  char global[256];
  const char *equals = strchr(spec, '='), *module = equals ? equals + 1 : spec;
  size_t n = equals ? (size_t)(equals - spec) : strcspn(spec, "-");
  if (n >= sizeof global) n = sizeof global - 1;
  memcpy(global, spec, n);
  global[n] = '\0';
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  int status = host_call(L, 1, 1);
  if (status == LUA_OK) lua_setglobal(L, global);
  return host_report(L, status);
}

/* -> exit code */
static int run_options(lua_State *L, char **argv, int end) {
  for (int i = 1; i < end; i++) {
    char which = argv[i][1];
    if (which == 'e' || which == 'l') {
      const char *extra = argv[i][2] ? argv[i] + 2 : argv[++i];
      int status = which == 'e' ? run_string(L, extra, "=(command line)") : run_library(L, extra);
      if (status != LUA_OK) return host_code(status);
    } else if (which == 'W') {
      lua_warning(L, "@on", 0);
    }
  }
  return 0;
}

/* LUA_INIT_5_4, else LUA_INIT: a string to run, or @file. */
static int run_init(lua_State *L) {
  const char *name = "=LUA_INIT_5_4", *init = getenv(name + 1);
  if (!init) init = getenv((name = "=LUA_INIT") + 1);
  if (!init) return LUA_OK;
  return init[0] == '@' ? run_file(L, init + 1) : run_string(L, init, name);
}

static void make_arg(lua_State *L, char **argv, int argc, int script) {
  if (script == argc) script = 0; /* no script: the program itself is arg[0] */
  lua_createtable(L, argc - script - 1 > 0 ? argc - script - 1 : 0, script + 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - script);
  }
  lua_setglobal(L, "arg");
}

/* Whether a line of the file begins a cell of a notebook: "-- %%". */
static bool has_cells(const char *name) {
  char line[256];
  bool found = false, whole = true; /* whole: the last piece ended a line */
  FILE *file = fopen(name, "r");
  if (!file) return false;
  while (!found && fgets(line, sizeof line, file)) {
    found = whole && (strncmp(line, "-- %%", 5) == 0 || strncmp(line, "--%%", 4) == 0);
    whole = strchr(line, '\n') != NULL;
  }
  fclose(file);
  return found;
}

/* Loads the script; a file with cells, or one that is not Lua, may be a notebook
 * (limn.frontend.repl.notebook_text). Pushes the function or the message. */
static int load_script(lua_State *L, const char *name) {
  int status = luaL_loadfile(L, name), top = lua_gettop(L);
  if (status != LUA_ERRSYNTAX && !(status == LUA_OK && has_cells(name))) return status;
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn.frontend.repl.notebook_text");
  if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_getfield(L, -1, "load") == LUA_TFUNCTION) {
    lua_pushstring(L, name);
    if (lua_pcall(L, 1, 2, 0) == LUA_OK) {
      bool loaded = lua_isfunction(L, -2);
      if (loaded || lua_isstring(L, -1)) {
        lua_pushvalue(L, loaded ? -2 : -1);
        lua_replace(L, top);
        status = loaded ? LUA_OK : LUA_ERRSYNTAX;
      }
    }
  }
  lua_settop(L, top);
  return status;
}

/* A file limn.lua in the current folder hides the library from scripts, -e and the prompt. */
static void note_shadow(void) {
  if (access("limn.lua", F_OK) == 0)
    fputs(
        "limn: note: require \"limn\" loads ./limn.lua instead of the library; rename that file\n",
        stderr);
}

/* -> exit code */
static int run_script(lua_State *L, char **argv, int at) {
  const char *name = argv[at];
  int top = lua_gettop(L);
  if (strcmp(name, "-") == 0 && strcmp(argv[at - 1], "--") != 0) name = NULL;
  search_beside(L, name);
  int status = name ? load_script(L, name) : load_stdin(L);
  advise(L, status, "of_file", name);
  if (at == 1) advise_on_word(L, status, name);
  if (status == LUA_OK) {
    if (lua_getglobal(L, "arg") != LUA_TTABLE) luaL_error(L, "'arg' is not a table");
    int n = (int)luaL_len(L, -1);
    luaL_checkstack(L, n + 3, "too many arguments to script");
    for (int i = 1; i <= n; i++) lua_rawgeti(L, -i, i);
    lua_remove(L, -n - 1);
    status = call_chunk(L, n, LUA_MULTRET);
  }
  host_report(L, status);
  return host_finish_script(L, top + 1, host_code(status));
}

/* `limn new NAME`, `limn store ls FILE`, ...: a word that is not a file and names a command module.
 * Calls the command with its arguments and returns its exit code; -1 if there is no such command.
 * */
static int run_command(lua_State *L, char **argv, int argc, int at) {
  const char *word = argv[at];
  for (const char *p = word; *p; p++)
    if (!(*p >= 'a' && *p <= 'z')) return -1;
  if (access(word, F_OK) == 0) return -1;
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn.frontend.commands");
  if (lua_pcall(L, 1, 1, 0) != LUA_OK || lua_getfield(L, -1, word) != LUA_TFUNCTION) {
    lua_settop(L, 0);
    return -1;
  }
  int n = argc - at - 1;
  luaL_checkstack(L, n + 3, "too many arguments");
  for (int i = at + 1; i < argc; i++) lua_pushstring(L, argv[i]);
  int status = host_report(L, host_call(L, n, 1));
  if (status != LUA_OK) return host_code(status);
  return lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : 0;
}

/* Calls a function of limn.frontend.commands without arguments. */
static int print_only(lua_State *L, const char *name) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn.frontend.commands");
  if (host_report(L, host_call(L, 1, 1)) != LUA_OK) return 1;
  lua_getfield(L, -1, name);
  return host_report(L, host_call(L, 0, 0)) == LUA_OK ? 0 : 1;
}

/* Returns true on success; the exit code of a command is returned as an integer. */
static int body(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  int failed = 0;
  luaL_checkversion(L);
  if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "--cite") == 0)) {
    luaL_openlibs(L);
    limn_open(L);
    failed = print_only(L, argv[1] + 2);
    lua_pushinteger(L, failed);
    return 1;
  }
  bool version = argc > 1 && strcmp(argv[1], "--version") == 0;
  options o = version ? (options){.version = true, .script = argc} : read_options(argc, argv);
  if (o.bad) {
    usage(o.bad);
    lua_pushinteger(L, 1);
    return 1;
  }
  if (version)
    printf("limn %s (%s)\n", LIMN_VERSION, LUA_RELEASE);
  else if (o.version)
    printf("limn %s, %s\n", LIMN_VERSION, LUA_COPYRIGHT);
  fflush(stdout);
  if (o.no_env) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(L);
  limn_open(L);
  host_progress(L);
  host_prompt(L);
  lua_pushboolean(L, 0);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CHUNK_KEY);
  make_arg(L, argv, argc, o.script);
  host_advise(L);
  lua_gc(L, LUA_GCGEN, 0, 0);
  int script = o.script;
  bool ran = false;
  if (!version) note_shadow();
  if (!o.no_env && !version) failed = host_code(run_init(L));
  if (!failed && !version) failed = run_options(L, argv, script);
  if (!failed && script < argc) {
    ran = true;
    host_keeps_frames = o.interactive;
    lua_createtable(L, 0, 2);
    lua_pushboolean(L, o.interactive);
    lua_setfield(L, -2, "interactive");
    lua_setfield(L, LUA_REGISTRYINDEX, LIMN_SCRIPT_KEY);
    int code = script == 1 ? run_command(L, argv, argc, script) : -1;
    failed = code >= 0 ? code : run_script(L, argv, script);
  }
  if (o.interactive && (!failed || ran)) {
    host_repl(L);
  } else if (!failed && script >= argc && !o.execute && !o.version) {
    if (isatty(0))
      host_repl(L);
    else
      failed = host_code(run_stdin(L));
  }
  lua_pushinteger(L, failed);
  return 1;
}

/* Standard streams that are closed at start are opened on /dev/null: else the next file to be
 * opened, such as the lock of a store, would get the number of one and what is printed. */
static void open_streams(void) {
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0) return;
}

/* What was printed must have been written: a full disk is an error. -> exit code */
static int finish_output(int code) {
  int flushed = fflush(stdout), why = errno;
  if ((flushed == 0 && !ferror(stdout)) || code != 0) return code;
  fprintf(stderr, "%s: cannot write to the standard output%s%s\n", host_name, flushed ? ": " : "",
          flushed ? strerror(why) : " (is the disk full?)");
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  open_streams();
  signal(SIGXFSZ, SIG_IGN); /* a file past the limit of its size: write fails, with EFBIG */
  if (argc > 0 && argv[0] && argv[0][0]) host_name = argv[0];
  if (argc > 1 && strcmp(argv[1], "--sandbox") == 0)
    return finish_output(host_confined(argc, argv));
  lua_State *L = luaL_newstate();
  if (!L) {
    fprintf(stderr, "%s: cannot create state: not enough memory\n", host_name);
    return EXIT_FAILURE;
  }
  lua_pushcfunction(L, body);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status = lua_pcall(L, 2, 1, 0);
  int code = status == LUA_OK ? (int)lua_tointeger(L, -1) : EXIT_FAILURE;
  host_report(L, status);
  lua_close(L);
  return finish_output(code);
}
