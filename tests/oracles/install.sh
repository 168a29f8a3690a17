#!/usr/bin/env bash
# Installs the oracles: the programs that Portolan's tests compare it with. On Debian bookworm or later, as root.
#
#   tests/oracles/install.sh        installs what is missing; quick when nothing is
#
#   1. from Debian, into the system: QEMU's user mode, cross compilers, gdb;
#   2. from Debian for the guests' architectures, below target/oracles/<isa> (or $PORTOLAN_ORACLE_DIR/<isa>): a small root
#      directory of that ISA, with its C library and programs to run. Nothing of it reaches the system's own packages:
#      it goes through an apt state of its own, and is unpacked, not installed.
#
# Without the oracles `cargo test` says which tests it skips; with PORTOLAN_ORACLES=required it fails instead.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
oracles=${PORTOLAN_ORACLE_DIR:-$repository/target/oracles}

# What the system needs. The second column of the cross compilers is what static linking needs.
packages=(
    qemu-user gdb-multiarch strace lcov
    xvfb xdotool libx11-6 libxcursor1 # a desktop without a screen, and what windows need of it
    gcc libc6-dev
    gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross
    gcc-mipsel-linux-gnu libc6-dev-mipsel-cross
    gcc-mips-linux-gnu libc6-dev-mips-cross
    gcc-mips64el-linux-gnuabi64 libc6-dev-mips64el-cross
    gcc-mips64-linux-gnuabi64 libc6-dev-mips64-cross
    golang-go # compiles for all of them by itself
)

# Foreign root directories, one row each: ISA, Debian's name of it, the release that has it, and packages that only it has.
# A second release stands in while a mirror has the first one half: that takes hours after each point release.
foreign() {
    cat <<'ROWS'
riscv64  riscv64  trixie,forky
mipsel   mipsel   bookworm
mips64el mips64el bookworm
x86_64   amd64    trixie,forky openssl zstd xz-utils libjpeg-turbo-progs webp flac lame python3-numpy libopenblas0-pthread
ROWS
}

# What is unpacked there, with all that it depends on.
foreign_packages=(
    busybox-static bash dash coreutils findutils gawk grep sed gzip perl lua5.4 bc sqlite3 python3 # to run
    fbset fbcat # for tests/framebuffer
    libatomic1 musl-dev # libraries for tests/programs
)

# The first version of debian-archive-keyring with the keys that sign trixie.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
keyring_version=2023.3+deb12u2

say() { echo "oracles: $*"; }
die() {
    echo "oracles: $*" >&2
    exit 1
}

# version PACKAGE: the installed version, or nothing.
version() {
    dpkg-query --show --showformat='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' | head -n 1
}

# Refreshes the system's package lists, once a run.
update() {
    [ -z "${updated:-}" ] || return 0
    say "reading Debian's package lists"
    apt-get -qq update || die "apt-get update failed: see its message above"
    updated=yes
}

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        [ -n "$(version "$package")" ] || missing+=("$package")
    done
    if ! dpkg --compare-versions "$(version debian-archive-keyring)" ge "$keyring_version"; then
        missing+=(debian-archive-keyring)
    fi
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || die "not root. Run this as root: apt-get install ${missing[*]}"
    update
    say "installing ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends \
        "${missing[@]}" </dev/null >/dev/null || die "apt-get could not install: ${missing[*]}"
}

# Where this machine gets Debian from. apt itself is asked, as it knows both formats of sources files, and which entry
# is Debian's (a third party may call its suite bookworm too); it only knows that once it has read the package lists.
mirror() {
    # shellcheck disable=SC2016 # apt expands these
    apt-get indextargets --format '$(CODENAME) $(REPO_URI)' \
        'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' |
        sed -n 's/^[a-z]* //p' | head -n 1 # a plain code name: neither bookworm-updates nor -backports
}

# unpack ISA ARCHITECTURE SUITES PACKAGE...: a fresh root directory at $oracles/ISA.
unpack() {
    local isa=$1 architecture=$2 suites=$3
    shift 3
    local uri
    uri=$(mirror)
    if [ -z "$uri" ]; then
        update
        uri=$(mirror)
    fi
    [ -n "$uri" ] || die "found no entry of Debian's main archive in apt's sources (apt-get indextargets lists them)"

    local work=$oracles/$isa.new
    rm -rf "$work"
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/none" "$work/root"
    # Compilers and package managers are the system's own: they count as installed.
    local absent
    for absent in "gcc-${isa//_/-}-linux-gnu" "gcc-$isa-linux-gnuabi64" dpkg debconf tar; do
        printf '%s\n' "Package: $absent" 'Status: install ok installed' "Architecture: $architecture" \
            'Version: 9999' 'Maintainer: nobody' 'Description: not unpacked' ''
    done >"$work/apt/status"
    local apt=(
        apt-get -qq
        -o "APT::Architecture=$architecture" -o "APT::Architectures::=$architecture"
        -o "Dir::State=$work/apt" -o "Dir::State::status=$work/apt/status" -o "Dir::Cache=$work/apt/cache"
        -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o "Dir::Etc::sourceparts=$work/apt/none"
        -o Dir::Etc::preferences=/dev/null -o "Dir::Etc::preferencesparts=$work/apt/none"
        -o "APT::Sandbox::User=$(id -un)" # the directory need not be open to apt's own user
    )
    local suite found=
    for suite in ${suites//,/ }; do
        # Signed by Debian's own keys, whatever else this machine trusts.
        echo "deb [arch=$architecture signed-by=$keyring] $uri $suite main" >"$work/apt/sources.list"
        if "${apt[@]}" update; then
            found=$suite
            break
        fi
        say "could not read $suite's package lists for $architecture"
    done
    [ -n "$found" ] || die "no package lists for $architecture: try again later, or another mirror in apt's sources"
    say "unpacking $* of Debian $suite for $architecture into $oracles/$isa"
    "${apt[@]}" install --download-only --yes --no-install-recommends "$@" >/dev/null ||
        die "could not download: $*"

    # Debian's directories are merged: /lib is /usr/lib. That is made by a package's script, which does not run here; and
    # some packages of bookworm have files in /bin.
    local directory deb
    for directory in bin sbin lib; do
        mkdir -p "$work/root/usr/$directory"
        ln -s "usr/$directory" "$work/root/$directory"
    done
    for deb in "$work"/apt/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -xp --keep-directory-symlink -C "$work/root"
    done
    # Links stay inside, for QEMU too, which follows them from the system's own root.
    local link
    find "$work/root" -type l -lname '/*' | while read -r link; do
        ln -snfr "$work/root$(readlink "$link")" "$link"
    done
    echo "$architecture $suites with dependencies: $*" >"$work/root/.unpacked"

    rm -rf "${oracles:?}/$isa"
    mv "$work/root" "$oracles/$isa"
    rm -rf "$work"
}

command -v apt-get >/dev/null || die "this needs Debian: there is no apt-get here"
mkdir -p "$oracles"
exec 9>"$oracles/.lock" # two runs at once would unpack into each other
flock 9

install_packages
while read -r isa architecture suites more; do
    # shellcheck disable=SC2206 # words
    wanted=("${foreign_packages[@]}" $more)
    contents="$architecture $suites with dependencies: ${wanted[*]}"
    if [ "$(cat "$oracles/$isa/.unpacked" 2>/dev/null)" != "$contents" ]; then
        unpack "$isa" "$architecture" "$suites" "${wanted[@]}"
    fi
done < <(foreign)
say "ready; foreign files are in $oracles"
