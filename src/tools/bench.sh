#!/bin/sh
# bench.sh BUILD [options of tests/bench/bench.py]: benchmark of limn and comparable libraries. The table goes to
# the terminal, all measurements to build/bench.json. The other libraries are Debian's Python packages.
set -eu
build=${1:-build/release}
shift || true
"${CC:-cc}" -std=c17 -O2 -D_GNU_SOURCE -Iinclude -Isrc tests/bench/probe.c -o "$build/probe" \
  "$build/liblimn.a" $(pkg-config --libs openblas lapacke libzip zlib) -lm -pthread
# FANN, where its header is installed.
if "${CC:-cc}" -std=c17 -O2 -D_GNU_SOURCE tests/bench/fann.c -o "$build/fann" -lfann -lm 2>/dev/null; then :; else rm -f "$build/fann"; fi
# The system interpreter, which has Debian's packages.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" tests/bench/bench.py --build "$build" "$@"
