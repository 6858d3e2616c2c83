# shellcheck shell=bash
# pbonus, the client, built outside the tree.

# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# build_client DIR [TARGET...]: DIR/pbonus, and what else is asked for, with every warning an error.
build_client() {
    local build=$1 log=$1.log
    shift
    { cmake -S "$root" -B "$build" -DPARTNER_BONUS_CLIENT=ON -DPARTNER_BONUS_BENCH=ON -DBUILD_TESTING=OFF &&
        cmake --build "$build" -j 2 --target pbonus "$@"; } >"$log" 2>&1 || {
        cat "$log"
        return 1
    }
}
