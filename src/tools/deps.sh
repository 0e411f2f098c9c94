#!/bin/sh
# deps.sh: checks the packages that limn needs and installs missing ones (Debian and its derivatives).
#   deps.sh check GROUP...    lists missing packages; exit 1 if there are any
#   deps.sh install GROUP...  installs missing packages; without any it does nothing and uses no network
# Groups: build (compile and run), test, notebook (a browser and LaTeX, about 700 MB, for notebook_spec), lint, bench, docs,
# cluster.
set -eu

packages() {
  case $1 in
    build) echo "pkg-config liblua5.4-dev libopenblas-pthread-dev liblapacke-dev libsqlite3-dev libjansson-dev libxxhash-dev libzip-dev zlib1g-dev gnuplot-nox fonts-dejavu-core" ;;
    test) echo "lua5.4 libcriterion-dev librandom123-dev lua-unit poppler-utils python3-minimal python3-numpy procps tmux scdoc libzmq5 python3-jupyter-client texlive-latex-recommended texlive-pictures fonts-liberation lua-cjson lua-lpeg lua-penlight lua-socket" ;;
    notebook) echo "jupyter-nbconvert jupyter-notebook chromium pandoc texlive-xetex texlive-fonts-recommended texlive-plain-generic lmodern" ;;
    lint) echo "lua5.4 clang clang-format clang-tidy cppcheck lua-check" ;;
    asan) echo "" ;;
    bench) echo "python3-numpy python3-scipy python3-sklearn python3-torch libfann-dev" ;;
    docs) echo "scdoc" ;;
    cluster) echo "slurmctld slurmd slurm-client munge openmpi-bin" ;;
    *) echo "deps.sh: unknown group '$1'" >&2; exit 2 ;;
  esac
}

action=${1:-check}; shift || true
wanted=$(for g in "${@:-build}"; do packages "$g"; done)
missing=
if command -v dpkg-query >/dev/null 2>&1; then
  for p in $wanted; do
    case $(dpkg-query -W -f='${Status}' "$p" 2>/dev/null || :) in
      *"ok installed") ;;
      *) missing="$missing $p" ;;
    esac
  done
else
  echo "limn needs these packages (Debian names); without dpkg it cannot check for them:" >&2
  echo "  $(echo $wanted)" >&2
  # The names of packages differ between systems: pkg-config finds the libraries that the build links.
  if command -v pkg-config >/dev/null 2>&1 && pkg-config --exists lua5.4 openblas lapacke sqlite3 jansson libxxhash libzip zlib; then
    echo "pkg-config finds the libraries; continuing." >&2
    exit 0
  fi
  echo "Install the equivalent packages, then repeat the command." >&2
  exit 1
fi
[ -z "$missing" ] && exit 0
if [ "$action" = check ]; then
  echo "limn: these Debian packages are missing:$missing" >&2
  echo "limn: 'make deps' installs them (or: apt-get install$missing)" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "limn: these packages are missing, and apt-get is not available to install them:$missing" >&2
  exit 1
fi
root=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "limn: installation needs root or sudo; as root, run: apt-get install$missing" >&2
    exit 1
  fi
  root=sudo
fi
echo "limn: installing with apt-get${root:+ (sudo)}:$missing"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "limn: installed."
