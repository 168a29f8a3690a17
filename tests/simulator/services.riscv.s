# Asks RARS's services for one thing after the other.
        .data
prompt: .string "n? "
line:   .space 16
answer: .string "again? "
path:   .string "written.txt"
text:   .ascii "to a file\n"
        .align 3
half:   .double 0.1
single: .float 1.5e10

        .text
        .globl main
        .globl _start
_start:
main:   la   a0, prompt
        li   a7, 4
        ecall
        li   a7, 5                     # read an integer, print it in all ways
        ecall
        mv   s0, a0
        mv   a0, s0
        li   a7, 1
        ecall
        jal  newline
        mv   a0, s0
        li   a7, 34
        ecall
        jal  newline
        mv   a0, s0
        li   a7, 35
        ecall
        jal  newline
        mv   a0, s0
        li   a7, 36
        ecall
        jal  newline
        la   t0, half
        fld  fa0, 0(t0)
        li   a7, 3
        ecall
        jal  newline
        la   t0, single
        flw  fa0, 0(t0)
        li   a7, 2
        ecall
        jal  newline
        li   a7, 7                     # read a double, print it
        ecall
        li   a7, 3
        ecall
        jal  newline
        la   a0, line                  # five characters of a line, and the next character
        li   a1, 6
        li   a7, 8
        ecall
        la   a0, line
        li   a7, 4
        ecall
        jal  newline
        li   a7, 12
        ecall
        li   a7, 11
        ecall
        li   a7, 12                    # the end of that line
        ecall
        jal  newline
        li   a0, 5                     # sbrk gives whole words
        li   a7, 9
        ecall
        mv   s1, a0
        li   a0, 4
        li   a7, 9
        ecall
        sub  s1, a0, s1
        sw   s1, 0(a0)
        lw   a0, 0(a0)
        li   a7, 1
        ecall
        jal  newline
        li   a0, 1                     # stream 1, seeded with 42
        li   a1, 42
        li   a7, 40
        ecall
        li   a0, 1
        li   a7, 41
        ecall
        li   a7, 1
        ecall
        jal  newline
        li   a0, 1
        li   a1, 100
        li   a7, 42
        ecall
        li   a7, 1
        ecall
        jal  newline
        la   a0, path                  # write a file, and read it
        li   a1, 1
        li   a7, 1024
        ecall
        mv   s3, a0
        la   a1, text
        li   a2, 10
        li   a7, 64
        ecall
        mv   s2, a0
        mv   a0, s3
        li   a7, 57
        ecall
        la   a0, path
        li   a1, 0
        li   a7, 1024
        ecall
        la   a1, line
        li   a2, 16
        li   a7, 63
        ecall
        mv   a2, a0
        li   a0, 1
        la   a1, line
        li   a7, 64
        ecall
        la   a0, answer                # a dialog
        li   a7, 50
        ecall
        li   a7, 1
        ecall
        jal  newline
        mv   a0, s2
        li   a7, 93
        ecall

newline:
        li   a0, '\n'
        li   a7, 11
        ecall
        ret
