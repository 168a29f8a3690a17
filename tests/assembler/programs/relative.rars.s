# Addresses as compilers write them, and as the manual does.
        .section .rodata
        .align 2
numbers: .word 10, 20, 30
pi:     .double 3.25
text:   .string "sum "
        .data
total:  .word 0
        .text
        .globl main
main:
.Lhi0:  auipc a1, %pcrel_hi(numbers)
        addi  a1, a1, %pcrel_lo(.Lhi0)
        li    a2, 3
        call  sum
        mv    s0, a0
here:   auipc t0, %pcrel_hi(total)
        sw    s0, %pcrel_lo(here)(t0)
        lui   t1, %hi(total)
        lw    s1, %lo(total)(t1)
again:  auipc a5, %pcrel_hi(numbers+8)
        lw    s2, %pcrel_lo(again)(a5)
        la    a0, text
        li    a7, 4
        ecall
        add   a0, s1, s2
        li    a7, 1
        ecall
        li    a0, ' '
        li    a7, 11
        ecall
        fld   fa0, pi, t0
        li    a7, 3
        ecall
        li    a0, 0
        li    a7, 93
        ecall

sum:    li    a0, 0
        beqz  a2, none
each:   lw    t0, 0(a1)
        add   a0, a0, t0
        addi  a1, a1, 4
        addi  a2, a2, -1
        bnez  a2, each
none:   ret
