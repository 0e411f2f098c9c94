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

src/tools/install.sh "$build" 0.1.0 "" "$prefix"
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
[ "$("$stage/app")" = "0.1.0 1023" ] || fail "C program: $("$stage/app")"
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
  if (bad) puts(lua_tostring(L, -1));
  lua_close(L);
  return bad;
}
END
sed -i '1i #include <stdio.h>' "$stage/host.c"
${CC:-cc} -std=c11 "$stage/host.c" -o "$prefix/bin/host" $(pkg-config --cflags --libs limn-lua)
[ "$("$prefix/bin/host")" = "3.0" ] || fail "embedding: $("$prefix/bin/host")"
ok "a C program that embeds the host with pkg-config limn-lua"

unset LD_LIBRARY_PATH
[ "$(cd / && "$prefix/bin/limn" -e 'print(require "limn".version)')" = 0.1.0 ] || fail "installed program"
ok "the installed program from another folder"
got=$(cd / && LUA_PATH="$prefix/share/lua/5.4/?.lua;$prefix/share/lua/5.4/?/init.lua" \
  LUA_CPATH="$prefix/lib/lua/5.4/?.so" lua5.4 -e 'print(require "limn".eye(2):sum())')
[ "$got" = 2.0 ] || fail "stock lua: $got"
ok "stock lua5.4 with the prefix's paths"
got=$(cd / && LUA_PATH=";;" LUA_CPATH="$prefix/lib/lua/5.4/?.so" lua5.4 -e 'print(require "limn".eye(2):sum())')
[ "$got" = 2.0 ] || fail "stock lua with the module's path alone: $got"
ok "stock lua5.4 with the module's path alone"

bad=$(nm -D --defined-only "$prefix/lib/liblimn.so" | awk '{print $3}' | grep -v '^limn_' || :)
[ -z "$bad" ] || fail "liblimn exports $bad"
bad=$(nm -D --defined-only "$prefix/lib/lua/5.4/limn.so" | awk '{print $3}' | grep -v '^luaopen_limn' || :)
[ -z "$bad" ] || fail "limn.so exports $bad"
if ldd "$prefix/lib/lua/5.4/limn.so" | grep -q liblua; then fail "limn.so links liblua"; fi
ok "only limn_* and luaopen_limn* are exported; the module brings no second Lua"

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
cd - >/dev/null
ok "bash completion"

src/tools/install.sh --remove "" "$prefix"
left=$(find "$prefix" -type f ! -name host)
[ -z "$left" ] || fail "uninstall left $left"
ok "uninstall leaves nothing"
echo "Ran $passed tests"
