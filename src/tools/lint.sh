#!/bin/sh
# lint.sh: formatting and static checks of everything that is tracked. Exit 1 if any complains.
set -u
cd "$(dirname "$0")/../.."
bad=0
c=$(git ls-files '*.c' '*.h')
lua=$(git ls-files '*.lua' | grep -v '\.d\.lua$')
flags="-std=c17 -D_GNU_SOURCE -Iinclude -Isrc/core -Isrc/num -Isrc/bind -Isrc/host -Isrc/num/kernels $(pkg-config --cflags lua5.4 openblas lapacke libedit sqlite3 jansson libxxhash libzip zlib)"

echo "clang-format"
clang-format --dry-run --Werror $c || bad=1
echo "luacheck"
luacheck --quiet $lua || bad=1
# In the kernels it takes a vector's lanes, a loop that is unrolled and what it guards for unset.
echo "cppcheck"
cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
  --suppress=missingIncludeSystem --suppress=internalAstError \
  --suppress='uninitvar:src/num/kernels/*' --suppress='ctuuninitvar:src/num/kernels/*' \
  --suppress='nullPointer:src/num/kernels/*' \
  --suppress='invalidPointerCast:src/num/kernels/*' -Iinclude -Isrc/core -Isrc/num -Isrc/bind \
  src/core src/num src/bind src/host || bad=1
# The training kernels are written on gcc's vectors, which clang does not compile.
echo "clang-tidy"
git ls-files 'src/*.c' | grep -v '_avx\|mlp_ref' >"${TMPDIR:-/tmp}/limn-lint.$$"
xargs -P "$(nproc)" -I{} clang-tidy --quiet {} -- $flags <"${TMPDIR:-/tmp}/limn-lint.$$" 2>/dev/null |
  grep -E 'warning:|error:' && bad=1
rm -f "${TMPDIR:-/tmp}/limn-lint.$$"
[ $bad = 0 ] && echo "lint: nothing to say"
exit $bad
