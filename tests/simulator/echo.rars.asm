# Shows each key that is pressed, in capitals, until it is a full stop; by polling, as with -mapped_io.
        .eqv RECEIVER_CONTROL 0xffff0000
        .text
main:
loop:   jal   getc
        li    t0, '.'
        beq   a0, t0, done
        li    t0, 'a'
        blt   a0, t0, show
        li    t0, 'z'
        bgt   a0, t0, show
        addi  a0, a0, -32
show:   jal   putc
        j     loop
done:   # Looking does not take: what follows is the line that the service reads.
        li    t1, 5000
        li    t0, RECEIVER_CONTROL
look:   lw    t2, 0(t0)
        andi  t2, t2, 1
        beqz  t2, look
        addi  t1, t1, -1
        bnez  t1, look
        li    a7, 5
        ecall
        li    a7, 1
        ecall
        # What is read where no key waits is the last one, until the program says otherwise.
        li    t0, RECEIVER_CONTROL
        lbu   a0, 4(t0)
        ecall
        sw    zero, 4(t0)
        lw    a0, 4(t0)
        ecall
        li    a7, 10
        ecall

getc:   lui   t0, 0xffff0
getw:   lw    t1, 0(t0)
        andi  t1, t1, 1
        beqz  t1, getw
        lw    a0, 4(t0)
        ret

putc:   li    t0, 0xffff0008
putw:   lw    t1, 0(t0)
        andi  t1, t1, 1
        beqz  t1, putw
        sw    a0, 4(t0)
        ret
