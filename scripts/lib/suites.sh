# shellcheck shell=bash
# The suites of scripts/test. Each is a function that prints what it does and ends with "N passed, N failed".
# It runs in a process of its own, in the background; $dir is the run's temporary directory, $budget and
# $seed are the run's options, PARTNER_BONUS_INSTALL has the extension for scripts/sandbox.
# shellcheck source=scripts/lib/packages.sh
. "${BASH_SOURCE[0]%/*}/packages.sh"
# shellcheck source=scripts/lib/client.sh
. "${BASH_SOURCE[0]%/*}/client.sh"

# First those that keep one core busy, the longest of them first; those that keep two busy fill both to the end.
# shellcheck disable=SC2034
all_suites=(tap fuzz regress build doc lint demo coverage unit oracle)
# shellcheck disable=SC2034
suites_with_server=(oracle tap regress doc demo)
declare -A suite_checks=(
    [lint]='the walls of the design hold, and make lint notices each broken one'
    [build]='the module compiles without a warning and needs no C++ runtime'
    [unit]='src/core: examples and laws (GoogleTest, RapidCheck)'
    [regress]='SQL: sql/ against expected/ (pg_regress)'
    [tap]='the server from outside: scripts, plans, bad input, dump and restore (test/t)'
    [doc]='the examples of README and doc/ give what they say'
    [oracle]='random months: C++, SQL numeric and exact fractions agree'
    [fuzz]='every decoder of src/core under libFuzzer with sanitizers'
    [coverage]='lines and branches of src/core that the tests reach'
    [demo]='scripts/demo runs and shows the figures of the worked example'
)
declare -A suite_packages=(
    [lint]='make'
    [build]='binutils '"${packages_of_client[*]}"
    [unit]='cmake libgtest-dev librapidcheck-dev'
    [regress]=''
    [tap]='perl libipc-run-perl python3 zstd pgbouncer postgresql-15-cron '"${packages_of_client[*]}"
    [doc]='python3'
    [oracle]='python3'
    [fuzz]='cmake clang-14 libclang-rt-14-dev llvm-14'
    [coverage]='cmake clang-14 libclang-rt-14-dev llvm-14 libgtest-dev librapidcheck-dev python3'
    [demo]='python3'
)

list_suites() {
    local name
    for name in "${all_suites[@]}"; do
        printf '%-9s %s\n' "$name" "${suite_checks[$name]}"
    done
}

need_packages_of_suites() {
    local name names=("${packages_to_build[@]}")
    for name in "${suites[@]:?}"; do
        read -r -a more <<<"${suite_packages[$name]}"
        names+=("${more[@]}")
    done
    need_packages "${names[@]}"
}

# Checks one by one: check 'what it is' COMMAND...; then report.
passed=0 failed=0

check() {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$what"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
    fi
}

report() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [[ $failed -eq 0 ]]
}

# A suite that is a program of its own in test/, with the same last line.
run_program() {
    local program=$root/$1
    shift
    if [[ ! -x $program ]]; then
        printf '%s is not there\n' "$program"
        return 1
    fi
    "$program" "$@"
}

sandbox() {
    "$root/scripts/sandbox" "$@"
}

suite_lint() {
    check 'make lint' make -s -C "$root" PG_CONFIG="$PG_CONFIG" lint
    passed_and_failed run_program test/lint_test
    report
}

# Adds what a program that reports for itself counted.
passed_and_failed() {
    local log=$dir/passed_and_failed.$BASHPID counts status=0
    "$@" >"$log" 2>&1 || status=$?
    cat "$log"
    counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1 || :)
    rm -f "$log"
    if [[ -n $counts ]]; then
        read -r more_passed _ more_failed _ <<<"$counts"
        passed=$((passed + more_passed))
        failed=$((failed + more_failed))
    elif [[ $status -eq 0 ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

# Warnings are errors in the Makefile already; here everything is compiled anew.
suite_build() {
    local source=$dir/build-suite
    [[ -e $source.log ]] || build_anew || :
    check 'the module builds with -Wall -Wextra -Wshadow -Wconversion -Werror' built_strictly "$source"
    check 'the module needs no C++ runtime' needs_no_cxx_runtime "$source/partner_bonus.so"
    check 'what is installed is complete' make -s -C "$source" PG_CONFIG="$PG_CONFIG" install DESTDIR="$source/install"
    check 'pbonus builds' build_client_once
    check 'pbonus is installed by CMake' client_is_installed "$dir/client"
    check 'the editions are installed' diff -r "$source/src/editions" "$source/install$("$PG_CONFIG" --sharedir)/partner_bonus"
    report
}

# The whole module, in a copy of the tree.
build_anew() {
    local source=$dir/build-suite
    copy_tree "$source"
    make -j 2 -C "$source" PG_CONFIG="$PG_CONFIG" >"$source.log" 2>&1
}

built_strictly() {
    local log=$1.log flag
    [[ -e $1/partner_bonus.so ]] || {
        cat "$log"
        return 1
    }
    # every compilation, and each with every flag
    for flag in -Wall -Wextra -Wshadow -Wconversion -Werror; do
        [[ $(grep -cE -- ' -c .*\.cpp' "$log") -eq $(grep -E -- ' -c .*\.cpp' "$log" | grep -c -- " $flag ") ]] || return 1
    done
    grep -qE -- ' -c .*\.cpp' "$log"
}

# pbonus for all suites that need it: the first that asks builds it, others wait.
build_client_once() {
    (
        flock 9
        [[ -e $dir/client-is-built ]] || { build_client "$dir/client" && touch "$dir/client-is-built"; }
    ) 9>>"$dir/client.lock"
}

client_is_installed() {
    cmake --install "$1" --prefix "$1/installed" >"$1.log" 2>&1 && "$1/installed/bin/pbonus" --version
}

# The server is C: any mangled name, and any helper of exceptions or of runtime types, could only come from libstdc++.
needs_no_cxx_runtime() {
    local symbols libraries
    symbols=$(nm -D --undefined-only "$1" | awk '{print $NF}' | sed 's/@.*//' |
        grep -E '^(_Z|__cxa_|__gxx_|_Unwind_|__dynamic_cast)' | grep -vx '__cxa_finalize' || :)
    libraries=$(readelf -d "$1" | grep NEEDED | grep -E 'libstdc\+\+|libgcc_s|libc\+\+' || :)
    [[ -z $symbols$libraries ]] || {
        printf 'not allowed: %s %s\n' "$symbols" "$libraries"
        return 1
    }
}

suite_unit() {
    local build=$dir/unit-build cases=100000 status=0
    [[ $budget == small ]] || cases=1000000
    # without what a debugger needs, which takes a quarter of the time to compile
    cmake -S "$root" -B "$build" -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O2 -DNDEBUG' && cmake --build "$build" -j 2 || return 1
    printf 'laws: %d cases each, seed %s\n' "$cases" "$seed"
    # memory is kept between cases: giving it back to the system and asking again takes an eighth of the time
    GLIBC_TUNABLES=glibc.malloc.trim_threshold=268435456:glibc.malloc.mmap_threshold=268435456 \
        RC_PARAMS="seed=$seed" LAW_CASES=$cases ctest --test-dir "$build" --parallel 2 --output-on-failure || status=$?
    # every case of every program, whichever way the programs are registered
    passed=$(grep -c '^\[       OK \]' "$build/Testing/Temporary/LastTest.log" || :)
    failed=$(grep -c '^\[  FAILED  \] .*ms)$' "$build/Testing/Temporary/LastTest.log" || :)
    must_have_run "$status"
    report
}

# What was counted in a log is not all: a program may have crashed, or counted nothing.
must_have_run() {
    [[ $failed -gt 0 || ($1 -eq 0 && $passed -gt 0) ]] || failed=1
}

suite_regress() {
    local log=$dir/regress.out status=0
    mkdir -p "$dir/regress"
    sandbox --no-extension make -s -C "$root" PG_CONFIG="$PG_CONFIG" installcheck \
        EXTRA_REGRESS_OPTS="--outputdir=$dir/regress" 2>&1 | tee "$log" || status=$?
    [[ ! -s $dir/regress/regression.diffs ]] || cat "$dir/regress/regression.diffs"
    passed=$(grep -cE '^test .* ok +[0-9]+ ms' "$log" || :)
    failed=$(grep -cE '^test .* FAILED' "$log" || :)
    must_have_run "$status"
    report
}

suite_tap() {
    local log=$dir/tap.out status=0
    build_client_once || return 1
    # a seed as setseed() takes it, in millionths
    PBONUS=$dir/client/pbonus PARTNER_BONUS_ROOT=$root PARTNER_BONUS_BUDGET=$budget PARTNER_BONUS_SEED=$((1 + seed % 1000000)) \
        sandbox prove --verbose --merge --timer "$root"/test/t/*.pl 2>&1 | tee "$log" || status=$?
    passed=$(grep -c '^ok ' "$log" || :)
    failed=$(grep -c '^not ok ' "$log" || :)
    must_have_run "$status"
    report
}

suite_doc() {
    sandbox "$root/test/doc/run"
}

suite_oracle() {
    local months=20000 oracle=$root/test/oracle/run.py
    [[ $budget == small ]] || months=1000000
    check 'altered answers are noticed' python3 "$oracle" --self-test
    check "$months random months from seed $seed: three answers, no difference" \
        sandbox python3 "$oracle" --months "$months" --seed "$seed"
    report
}

suite_fuzz() {
    run_program test/fuzz/run --budget "$budget" --seed "$seed" --build "$dir/fuzz-build"
}

suite_coverage() {
    run_program test/coverage/run --build "$dir/coverage-build"
}

# A row of psql's aligned output, whatever the widths of its columns.
shows() {
    # not grep -q: it closes the pipe early, and pipefail takes that for a failure
    sed -E 's/ +/ /g; s/^ //; s/ $//' "$1" | grep -xF -- "$2" >/dev/null
}

suite_demo() {
    local log=$dir/demo.out
    check 'scripts/demo runs to its end' "$root/scripts/demo" >"$log" 2>&1
    cat "$log"
    check 'the generated export is what its generator writes' python3 "$root/test/data/generate_partner_export.py" --check
    check 'the invoice is the worked example: base, bonus, percent, customers, own, document' \
        shows "$log" 'generated-partner | 2026-10 | USD | 310.40 | 84.14 | 27.1070 | 226.26 | 60.00 | 286.26'
    check 'Marketplace is excluded' \
        shows "$log" 'generated-partner | generated-customer-a | generated-marketplace | excluded | 40'
    check 'own consumption earns no bonus' \
        shows "$log" 'generated-partner | generated-partner | generated-compute | own consumption | 60'
    check 'the deal as agreed, with ten points, without' shows "$log" '70.14 | 60.12 | 40.08'
    check 'all 1,000 records of the FOCUS sample are accounted for' shows "$log" '1000 | 1000 | 0'
    check "the provider's figures agree" shows "$log" 'equal | 8 | 84.14 | 84.14 | 0'
    report
}
