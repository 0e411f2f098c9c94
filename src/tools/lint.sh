#!/bin/sh
# lint.sh: formatting and static checks of all tracked files. Exit 1 if any check fails.
set -u
cd "$(dirname "$0")/../.."
bad=0
c=$(git ls-files '*.c' '*.h')
lua=$(git ls-files '*.lua' | grep -v '\.d\.lua$')
flags="-std=c17 -D_GNU_SOURCE -Iinclude -Isrc -Isrc/host -Isrc/num/simd $(pkg-config --cflags lua5.4 openblas lapacke sqlite3 jansson libxxhash libzip zlib)"

# The root holds the files that a visitor reads first, and no others.
echo "root"
strays=$(git ls-files | grep -v / | grep -vxE 'Makefile|README\.md|LICENSE|[^/]*\.rockspec|\..*' || :)
[ -z "$strays" ] || { echo "lint: these files must not be in the root:" $strays >&2; bad=1; }
strays=$(git ls-files | sed -n 's#/.*##p' | sort -u | grep -vxE 'src|lua|scripts|include|tests|\.ci' || :)
[ -z "$strays" ] || { echo "lint: these folders must not be in the root:" $strays >&2; bad=1; }

# Words with a better term: the list is in words.lua.
echo "words"
git ls-files src include lua scripts tests README.md Makefile | grep -E '\.(c|h|lua|md|sh|scd|py|bash)$|^Makefile$' |
  xargs lua5.4 src/tools/words.lua || bad=1

echo "clang-format"
clang-format --dry-run --Werror $c || bad=1
echo "luacheck"
luacheck --quiet $lua || bad=1
# In src/num/simd it reports lanes of a vector and variables of unrolled loops as uninitialised, although they are set.
echo "cppcheck"
cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
  --suppress=missingIncludeSystem --suppress=internalAstError \
  --suppress='uninitvar:src/num/simd/*' --suppress='ctuuninitvar:src/num/simd/*' \
  --suppress='nullPointer:src/num/simd/*' \
  --suppress='invalidPointerCast:src/num/simd/*' -Iinclude -Isrc \
  src/core src/sys src/num src/bind src/host || bad=1
# Files of src/num/simd get the flags of their instruction set from the Makefile. Their loops are in headers, whose paths
# the analyzer follows only with an option; this is done once, for the portable set.
echo "clang-tidy"
tidy() { # tidy FLAGS: the files that standard input names
  ! xargs -P "$(nproc)" -I{} clang-tidy --quiet {} -- $flags $1 2>/dev/null | grep -E 'warning:|error:'
}
git ls-files 'src/*.c' | grep -v '_ref\.c$\|_avx' | tidy '' || bad=1
git ls-files 'src/*_ref.c' | tidy '-Xclang -analyzer-opt-analyze-headers' || bad=1
for isa in avx2 avx512; do
  git ls-files "src/*_$isa.c" | tidy "$(sed -n "s/^ISA_$isa *:= //p" Makefile)" || bad=1
done
[ $bad = 0 ] && echo "lint: no complaints"
exit $bad
