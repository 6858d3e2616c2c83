# shellcheck shell=bash
# What every script shares. Sourced, never run; the script that sources it has set -euo pipefail.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}

# Messages go to stderr: stdout belongs to whatever the script runs.
say() { printf '%s\n' "$*" >&2; }

fail() {
    say "${0##*/}: $*"
    exit 1
}

# A script's help is the comment at its top.
print_help() {
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
}

usage_error() {
    say "${0##*/}: $*"
    say "Try '${0##*/} --help'."
    exit 2
}

# The PostgreSQL 15 programs themselves, not Debian's wrappers, which look for clusters of the system.
use_postgresql() {
    local bindir=${PG_CONFIG%/*}
    [[ -x $PG_CONFIG ]] || fail "no PostgreSQL 15 at $PG_CONFIG"
    case $("$PG_CONFIG" --version) in
        'PostgreSQL 15'*) ;;
        *) fail "$PG_CONFIG is $("$PG_CONFIG" --version); PostgreSQL 15 is needed" ;;
    esac
    case :$PATH: in
        *:"$bindir":*) ;;
        *) export PATH=$bindir:$PATH ;;
    esac
}

# A copy of the sources without what was built from them, for work that must not touch the tree.
copy_tree() {
    local target=$1
    mkdir -p "$target"
    # writable even where the tree is not
    tar -C "$root" --mode=u+rwX --exclude=./.git --exclude='*.o' --exclude='*.bc' --exclude='*.so' --exclude='*.d' \
        --exclude=__pycache__ --exclude=./build --exclude=./results --exclude=./tmp_check -cf - . |
        tar -C "$target" --no-same-owner -xf -
}
