# A pixel that w, a, s and d move over the bitmap display (8 by 8 units, on the heap), with a trail; q ends it.
        .data
trail:  .word 0x00400000
dot:    .word 0x00ff8000
        .text
main:   li    s0, 3                   # column
        li    s1, 3                   # row
        li    s3, 0xffff0000
draw:   lw    a0, dot
        jal   paint
key:    lw    t0, 0(s3)
        andi  t0, t0, 1
        beqz  t0, key
        lw    s2, 4(s3)
        lw    a0, trail
        jal   paint
        li    t0, 'w'
        beq   s2, t0, up
        li    t0, 's'
        beq   s2, t0, down
        li    t0, 'a'
        beq   s2, t0, left
        li    t0, 'd'
        beq   s2, t0, right
        li    t0, 'q'
        beq   s2, t0, quit
        j     draw
up:     addi  s1, s1, -1
        j     draw
down:   addi  s1, s1, 1
        j     draw
left:   addi  s0, s0, -1
        j     draw
right:  addi  s0, s0, 1
        j     draw
quit:   li    a7, 10
        ecall

paint:  slli  t0, s1, 3
        add   t0, t0, s0
        slli  t0, t0, 2
        li    t1, 0x10040000
        add   t0, t0, t1
        sw    a0, 0(t0)
        ret
