# Asks for a number and prints its factorial.
        .data
question:
        .asciiz "n? "
is:     .asciiz "! = "

        .text
        .globl main
main:   la      $a0, question
        li      $v0, 4              # print a string
        syscall
        li      $v0, 5              # read an integer
        syscall
        move    $s0, $v0

        move    $a0, $s0
        jal     factorial
        move    $s1, $v0

        move    $a0, $s0
        li      $v0, 1              # print an integer
        syscall
        la      $a0, is
        li      $v0, 4
        syscall
        move    $a0, $s1
        li      $v0, 1
        syscall
        li      $a0, '\n'
        li      $v0, 11             # print a character
        syscall
        li      $v0, 10             # exit
        syscall

# n in $a0: its factorial in $v0.
        .globl factorial
factorial:
        li      $v0, 1
        blez    $a0, done
        addiu   $sp, $sp, -8
        sw      $ra, 4($sp)
        sw      $s0, 0($sp)
        move    $s0, $a0
        addiu   $a0, $a0, -1
        jal     factorial
        mul     $v0, $v0, $s0
        lw      $s0, 0($sp)
        lw      $ra, 4($sp)
        addiu   $sp, $sp, 8
done:   jr      $ra
