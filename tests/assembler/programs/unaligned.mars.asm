# Loads and stores at addresses that are no multiples, as GNU as expands them, too; prints what they move.
        .data
bytes:  .byte 0x11, 0x82, 0x93, 0x44, 0xf5, 0x66, 0x77, 0x88
room:   .space 16
        .text
        .globl main
main:   la    $s0, bytes
        ulh   $a0, 1($s0)
        jal   show
        ulhu  $a0, 1($s0)
        jal   show
        ulw   $a0, 1($s0)
        jal   show
        # The base is what is loaded, too.
        move  $a0, $s0
        ulh   $a0, 2($a0)
        jal   show
        move  $a0, $s0
        ulhu  $a0, 4($a0)
        jal   show
        move  $a0, $s0
        ulw   $a0, 3($a0)
        jal   show
        # Far from a register, and at a label.
        lui   $s1, 0x1000
        ulh   $a0, 0x10001($s1)
        jal   show
        ulhu  $a0, bytes+3
        jal   show
        ulw   $a0, bytes+3
        jal   show
        # What is stored is kept.
        li    $a0, 0xa1b2c3d4
        la    $s2, room
        ush   $a0, 1($s2)
        jal   show
        ush   $a0, room+5
        jal   show
        usw   $a0, 9($s2)
        jal   show
        lw    $a0, 0($s2)
        jal   show
        lw    $a0, 4($s2)
        jal   show
        lw    $a0, 8($s2)
        jal   show
        lw    $a0, 12($s2)
        jal   show
        li    $v0, 10
        syscall

show:   li    $v0, 34
        syscall
        move  $s7, $a0
        li    $a0, 10
        li    $v0, 11
        syscall
        move  $a0, $s7
        jr    $ra
