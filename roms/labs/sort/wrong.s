# As solution.s, but compares numbers as if they had no sign, and passes over one word too many.
        .data
numbers:
        .word   42, -7, 8, 1, 3
count:  .word   5

        .text
        .globl main
main:   la      a0, numbers
        lw      a1, count
        jal     sort

        la      s0, numbers
        lw      s1, count
next:   lw      a0, 0(s0)
        li      a7, 1               # print an integer
        ecall
        li      a0, ' '
        li      a7, 11              # print a character
        ecall
        addi    s0, s0, 4
        addi    s1, s1, -1
        bnez    s1, next
        li      a7, 10              # exit
        ecall

# The address of an array of words in a0, how many there are in a1.
        .globl sort
sort:   mv      t0, a1
pass:   blez    t0, sorted
        mv      t1, a0
        mv      t2, t0
pair:   lw      t3, 0(t1)
        lw      t4, 4(t1)
        bleu    t3, t4, ordered
        sw      t4, 0(t1)
        sw      t3, 4(t1)
ordered:
        addi    t1, t1, 4
        addi    t2, t2, -1
        bnez    t2, pair
        addi    t0, t0, -1
        j       pass
sorted: ret
