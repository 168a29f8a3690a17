# An array of structs, sorted by one field: names, ages and averages. With what handouts have of macros and constants.
.eqv PRINT_INT 1
.eqv PRINT_FLOAT 2
.eqv PRINT_STRING 4
.eqv STUDENT_SIZE 12
.eqv NAME 0
.eqv AGE 4
.eqv AVERAGE 8
.eqv COUNT 3

.macro print_str (%str)
        .data
text:   .asciiz %str
        .text
        LI    $v0, PRINT_STRING
        la    $a0, text
        syscall
.end_macro

.macro for (%reg, %from, %to, %body)
        add   %reg, $zero, %from
loop:   %body ()
        add   %reg, %reg, 1
        ble   %reg, %to, loop
.end_macro

.macro line
        mul   $t0, $s0, STUDENT_SIZE
        la    $s1, students
        addu  $s1, $s1, $t0
        lw    $a0, NAME($s1)
        li    $v0, PRINT_STRING
        syscall
        print_str ("\t")
        lw    $a0, AGE($s1)
        li    $v0, PRINT_INT
        syscall
        print_str ("\t")
        lwc1  $f12, AVERAGE($s1)
        li    $v0, PRINT_FLOAT
        syscall
        print_str ("\n")
.end_macro

        .DATA
students:
        .word ada, 36
        .float 9.75
        .word kurt,
              71
        .float 8.5
        .word grace, 85
        .float -0.125
ada:    .asciiz "Ada"
kurt:   .asciiz "Kurt"; grace: .asciiz "Grace"
        .align 2
table:  .word COUNT * STUDENT_SIZE, (1 << 4) | 3, 'a' + 1, ~0, 7 / 2 - 1, students + 2*STUDENT_SIZE - students
        .globl main
        .text
main:
        # Bubble sort by age, the oldest first.
        li    $s7, COUNT-1
outer:  li    $s6, 0
        la    $s5, students
inner:  lw    $t1, AGE($s5)
        lw    $t2, STUDENT_SIZE+AGE($s5)
        bge   $t1, $t2, next
        move  $a0, $s5
        addi  $a1, $s5, STUDENT_SIZE
        jal   swap
next:   addi  $s5, $s5, STUDENT_SIZE
        addi  $s6, $s6, 1
        blt   $s6, COUNT-1, inner
        addi  $s7, $s7, -1
        bgtz  $s7, outer
        for   ($s0, 0, 2, line)
        la    $s3, table
        li    $s4, 6
numbers: lw   $a0, ($s3)
        li    $v0, 1
        syscall
        print_str (" ")
        addi  $s3, $s3, 4
        SUB   $s4, $s4, 1
        bnez  $s4, numbers
        li    $v0, 10
        syscall

swap:   li    $t0, STUDENT_SIZE
each:   lw    $t1, ($a0)
        lw    $t2, ($a1)
        sw    $t2, ($a0)
        sw    $t1, ($a1)
        addiu $a0, $a0, 4
        addiu $a1, $a1, 4
        addiu $t0, $t0, -4
        bgtz  $t0, each
        jr    $ra

        .ktext 0x80000180
        mfc0  $k0, $13
        eret
        .kdata
saved:  .word 0
