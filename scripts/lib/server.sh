# shellcheck shell=bash
# A private PostgreSQL 15: the extension built and installed under a directory of its own, a server in
# that directory that listens on a unix socket there and nowhere else. Nothing of the system is touched.
#
# DIR/marker     says that DIR is ours (stop_server removes nothing else)
# DIR/install    DESTDIR of the extension        DIR/build   its build, when the tree is not ours to write
# DIR/data       the cluster                     DIR/log     its log

# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

database=sandbox
superuser=postgres
marker=partner_bonus_sandbox

# The server refuses to run as root.
server_user() {
    if [[ $EUID -ne 0 ]]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

as_server_user() {
    if [[ $EUID -ne 0 ]]; then
        "$@"
    else
        # setpriv opens no login session, needs no password and no shell for the user
        (cd "$dir" && exec setpriv --reuid="$(server_user)" --regid="$(id -g "$(server_user)")" --clear-groups -- "$@")
    fi
}

make_directory() {
    local parent=${TMPDIR:-/tmp}
    # the path of a unix socket has at most 107 characters
    [[ ${#parent} -le 60 ]] || parent=/tmp
    dir=$(mktemp -d "$parent/partner_bonus.XXXXXX")
    touch "$dir/$marker"
    mkdir "$dir/install"
    [[ $EUID -ne 0 ]] || chown "$(server_user)": "$dir"
}

# Builds in the tree, one at a time, where the tree is ours to write; in DIR/build otherwise.
install_extension() {
    local source=$root log=$dir/build.log
    if [[ -n $(find "$root" -path "$root/.git" -prune -o ! -writable -print -quit) ]]; then
        source=$dir/build
        copy_tree "$source"
    fi
    (
        # a directory can carry the lock: no lock file stays behind
        exec 9<"$source"
        flock 9
        umask 022
        make -s -j "$(nproc)" -C "$source" PG_CONFIG="$PG_CONFIG" 9<&- &&
            make -s -C "$source" PG_CONFIG="$PG_CONFIG" install DESTDIR="$dir/install" 9<&-
    ) >"$log" 2>&1 || {
        cat "$log" >&2
        fail "the extension does not build"
    }
}

# start_server INSTALL [NAME=VALUE...]: INSTALL is where the extension was installed to.
start_server() {
    local install=$1
    shift
    as_server_user "${PG_CONFIG%/*}/initdb" -D "$dir/data" -U "$superuser" -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync --no-instructions >"$dir/initdb.log" 2>&1 || {
        cat "$dir/initdb.log" >&2
        fail "initdb failed"
    }
    server_settings "$install" "$@" | as_server_user sh -c "cat >>'$dir/data/postgresql.conf'"
    as_server_user "${PG_CONFIG%/*}/pg_ctl" -D "$dir/data" -l "$dir/log" -w -s start >/dev/null || {
        cat "$dir/log" >&2 || :
        fail "the server does not start"
    }
    connect_here
    psql -X -q -d postgres -c "CREATE DATABASE $database"
}

server_settings() {
    local install=$1 quote="'" setting value
    shift
    printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$dir'" \
        "extension_destdir = '$install'" "dynamic_library_path = '$install$("$PG_CONFIG" --pkglibdir):\$libdir'" \
        "timezone = 'UTC'" "lc_messages = 'C'" 'log_min_messages = warning' \
        'fsync = off' 'synchronous_commit = off' 'full_page_writes = off' 'wal_level = minimal' 'max_wal_senders = 0' \
        'jit = off'  # as doc/operations.md advises: compiling a view over nothing takes seconds
    # the caller's settings come last: the last one counts
    for setting in "$@"; do
        value=${setting#*=}
        printf "%s = '%s'\n" "${setting%%=*}" "${value//$quote/$quote$quote}"
    done
}

# The environment says which server is meant, and nothing else of it has a say.
connect_here() {
    local name
    for name in $(compgen -v PG); do
        [[ $name == PG_CONFIG ]] || unset "$name"
    done
    export PGHOST=$dir PGPORT=5432 PGUSER=$superuser PGDATABASE=$database
}

# stop_server DIR: stops what runs there and removes it.
stop_server() {
    dir=$1
    [[ -e $dir/$marker ]] || fail "$dir is no sandbox of this project"
    if [[ -s $dir/data/postmaster.pid ]]; then
        # nothing is kept, so there is nothing to write down before stopping
        as_server_user "${PG_CONFIG%/*}/pg_ctl" -D "$dir/data" -m immediate -w -s stop >/dev/null 2>&1 || :
    fi
    rm -rf "$dir"
}
