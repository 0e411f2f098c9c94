#!/bin/sh
# exports.sh: writes the version script of liblimn.so: the functions that the public headers mark LIMN_API. Those of
# limn/host.h are left out: they are in liblimn-lua.a.
set -eu
cd "$(dirname "$0")/../../include/limn"
echo '{'
echo '  global:'
for header in *.h; do
  [ "$header" = host.h ] || grep -v '^#' "$header"
done | awk '
  { text = text " " $0 }
  END {
    while ((at = index(text, "/*")) > 0)
      text = substr(text, 1, at - 1) substr(text, at + index(substr(text, at), "*/") + 1)
    n = split(text, declaration, ";")
    for (i = 1; i <= n; i++)
      if (sub(/^.*LIMN_API /, "", declaration[i]) && match(declaration[i], /[a-z0-9_]+ *\(/)) {
        name = substr(declaration[i], RSTART, RLENGTH - 1)
        print "    " name ";"
      }
  }' | sort
echo '  local: *;'
echo '};'
