#!/bin/sh
# arch.sh: the layers, checked by reading the #includes. Exit 1 names each arrow that points up.
set -eu
cd "$(dirname "$0")/../.."
bad=0
breach() { echo "arch: $1" >&2; bad=1; }

# forbid DIRECTORY REGEX WHY: no file below DIRECTORY may include what matches REGEX
forbid() {
  hits=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)" "$1" --include='*.c' --include='*.h' || :)
  [ -z "$hits" ] || breach "$3:
$hits"
}
lua='lua\.h|lauxlib\.h|lualib\.h|limn/host\.h'
forbid src/core "$lua" "core must not see Lua"
forbid src/core '(\.\./)*(num|bind|host)/' "core includes from above"
forbid src/num "$lua" "num must not see Lua"
forbid src/num '(\.\./)*(bind|host)/|bind\.h|host\.h' "num includes from above"
forbid src/bind '(\.\./)*host/|editline|histedit' "bind includes from above"
forbid include 'lua\.h|lauxlib\.h|cblas\.h|lapacke\.h|Random123|sqlite3\.h' "a public header needs a private one"

hits=$(grep -rlE '#[[:space:]]*include[[:space:]]*<(cblas|lapacke)\.h>' src | grep -v '^src/num/linalg/' || :)
[ -z "$hits" ] || breach "cblas.h / lapacke.h belong to src/num/linalg alone, also in: $hits"

hits=$(grep -rnE '\b(printf|puts|exit|abort|setlocale|signal|sigaction|system|popen) *\(' src/core src/num | grep -vE 'snprintf|vsnprintf|^\S+:[0-9]+: *(/\*|\*|//)' || :)
[ -z "$hits" ] || breach "the library must not print, exit, or touch signals and locale:
$hits"
[ $bad = 0 ] && echo "arch: every arrow points down"
exit $bad
