# shellcheck shell=bash
# Debian packages: says what is missing, installs it, as root or through sudo.

# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# What it takes to build the extension and to start a server with it.
# shellcheck disable=SC2034
packages_to_build=(make g++ postgresql-15 postgresql-server-dev-15)

# What it takes to build pbonus, the client.
# shellcheck disable=SC2034
packages_of_client=(cmake g++ pkgconf libcli11-dev libpq-dev libssl-dev libzstd-dev zlib1g-dev)

# need_packages NAME...: returns when all of them are installed, ends the script when that cannot be.
need_packages() {
    local missing=() name
    for name in "$@"; do
        [[ " ${missing[*]} " == *" $name "* ]] || is_installed "$name" || missing+=("$name")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0

    command -v apt-get >/dev/null ||
        fail "this machine has no apt-get; please install what these Debian packages hold: ${missing[*]}"
    say "Installing Debian packages: ${missing[*]}"
    # Given on stdin, so that root need not be able to read the user's directory.
    as_root sh -s -- "${missing[@]}" <"$root/scripts/lib/install-packages" >&2 ||
        fail "could not install: ${missing[*]}"
}

is_installed() {
    [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]
}

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif ! command -v sudo >/dev/null; then
        fail "not root and no sudo here; as root run: apt-get install --no-install-recommends ${*:4}"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        sudo "$@"
    fi
}
