#!/bin/sh
# install_test.sh BUILD: installs into a staged prefix and uses what is there as a stranger would: from C, from an
# embedded Lua, from another folder, from stock lua; and looks at what the libraries export.
set -eu
build=$1
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
prefix=$stage/usr
passed=0
ok() { passed=$((passed + 1)); echo "ok   $1"; }
fail() { echo "FAIL $1" >&2; exit 1; }

version=$(sed -n 's/^#define LIMN_VERSION "\(.*\)"$/\1/p' include/limn/status.h)
src/tools/install.sh "$build" "$version" "" "$prefix"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

cat >"$stage/app.c" <<'END'
#include <limn/limn.h>
#include <stdio.h>
int main(void) {
  double points;
  limn_err err;
  if (limn_theory_crossover(&points, limn_theory_log_odds(10), 2, &err) != LIMN_OK) return 1;
  printf("%s %.0f\n", limn_version(), points);
  return 0;
}
END
${CC:-cc} -std=c11 "$stage/app.c" -o "$stage/app" $(pkg-config --cflags --libs limn)
[ "$("$stage/app")" = "$version 1023" ] || fail "C program: $("$stage/app")"
ok "a C program with pkg-config limn"

cat >"$stage/host.c" <<'END'
#include <limn/host.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
int main(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (limn_open(L) != 0) return 2;
  int bad = luaL_dostring(L, "local l = require 'limn' print(l.array{1,2}:sum())");
  if (bad) puts(luaL_tolstring(L, -1, NULL));
  lua_close(L);
  return bad;
}
END
sed -i '1i #include <stdio.h>' "$stage/host.c"
${CC:-cc} -std=c11 "$stage/host.c" -o "$prefix/bin/host" $(pkg-config --cflags --libs limn-lua)
[ "$("$prefix/bin/host")" = "3.0" ] || fail "embedding: $("$prefix/bin/host")"
ok "a C program that embeds the host with pkg-config limn-lua"

unset LD_LIBRARY_PATH
[ "$(cd / && "$prefix/bin/limn" -e 'print(require "limn".version)')" = "$version" ] || fail "installed program"
ok "the installed program from another folder"
got=$(cd / && LUA_PATH="$prefix/share/lua/5.4/?.lua;$prefix/share/lua/5.4/?/init.lua" \
  LUA_CPATH="$prefix/lib/lua/5.4/?.so" lua5.4 -e 'print(require "limn".eye(2):sum())')
[ "$got" = 2.0 ] || fail "stock lua: $got"
ok "stock lua5.4 with the prefix's paths"
got=$(cd / && LUA_PATH=";;" LUA_CPATH="$prefix/lib/lua/5.4/?.so" lua5.4 -e 'print(require "limn".eye(2):sum())')
[ "$got" = 2.0 ] || fail "stock lua with the module's path alone: $got"
ok "stock lua5.4 with the module's path alone"

# A stranger's C module finds lua_* in the program.
cat >"$stage/stranger.c" <<'END'
#include <lua.h>
#include <lauxlib.h>
int luaopen_stranger(lua_State *L) { return luaL_dostring(L, "return 6 * 7") == LUA_OK; }
END
${CC:-cc} -shared -fPIC $(pkg-config --cflags lua5.4) "$stage/stranger.c" -o "$stage/stranger.so"
[ "$(LUA_CPATH="$stage/?.so" "$prefix/bin/limn" -e 'print(require "stranger")' | cut -c1-2)" = 42 ] || fail "a C module of a stranger"
ok "the installed program loads a C module of a stranger"

# A host that embeds limn keeps its flag, its hook and its registry fields whatever limn does with them.
cat >"$stage/flag.c" <<'END'
#include <limn/host.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
static volatile sig_atomic_t flag;
static int told;
static int served(lua_State *L) { (void)L; told++; return 0; }
static void hook(lua_State *L, lua_Debug *ar) { (void)L; (void)ar; }
static void run(lua_State *L, const char *code) {
  if (luaL_dostring(L, code)) puts(lua_tostring(L, -1));
  printf("flag %d hook %d told %d\n", (int)flag, lua_gethook(L) == hook, told);
}
int main(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (limn_open(L) != 0) return 2;
  run(L, "limn = require 'limn' X, y = limn.array{{1, 1}, {1, -1}}, limn.array{1, -1} net = limn.mlp.new{sizes={2, 16, 1}}");
  lua_pushlightuserdata(L, (void *)&flag);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD);
  lua_sethook(L, hook, LUA_MASKCOUNT, 1000);
  flag = 1;
  run(L, "r = net:train(X, y, {rate=1e-9, steps=1 << 50, tol=-1, interrupt='return'}) print(r.reason, r.loss > 0 and r.loss < 100)");
  run(L, "ok, e = pcall(net.train, net, X, y, {rate=1e-9, steps=1 << 50, tol=-1}) print(ok, e.kind, e.run.reason)");
  lua_pushcfunction(L, served);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_SERVED_FIELD);
  run(L, "print(select(2, pcall(function() limn.rng.stream{}:normal(3000, 3000) end)))");
  if (limn_repl(L) != 0) return 3;
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD);
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_SERVED_FIELD);
  printf("%d %d %d\n", lua_touserdata(L, -2) == (void *)&flag, lua_tocfunction(L, -1) == served, lua_gettop(L));
  lua_close(L);
  return 0;
}
END
${CC:-cc} -std=c11 "$stage/flag.c" -o "$prefix/bin/host" $(pkg-config --cflags --libs limn-lua)
cat >"$stage/expected" <<'END'
flag 0 hook 0 told 0
cancelled	true
flag 1 hook 1 told 0
false	interrupted	cancelled
flag 1 hook 1 told 0
[string "print(select(2, pcall(function() limn.rng.str..."]:1: interrupted!
flag 1 hook 1 told 1
limn> 
1 1 2
END
"$prefix/bin/host" </dev/null >"$stage/got" || fail "a host's flag: $(cat "$stage/got")"
diff "$stage/expected" "$stage/got" >&2 || fail "a host's flag or hook was changed"
ok "a host that embeds limn keeps its flag, its hook and its registry fields"

# Library and module in one process: each has settings of its own, both read from the environment.
cat >"$stage/both.c" <<'END'
#include <limn/limn.h>
#include <limn/host.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
int main(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (limn_open(L) != 0) return 2;
  printf("%d %s\n", limn_threads_get(), limn_isa_name(limn_isa_get()));
  limn_threads_set(5, NULL);
  fflush(stdout);
  if (luaL_dostring(L, "local l = require 'limn' print(l.threads(), l.isa()) l.threads(4)")) puts(lua_tostring(L, -1));
  printf("%d\n", limn_threads_get());
  lua_close(L);
  return 0;
}
END
${CC:-cc} -std=c11 "$stage/both.c" -o "$prefix/bin/host" $(pkg-config --cflags --libs limn limn-lua)
got=$(LD_LIBRARY_PATH=$prefix/lib LIMN_THREADS=3 LIMN_ISA=ref "$prefix/bin/host" | tr '\t\n' '  ')
[ "$got" = "3 ref 3 ref 5 " ] || fail "library and module in one process: $got"
ok "library and module in one process: both obey LIMN_THREADS and LIMN_ISA, neither changes the other"

# What the compiler sees declared in the public headers, whether marked LIMN_API or not.
declared() { # declared HEADER...
  for h in "$@"; do echo "#include <limn/$h>"; done >"$stage/declared.c"
  gcc -std=c17 -I"$prefix/include" -fsyntax-only -aux-info "$stage/declared" "$stage/declared.c"
  sed -n 's/.*include\/limn\/.* extern .*[ *]\(limn_[a-z0-9_]*\) (.*/\1/p' "$stage/declared" | sort -u
}
exported() { nm -D --defined-only "$1" | awk '{print $3}' | sort; }
visible() { nm -g --defined-only "$1" | awk 'NF == 3 {print $3}' | sort -u; }
if command -v gcc >/dev/null 2>&1; then
  declared $(cd include/limn && ls | grep -v "^host.h$") >"$stage/public"
  [ "$(wc -l <"$stage/public")" -gt 100 ] || fail "the public headers declare $(wc -l <"$stage/public") functions"
  exported "$prefix/lib/liblimn.so" >"$stage/exported"
  bad=$(comm -13 "$stage/public" "$stage/exported")
  [ -z "$bad" ] || fail "liblimn.so exports what no public header declares: $bad"
  bad=$(comm -23 "$stage/public" "$stage/exported")
  [ -z "$bad" ] || fail "public headers declare what liblimn.so does not export: $bad"
  visible "$prefix/lib/liblimn-lua.a" >"$stage/visible"
  bad=$(declared host.h | grep -v '^limn_status\|^limn_err\|^limn_version' | comm -3 - "$stage/visible")
  [ -z "$bad" ] || fail "liblimn-lua.a and limn/host.h differ: $bad"
  ok "liblimn.so and liblimn-lua.a export what the public headers declare, no more and no less"
else
  echo "SKIP: exports against headers: no gcc"
fi
bad=$(visible "$prefix/lib/liblimn.a" | grep -v '^limn_' || :)
[ -z "$bad" ] || fail "liblimn.a defines names without limn_: $bad"
ok "every global name of liblimn.a begins with limn_"
[ "$(exported "$prefix/lib/lua/5.4/limn.so" | xargs)" = "luaopen_limn luaopen_limn_native" ] ||
  fail "limn.so exports $(exported "$prefix/lib/lua/5.4/limn.so")"
bad=$(exported "$prefix/bin/limn" | grep '^limn_\|^l_\|^host_' || :)
[ -z "$bad" ] || fail "the program exports $bad"
needed=$(readelf -d "$prefix/lib/lua/5.4/limn.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
case $needed in *liblua* | *liblimn*) fail "limn.so needs $needed" ;; esac
ok "the module exports its two entry points and needs neither liblua nor liblimn; the program exports nothing of its own"

for h in include/limn/*.h; do
  echo "#include <limn/$(basename "$h")>" >"$stage/h.c"
  ${CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$prefix/include" -c "$stage/h.c" -o "$stage/h.o" || fail "$h as C11"
  if command -v g++ >/dev/null 2>&1; then
    cp "$stage/h.c" "$stage/h.cc"
    g++ -std=c++17 -Wall -Wextra -Werror -I"$prefix/include" -c "$stage/h.cc" -o "$stage/h.o" || fail "$h as C++17"
  fi
done
ok "every header compiles alone as C11$(command -v g++ >/dev/null 2>&1 && echo ' and C++17' || :)"
command -v g++ >/dev/null 2>&1 || echo "SKIP: headers as C++17: no g++"

man=$prefix/share/man/man1/limn.1
[ -s "$man" ] || fail "no manual page (scdoc builds it)"
for word in NAME SYNOPSIS OPTIONS ENVIRONMENT EXAMPLES "limn store" LIMN_THREADS; do
  grep -q -- "$word" "$man" || fail "the manual page lacks $word"
done
grep -q "limn $version" "$man" || fail "the manual page is not that of limn $version"
ok "the manual page"

# Completion as bash does it: the words of a line, and what is offered for the last one.
offered() {
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _limn; printf "%s\n" "${COMPREPLY[@]}"' - \
    "$prefix/share/bash-completion/completions/limn" "$@" | sort | tr '\n' ' '
}
cd "$stage" && mkdir -p sub && : >run.lua && : >notes.txt
[ "$(offered limn sto)" = "store " ] || fail "completion of a command: $(offered limn sto)"
[ "$(offered limn store m)" = "merge " ] || fail "completion of a word of store: $(offered limn store m)"
[ "$(offered limn ru)" = "run.lua " ] || fail "completion of a script: $(offered limn ru)"
[ "$(offered limn no)" = " " ] || fail "only scripts are offered: $(offered limn no)"
[ "$(offered limn run.lua --res)" = "--resume " ] || fail "completion of an option: $(offered limn run.lua --res)"
[ "$(offered limn --v)" = "--version " ] || fail "completion of --version: $(offered limn --v)"
[ "$(offered limn store merge --sh)" = "--shards " ] || fail "completion of an option of merge: $(offered limn store merge --sh)"
cd - >/dev/null
ok "bash completion"
if command -v zsh >/dev/null 2>&1; then # the file finds that of bash
  zsh -f -c 'autoload -Uz compinit && compinit -u -D; fpath=("$1" $fpath); autoload -Uz _limn; _limn 2>/dev/null
    [ "$_comps[limn]" = "_bash_complete -F _limn" ]' - "$prefix/share/zsh/site-functions" || fail "zsh completion"
  ok "zsh completion"
else echo "SKIP: zsh completion: no zsh"; fi

cmp -s LICENSE "$prefix/share/limn/LICENSE" || fail "no licence"
[ -z "$(readelf -S "$prefix/lib/liblimn.so" | grep debug_info)" ] || fail "liblimn.so is not stripped"
: >"$prefix/share/lua/5.4/limn/plugin.lua"
: >"$prefix/lib/liblimn.so.9"
src/tools/install.sh --remove "" "$prefix"
left=$(cd "$prefix" && find . -type f ! -name host | sort | xargs)
[ "$left" = "./lib/liblimn.so.9 ./share/lua/5.4/limn/plugin.lua" ] || fail "uninstall left $left"
left=$(cd "$prefix" && find . -type d | sort | xargs)
[ "$left" = ". ./bin ./lib ./share ./share/lua ./share/lua/5.4 ./share/lua/5.4/limn" ] || fail "uninstall left the folders $left"
if src/tools/install.sh --remove "" "$prefix" 2>/dev/null; then fail "a second uninstall"; fi
ok "uninstall removes what was installed, and no file of others"

# LIBDIR of a system with several architectures: the module, the program and a host find the files.
multi=$stage/multi
src/tools/install.sh "$build" "$version" "" "$multi" "$multi/lib/x86_64-linux-gnu"
got=$(cd / && LUA_PATH=";;" LUA_CPATH="$multi/lib/x86_64-linux-gnu/lua/5.4/?.so" lua5.4 -e 'print(require "limn".eye(2):sum())')
[ "$got" = 2.0 ] || fail "stock lua with LIBDIR: $got"
ok "LIBDIR: stock lua5.4 with the module's path alone"

# Lua files of another version are refused.
sed -i 's/^local VERSION = "[0-9.]*"/local VERSION = "9.9.9"/' "$multi/share/lua/5.4/limn/init.lua"
got=$(cd / && LUA_PATH=";;" LUA_CPATH="$multi/lib/x86_64-linux-gnu/lua/5.4/?.so" lua5.4 -e 'require "limn"' 2>&1 || :)
case $got in *"files are those of version 9.9.9, the module limn.so is of version $version"*) ;; *) fail "versions: $got" ;; esac
grep -q "^local VERSION = \"$version\"" lua/limn/init.lua || fail "lua/limn/init.lua and limn/status.h have different versions"
ok "Lua files and module of different versions are refused"

# What LuaRocks does with the rockspec, in a tree whose Lua files and module are in folders of their own.
[ -f "limn-$version-1.rockspec" ] || fail "there is no limn-$version-1.rockspec"
grep -q "^version = \"$version-1\"$" "limn-$version-1.rockspec" || fail "limn-$version-1.rockspec has another version"
rock=$stage/rock
env -u MAKEFLAGS -u MAKELEVEL make -s MODE="${build##*/}" install-lua LUADIR="$rock/share/lua/5.4" LUA_LIBDIR="$rock/lib/lua/5.4" >/dev/null
got=$(cd / && LUA_PATH="$rock/share/lua/5.4/?.lua;$rock/share/lua/5.4/?/init.lua" LUA_CPATH="$rock/lib/lua/5.4/?.so" \
  lua5.4 -e 'print(require "limn".eye(2):sum())')
[ "$got" = 2.0 ] || fail "install-lua: $got"
ok "make install-lua, which the rockspec calls"
if command -v luarocks >/dev/null 2>&1; then
  luarocks --lua-version 5.4 lint "limn-$version-1.rockspec" >"$stage/said" 2>&1 || fail "luarocks lint: $(cat "$stage/said")"
  ok "luarocks lint"
else echo "SKIP: luarocks lint: no luarocks"; fi
echo "Ran $passed tests"
