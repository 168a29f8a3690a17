# Shows each key that is pressed, in capitals, until it is a full stop; by polling, as with -mapped_io.
        .eqv RECEIVER_CONTROL    0xffff0000
        .eqv RECEIVER_DATA       0xffff0004
        .eqv TRANSMITTER_CONTROL 0xffff0008
        .eqv TRANSMITTER_DATA    0xffff000c
        .text
main:
loop:   jal   getc
        move  $a0, $v0
        beq   $a0, '.', done
        blt   $a0, 'a', show
        bgt   $a0, 'z', show
        addiu $a0, $a0, -32
show:   jal   putc
        j     loop
done:   # Looking does not take: what follows is the line that the service reads.
        li    $t1, 5000
look:   lw    $t2, RECEIVER_CONTROL
        andi  $t2, $t2, 1
        beqz  $t2, look
        addiu $t1, $t1, -1
        bnez  $t1, look
        li    $v0, 5
        syscall
        move  $a0, $v0
        li    $v0, 1
        syscall
        # What is read where no key waits is the last one, until the program says otherwise.
        lbu   $a0, RECEIVER_DATA
        li    $v0, 1
        syscall
        sw    $zero, RECEIVER_DATA
        lw    $a0, RECEIVER_DATA
        syscall
        li    $v0, 10
        syscall

getc:   lui   $t0, 0xffff
getw:   lw    $t1, 0($t0)
        andi  $t1, $t1, 0x0001
        beq   $t1, $zero, getw
        lw    $v0, 4($t0)
        jr    $ra

putc:   lui   $t0, 0xffff
putw:   lw    $t1, 8($t0)
        andi  $t1, $t1, 0x0001
        beq   $t1, $zero, putw
        sw    $a0, 12($t0)
        jr    $ra
