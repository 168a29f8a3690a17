# Asks SPIM's and MARS's services for one thing after the other.
        .data
prompt: .asciiz "n? "
line:   .space 16
answer: .asciiz "again? "
path:   .asciiz "written.txt"
text:   .ascii "to a file\n"
        .align 3
half:   .double 0.1
single: .float 1.5e10

        .text
        .globl main
        .globl __start
__start:
main:   la   $a0, prompt
        li   $v0, 4
        syscall
        li   $v0, 5                     # read an integer, print it in all ways
        syscall
        move $s0, $v0
        move $a0, $s0
        li   $v0, 1
        syscall
        jal  newline
        move $a0, $s0
        li   $v0, 34
        syscall
        jal  newline
        move $a0, $s0
        li   $v0, 35
        syscall
        jal  newline
        move $a0, $s0
        li   $v0, 36
        syscall
        jal  newline
        l.d  $f12, half
        li   $v0, 3
        syscall
        jal  newline
        l.s  $f12, single
        li   $v0, 2
        syscall
        jal  newline
        li   $v0, 7                     # read a double, print it
        syscall
        mov.d $f12, $f0
        li   $v0, 3
        syscall
        jal  newline
        la   $a0, line                  # five characters of a line, and the next character
        li   $a1, 6
        li   $v0, 8
        syscall
        la   $a0, line
        li   $v0, 4
        syscall
        jal  newline
        li   $v0, 12
        syscall
        move $a0, $v0
        li   $v0, 11
        syscall
        li   $v0, 12                    # the end of that line
        syscall
        jal  newline
        li   $a0, 5                     # sbrk gives whole words
        li   $v0, 9
        syscall
        move $s1, $v0
        li   $a0, 4
        li   $v0, 9
        syscall
        subu $a0, $v0, $s1
        sw   $a0, 0($v0)
        li   $v0, 1
        syscall
        jal  newline
        li   $a0, 1                     # stream 1, seeded with 42
        li   $a1, 42
        li   $v0, 40
        syscall
        li   $a0, 1
        li   $v0, 41
        syscall
        li   $v0, 1
        syscall
        jal  newline
        li   $a0, 1
        li   $a1, 100
        li   $v0, 42
        syscall
        li   $v0, 1
        syscall
        jal  newline
        la   $a0, path                  # write a file, and read it
        li   $a1, 1
        li   $v0, 13
        syscall
        move $a0, $v0
        la   $a1, text
        li   $a2, 10
        li   $v0, 15
        syscall
        move $s2, $v0
        li   $v0, 16
        syscall
        la   $a0, path
        li   $a1, 0
        li   $v0, 13
        syscall
        move $a0, $v0
        la   $a1, line
        li   $a2, 16
        li   $v0, 14
        syscall
        move $a2, $v0
        li   $a0, 1
        la   $a1, line
        li   $v0, 15
        syscall
        la   $a0, answer                # a dialog
        li   $v0, 50
        syscall
        li   $v0, 1
        syscall
        jal  newline
        move $a0, $s2
        li   $v0, 17
        syscall

newline:
        li   $a0, '\n'
        li   $v0, 11
        syscall
        jr   $ra
