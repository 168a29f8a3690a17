# Data among code, an object, padding, and an address relative to gp.
.attribute arch, "rv64gc"
.globl start
.type start, @function
start:
    lui a0, 1
    addi a0, a0, 2
    lw a1, 16(gp)
    call start
    .word 0x12345678
    .short 0x55
    .byte 7, 8
    ret
    .zero 12
.globl table
.type table, @object
table:
    .ascii "not instructions"
    .size table, 16
    .balign 4
inner:
    j start
    .short 0x101f, 1, 2
    lla a0, table
    .zero 2
.section .text.other, "ax"
    call inner
    .zero 30
.globl __global_pointer$
.set __global_pointer$, 0x800
