#!/bin/sh
# arch.sh [--quiet]: checks the dependencies between rooms, in C and in Lua, from the #includes, the require calls and,
# after a build, the symbols of the objects. Names file and line of each dependency that the tables below do not allow,
# and every cycle; then exits with 1. Needs only standard tools, since it runs before the build.
set -eu
cd "$(dirname "$0")/../.."
quiet=${1:-}

# ---- the tables. ROOM [= FILES] : ROOMS IT MAY USE -------------------------------------------------------------
# A room is a folder of src. "= FILES" makes a room of some files of its parent folder. A public header limn/x.h is
# part of the room that implements it; a header in the list of a room permits its types and constants, not its functions.
# ~ROOM is allowed for the time being and is ignored in the search for cycles.
c_rooms='
core                 :
sys                  : core
sys/line             :
num/random           : core
num/linalg           : core
num/array            : core num/simd/functions
num/matrix           : core num/linalg num/array
num/stats            : core num/random num/array
num/io               : core sys num/array
num/simd/bits        : core num/random
num/simd/arccos      : core
num/simd/functions   : core
num/simd/mlp         : core limn/mlp.h limn/kernel.h
num/simd/patterns    : core
num/features         : core num/random num/linalg num/simd/bits
num/kernel           : core num/linalg num/simd/arccos
num/maps             : core num/random num/linalg num/stats
num/functions        : core num/random num/stats num/maps num/simd/bits num/simd/patterns limn/kernel.h
num/programs         : core num/random
num/theory           : core num/random num/stats
num/regress/design   = core.h design.c fit.c columns.c columns.h duplicate_columns.c : core num/linalg num/features limn/regress.h
num/regress/minnorm  : core num/linalg num/features num/regress/design
num/regress/ridge    : core num/linalg num/features num/regress/design
num/regress          : core num/random num/linalg num/features num/regress/design num/regress/minnorm
num/mlp              : core sys num/random num/linalg num/simd/mlp limn/kernel.h
num/mlp/train        : core num/random num/linalg num/simd/mlp num/mlp
num/mlp/train/wide   : core num/random num/linalg num/simd/mlp num/mlp num/mlp/train
num/mlp/train/groups : core num/simd/mlp num/mlp num/mlp/train
num/mlp/train/choose = train.c choose.c choose.h plan.c plan.h : core num/random num/linalg num/simd/mlp num/mlp num/mlp/train num/mlp/train/wide num/mlp/train/groups
bind/error           = error.c error.h :
bind/embedded        = embedded.c embedded.h : sys bind/error
bind                 : core sys bind/error limn/host.h
bind/numeric         : core sys num/* bind
bind/sweep           : core sys bind bind/error bind/numeric
bind/output          : core sys num/array num/io bind bind/embedded bind/numeric
bind/frontend        : core sys bind limn/host.h
bind/open            = open.c : core bind bind/*
host                 : core sys sys/line bind/error bind/embedded bind/open
'
# The room of a public header whose name is not its room.
headers='array=core vocabulary=core status=core token=core cpu=core memory=core array_ops=num/array array_shape=num/array array_search=num/array contrib=num/features rng=num/random random_distributions=num/random host=host'

# A room is a module of lua/limn or a folder. All rooms may use limn.native. The module limn loads the public modules by
# name at their first use; this does not count as a dependency, so no module may use limn.
lua_rooms='
base              :
limn              : base docs
rng               : base
stats             : base
claims            : base
contrib           : base
theory            : base stats
regress           : base
kernel            : base
maps              : base stats claims
data              : base rng
mlp               : base rng stats claims
features          : base mlp
programs          : base features
plot              : base stats
table             : base rng stats
functions         : base stats kernel programs mlp
experiment        : base rng stats claims plot table
results           : base experiment table
docs              : base
report            : base claims experiment docs
frontend.repl     : base docs experiment results limn
frontend.jupyter  : base experiment plot frontend.repl limn
frontend.commands : base docs experiment plot table frontend.jupyter limn
scripts           : limn report
'

# ---- the dependencies in the sources -------------------------------------------------------------------------------
includes() { # C FILE LINE TARGET
  grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*("|<limn/)' src include --include='*.c' --include='*.h' |
    sed -E 's/^(src|include)\/([^:]*):([0-9]+):[^"<]*["<]([^">]*)[">].*/C \1 \2 \3 \4/'
}
requires() { # L FILE LINE MODULE
  grep -rnoE "require *\(? *[\"'][A-Za-z_.]+" lua scripts --include='*.lua' | grep -v '\.d\.lua:' |
    sed -E "s/^([^:]*):([0-9]+):.*[\"']/L - \1 \2 /"
}
symbols() { # D OBJECT SYMBOL, U OBJECT SYMBOL
  for objects in build/release/obj build/*/obj; do
    [ -d "$objects" ] || continue
    fresh=
    for o in $(find "$objects" -name '*.o'); do
      source=src/${o#"$objects"/}
      source=${source%.o}.c
      [ ! -f "$source" ] || [ "$source" -nt "$o" ] || fresh="$fresh $o"
    done
    [ -z "$fresh" ] || nm -A -g -P $fresh 2>/dev/null | sed -E "s#^$objects/([^:]*)\.o: *([^ ]+) ([A-Za-z]).*#\3 - \1.c 0 \2#" |
      sed -E 's/^[Uwv] /U /; t; s/^[A-Z] /D /'
    return
  done
}

bad=0
{
  echo "$c_rooms" | sed 's/^/T C /'
  echo "$lua_rooms" | sed 's/^/T L /'
  for h in $headers; do echo "H $h"; done
  symbols
  includes
  requires
} | awk -v quiet="$quiet" '
  function breach(text) { print "arch: " text | "cat >&2"; bad = 1 }
  function folder(path) { return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "" }
  function c_room(path, name) {
    if (path in owner) return owner[path]
    if (path ~ /^limn\//) {
      name = substr(path, 6); sub(/\.h$/, "", name)
      return name == "limn" ? "limn.h" : name in header ? header[name] : ("C num/" name) in known ? "num/" name : ""
    }
    return ("C " folder(path)) in known ? folder(path) : ""
  }
  function lua_room(path) { # of a file
    if (path ~ /^scripts\//) return "scripts"
    sub(/^lua\/limn\//, "", path); sub(/\.lua$/, "", path)
    if (path == "init") return "limn"
    return module_room("limn." path "/", "/")
  }
  function module_room(name, by, part) { # of a module; by: what parts its name
    if (name == "limn") return "limn"
    sub(/^limn\./, "", name)
    gsub(/\//, ".", name); sub(/\.$/, "", name)
    split(name, part, ".")
    name = part[1] == "frontend" ? part[1] "." part[2] : part[1]
    return ("L " name) in known ? name : ""
  }
  function may(kind, from, to, name, way) {
    if ((kind, from, name) in lent) return "lent"
    if ((kind, from, to) in use) return use[kind, from, to]
    way = folder(to)
    while (way != "") { if ((kind, from, way "/*") in use) return "yes"; way = folder(way) }
    return ""
  }
  function arrow(kind, from, to, name, where, how) {
    if (from == to) return
    how = may(kind, from, to, name)
    if (how == "") { breach(where ": " from " may not use " to " (" name ")"); return }
    if (how != "yes" || (kind, from, to) in example) return
    example[kind, from, to] = where " (" name ")"
    next_of[kind, from] = next_of[kind, from] " " to
    arrows++
  }
  # Depth first; a room that is on the current path again closes a cycle.
  function walk(kind, room, path, list, n, i) {
    state[kind, room] = 1
    n = split(next_of[kind, room], list, " ")
    for (i = 1; i <= n; i++) {
      if (state[kind, list[i]] == 1) circle(kind, path " " list[i])
      else if (!state[kind, list[i]]) walk(kind, list[i], path " " list[i])
    }
    state[kind, room] = 2
  }
  function circle(kind, path, list, n, i, k, text) {
    n = split(path, list, " ")
    for (k = n - 1; list[k] != list[n]; k--) ;
    text = "a cycle of rooms:"
    for (i = k; i < n; i++) text = text "\n  " list[i] " uses " list[i + 1] ": " example[kind, list[i], list[i + 1]]
    breach(text)
  }
  $1 == "T" && NF > 2 {
    kind = $2; room = $3; known[kind " " room] = 1
    order[++rooms] = kind " " room
    if (!quiet) { text = $0; sub(/^T [CL] /, "", text); shown[rooms] = text }
    for (i = 4; $i != ":"; i++) if ($i != "=") owner[folder(room) "/" $i] = room
    for (i++; i <= NF; i++) {
      if ($i ~ /\.h$/) lent[kind, room, $i] = 1
      else if ($i ~ /^~/) use[kind, room, substr($i, 2)] = "for now"
      else use[kind, room, $i] = "yes"
    }
  }
  $1 == "H" { split($2, pair, "="); header[pair[1]] = pair[2] }
  $1 == "D" { home[$5] = $3 }
  $1 == "U" { wants[++wanted] = $3 " " $5 }
  $1 == "C" {
    where = $2 "/" $3 ":" $4
    from = c_room($3); to = c_room($5)
    if (from == "") { breach(where ": the file is in no room of src/tools/arch.sh"); next }
    if (to == "") { breach(where ": \"" $5 "\" is in no room (includes are written from src/)"); next }
    if (from == "limn.h") next
    if (to == "limn.h") { breach(where ": include the header of one room, not limn/limn.h"); next }
    arrow("C", from, to, $5, where)
  }
  $1 == "L" {
    where = $3 ":" $4
    if ($5 !~ /^limn($|\.)/ || $5 == "limn.native") {
      if ($5 == "limn.native" && $3 ~ /^scripts\//) breach(where ": a script must use the public modules, not limn.native")
      next
    }
    from = lua_room($3); to = module_room($5, ".")
    if (from == "") { breach(where ": the file is in no room of src/tools/arch.sh"); next }
    if (to == "") { breach(where ": \"" $5 "\" is in no room of src/tools/arch.sh"); next }
    arrow("L", from, to, $5, where)
  }
  END {
    for (i = 1; i <= wanted; i++) {
      split(wants[i], pair, " ")
      if (!(pair[2] in home)) continue
      from = c_room(pair[1]); to = c_room(home[pair[2]])
      if (from != "" && to != "") arrow("C", from, to, pair[2], "src/" pair[1])
    }
    for (i = 1; i <= rooms; i++) {
      split(order[i], pair, " ")
      if (!state[pair[1], pair[2]]) walk(pair[1], pair[2], pair[2])
    }
    for (i = 1; !quiet && i <= rooms; i++) {
      if (i == 1 || substr(order[i], 1, 1) != substr(order[i - 1], 1, 1))
        print (order[i] ~ /^C/ ? "C: room, and the rooms that it may use" : "Lua: room, and the rooms that it may use")
      print "  " shown[i]
    }
    if (!bad) print "arch: " rooms " rooms, " arrows " dependencies, no cycle" (wanted ? "" : " (no objects: includes only)")
    exit bad
  }' || bad=1

# ---- restricted headers and functions --------------------------------------------------------------------------------------
breach() { echo "arch: $1" >&2; bad=1; }
# forbid REGEX WHY PATH...: no file below the paths may include a matching header
forbid() {
  regex=$1 why=$2; shift 2
  hits=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($regex)" "$@" --include='*.c' --include='*.h' || :)
  [ -z "$hits" ] || breach "$why:
$hits"
}
forbid 'lua\.h|lauxlib\.h|lualib\.h' "only bindings and host may include Lua's headers" src/core src/sys src/num include
forbid 'cblas\.h|lapacke\.h|Random123|sqlite3\.h' "a public header includes a private one" include
others=$(find src -type d -path 'src/num/linalg' -prune -o -type f -name '*.[ch]' -print)
forbid 'cblas\.h|lapacke\.h' "only src/num/linalg may include cblas.h and lapacke.h" $others

# calls NAMES WHY PATH...: no file below the paths may call one of the names
calls() {
  names=$1 why=$2; shift 2
  hits=$(grep -rnE "(^|[^A-Za-z0-9_])($names) *\(" "$@" | grep -vE '^[^:]+:[0-9]+: *(/\*|\*|//)' || :)
  [ -z "$hits" ] || breach "$why:
$hits"
}
calls 'printf|puts|exit|abort|setlocale|signal|sigaction|system|popen' \
  "the library must not print, exit, or touch signals and locale" src/core src/num
calls 'printf|puts|exit|abort|setlocale|system|popen' "a library must not print, exit or abort" src/sys

# tests/mutants copies the tree and breaks the copy: the product has no switch for that, and the runner uses none of the
# modules that it breaks.
hits=$(grep -rniE 'mutants?' src include lua scripts --include='*.c' --include='*.h' --include='*.lua' || :)
[ -z "$hits" ] || breach "faults belong to tests/mutants, the product has no place for them:
$hits"
hits=$(grep -rnE "require *\(? *[\"']limn" tests/mutants --include='*.lua' | grep -v 'limn\.native' || :)
[ -z "$hits" ] || breach "tests/mutants uses limn.native alone:
$hits"
exit $bad
