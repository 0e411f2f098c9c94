#!/bin/sh
# same_bytes.sh: builds the last commit in two folders, whose paths differ in length, and compares what is installed.
# Exit 1 if any file differs.
set -eu
cd "$(dirname "$0")/../.."
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
outputs="liblimn.so.* liblimn.a liblimn-lua.a liblimn-full.a limn.so limn"
for folder in "$top/a" "$top/another/folder"; do
  mkdir -p "$folder"
  git archive HEAD | tar -x -C "$folder"
  ${MAKE:-make} -s --no-print-directory -C "$folder" MODE=release >"$top/log" 2>&1 || { tail -20 "$top/log" >&2; exit 1; }
done
bad=0
cd "$top/a/build/release"
for f in $outputs; do
  if cmp "$f" "$top/another/folder/build/release/$f"; then echo "same $f"; else bad=1; fi
done
exit $bad
