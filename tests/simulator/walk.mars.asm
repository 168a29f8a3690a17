# A pixel that w, a, s and d move over the bitmap display (8 by 8 units, on the heap), with a trail; q ends it.
        .data
trail:  .word 0x00400000
dot:    .word 0x00ff8000
        .text
main:   li    $s0, 3                  # column
        li    $s1, 3                  # row
draw:   lw    $t8, dot
        jal   paint
key:    lw    $t0, 0xffff0000
        andi  $t0, $t0, 1
        beqz  $t0, key
        lw    $s2, 0xffff0004
        lw    $t8, trail
        jal   paint
        beq   $s2, 'w', up
        beq   $s2, 's', down
        beq   $s2, 'a', left
        beq   $s2, 'd', right
        beq   $s2, 'q', quit
        j     draw
up:     addi  $s1, $s1, -1
        j     draw
down:   addi  $s1, $s1, 1
        j     draw
left:   addi  $s0, $s0, -1
        j     draw
right:  addi  $s0, $s0, 1
        j     draw
quit:   li    $v0, 10
        syscall

paint:  sll   $t0, $s1, 3
        add   $t0, $t0, $s0
        sll   $t0, $t0, 2
        li    $t1, 0x10040000
        add   $t0, $t0, $t1
        sw    $t8, 0($t0)
        jr    $ra
