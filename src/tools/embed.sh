#!/bin/sh
# embed.sh FILE...: writes a C file with the contents of the files below lua/ (src/sys/embedded.h).
set -eu
echo '/* Written by src/tools/embed.sh. */'
echo '#include "sys/embedded.h"'
n=0
for f in "$@"; do
  n=$((n + 1))
  cat <<END
extern const char limn_file_$n[], limn_file_${n}_end[];
__asm__(".section .rodata\n.globl limn_file_$n\n.hidden limn_file_$n\nlimn_file_$n:\n.incbin \"$f\"\n"
        ".globl limn_file_${n}_end\n.hidden limn_file_${n}_end\nlimn_file_${n}_end:\n.byte 0\n.previous\n");
END
done
echo 'const limn_embedded limn_embedded_files[] = {'
n=0
for f in "$@"; do
  n=$((n + 1))
  echo "  {\"${f#lua/}\", limn_file_$n, limn_file_${n}_end},"
done
echo '  {0, 0, 0}};'
