#!/usr/bin/env bash
# Runs every committed rom under QEMU's user mode, and those of this machine's own ISA natively, and compares standard
# output and exit status with roms/expected. It verifies the roms, not Portolan: the tests do that.
set -euo pipefail
cd "$(dirname "$0")"
ulimit -c 0 # two roms end by a signal

# on ISA COMMAND...: runs a program of that ISA; returns 125 when this machine has no way to.
on() {
    local isa=$1
    shift
    if [ "$isa" = "$(uname -m)" ]; then
        "$@"
    elif ! command -v "qemu-$isa" >/dev/null; then
        return 125
    elif [[ $isa = mips64* ]]; then
        QEMU_CPU=MIPS64R2-generic "qemu-$isa" "$@" # its usual CPU is older than release 2
    else
        "qemu-$isa" "$@"
    fi
}

failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT
for directory in bin/*/; do
    isa=$(basename "$directory")
    passed=0
    while read -r program expected; do
        status=0
        on "$isa" "bin/$isa/$program" >"$output" 2>/dev/null || status=$?
        if [ "$status" = 125 ]; then
            echo "$isa: no qemu-$isa here (apt-get install qemu-user), skipped"
            break
        elif [ "$status" != "$expected" ]; then
            echo "$isa/$program: exit status $status, expected $expected" >&2
            failed=1
        elif ! cmp "$output" "expected/$program.txt"; then
            echo "$isa/$program: another output than roms/expected/$program.txt" >&2
            failed=1
        else
            passed=$((passed + 1))
        fi
    done <expected/status.txt
    [ "$passed" = 0 ] || echo "$isa: $passed roms as expected"
done
exit "$failed"
