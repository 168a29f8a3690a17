#!/usr/bin/env bash
# Builds every rom for every ISA from source, with Debian's cross compilers.
#
#   roms/build.sh           rebuilds roms/bin and roms/bare
#   roms/build.sh --check   rebuilds into a scratch directory and compares with what is committed
#
# The ELFs are committed because most machines have no six compilers. They are reproducible: the same compiler and
# binutils (roms/bin/<isa>.built-by) give the same bytes. --check skips an ISA whose tools are of another version, or absent.
set -euo pipefail
cd "$(dirname "$0")" # relative paths only: they end up in the debug information

programs=(hello fib primes sort sha256 matmul strings vm mix list indirect nbody mandelbrot crash illegal)
# For --machine bare, into roms/bare.
bare_programs=(hello fractal life plasma snake)

# One row an ISA: its name, compiler, Debian package, start file, flags of its own.
# RISC-V: ld 2.40 may put read-only small data into the segment of the code and make it writable; it warns, we stop.
# MIPS: no position-independent calls, as nothing here is shared.
isas() {
    cat <<'ROWS'
riscv64  riscv64-linux-gnu-gcc        gcc-riscv64-linux-gnu        riscv64  -march=rv64gc -mabi=lp64d -Wl,-z,separate-code
mipsel   mipsel-linux-gnu-gcc         gcc-mipsel-linux-gnu         mips     -march=mips32r2 -mabi=32 -mno-abicalls -G0 -mno-madd4
mips     mips-linux-gnu-gcc           gcc-mips-linux-gnu           mips     -march=mips32r2 -mabi=32 -mno-abicalls -G0 -mno-madd4
mips64el mips64el-linux-gnuabi64-gcc  gcc-mips64el-linux-gnuabi64  mips     -march=mips64r2 -mabi=64 -mno-abicalls -G0 -mno-madd4
mips64   mips64-linux-gnuabi64-gcc    gcc-mips64-linux-gnuabi64    mips     -march=mips64r2 -mabi=64 -mno-abicalls -G0 -mno-madd4
x86_64   x86_64-linux-gnu-gcc         gcc-x86-64-linux-gnu         x86_64   -march=x86-64
aarch64  aarch64-linux-gnu-gcc        gcc-aarch64-linux-gnu        aarch64  -march=armv8-a
ROWS
}

# -ffp-contract=off: a*b+c rounds twice on every ISA, so that matmul agrees to the last bit.
# -fno-math-errno: the square root is an instruction, and no call.
# -fno-asynchronous-unwind-tables: unwind information belongs to the debug information, not to the program.
# -fno-tree-loop-distribute-patterns: see rt.c.
cflags=(-O2 -g -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-pie -fno-stack-protector -ffp-contract=off
    -fno-math-errno -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns "-ffile-prefix-map=$PWD=roms" -gno-record-gcc-switches)
ldflags=(-nostdlib -static -no-pie "-Wl,--entry=_start" "-Wl,--build-id=none" "-Wl,-z,noexecstack" "-Wl,--fatal-warnings")
# Where the bare machine has memory. Nothing sets RISC-V's global pointer there, which the linker would use.
bare_ldflags=("-Wl,-Ttext-segment=0x10000" "-Wl,--no-relax")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

built_by() {
    "$1" --version | head -n 1
    "$("$1" -print-prog-name=ld)" --version | head -n 1
}

# build ISA COMPILER START FLAGS OUT: all programs of one ISA.
build() {
    local isa=$1 compiler=$2 start=$3 out=$5 program
    local -a flags
    read -ra flags <<<"$4"
    local objects=$scratch/objects/$isa # named, as ld writes the names of some into the symbol table
    local bare=${out/%bin\/$isa/bare/$isa}
    mkdir -p "$objects" "$out" "$bare"
    "$compiler" "${cflags[@]}" "${flags[@]}" -c -o "$objects/start.o" "start/$start.S"
    "$compiler" "${cflags[@]}" "${flags[@]}" -c -o "$objects/rt.o" src/rt.c
    for program in "${programs[@]}"; do
        "$compiler" "${cflags[@]}" "${flags[@]}" -c -o "$objects/$program.o" "src/$program.c"
        "$compiler" "${ldflags[@]}" "${flags[@]}" -o "$out/$program" "$objects"/{start,rt,"$program"}.o
    done
    "$compiler" "${cflags[@]}" "${flags[@]}" -c -o "$objects/bare.o" start/bare.c
    for program in "${bare_programs[@]}"; do
        "$compiler" "${cflags[@]}" "${flags[@]}" -c -o "$objects/$program.o" "src/$program.c"
        "$compiler" "${ldflags[@]}" "${bare_ldflags[@]}" "${flags[@]}" -o "$bare/$program" \
            "$objects"/{bare,rt,"$program"}.o
    done
    built_by "$compiler" >"$out.built-by"
    echo "$isa: $((${#programs[@]} + ${#bare_programs[@]})) roms"
}

# check SCRATCH ISA: compares a scratch build with the committed one.
check() {
    local rom
    for rom in "${programs[@]/#/bin/$2/}" "${bare_programs[@]/#/bare/$2/}"; do
        if ! cmp "$1/$rom" "$rom"; then
            echo "roms/$rom is not what its source builds: run roms/build.sh and commit the result" >&2
            return 1
        fi
    done
}

mode=${1:-build}
case $mode in
build | --check) ;;
*)
    echo "usage: roms/build.sh [--check]" >&2
    exit 2
    ;;
esac

missing=()
failed=0
while read -r isa compiler package start flags; do
    if ! command -v "$compiler" >/dev/null; then
        missing+=("$package")
        echo "$isa: no $compiler, skipped"
    elif [ "$mode" = build ]; then
        build "$isa" "$compiler" "$start" "$flags" "bin/$isa"
    elif [ "$(built_by "$compiler")" != "$(cat "bin/$isa.built-by")" ]; then
        echo "$isa: skipped, its roms were built by another version than $("$compiler" --version | head -n 1)"
    else
        build "$isa" "$compiler" "$start" "$flags" "$scratch/bin/$isa"
        check "$scratch" "$isa" || failed=1
    fi
done < <(isas)

if [ ${#missing[@]} -gt 0 ]; then
    echo "to build what was skipped: apt-get install ${missing[*]}" >&2
    [ "$mode" = --check ] || failed=1 # a check may lack a compiler; a rebuild that is not whole is a failure
fi
exit "$failed"
