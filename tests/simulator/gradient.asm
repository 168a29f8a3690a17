# Draws on the bitmap display: base 0x10040000, units of 4x2, 16x8 pixels: 4 columns, 4 rows
        .eqv    DISPLAY 0x10040000
        .text
main:   li      $t0, DISPLAY
        li      $t1, 0                  # the row
row:    li      $t2, 0                  # the column
column: sll     $t3, $t1, 22            # red
        sll     $t4, $t2, 6             # blue
        or      $t3, $t3, $t4
        or      $t3, $t3, 0xff000000    # the upper byte does not matter
        sw      $t3, 0($t0)
        addi    $t0, $t0, 4
        addi    $t2, $t2, 1
        blt     $t2, 4, column
        addi    $t1, $t1, 1
        blt     $t1, 4, row
        li      $v0, 10
        syscall
