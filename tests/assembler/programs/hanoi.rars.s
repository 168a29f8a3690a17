# Towers of Hanoi, recursive, with the stack
	.data
from:	.string " -> "
moves:	.string "moves: "
	.text
main:	li a0, 3
	li a1, 'A'
	li a2, 'B'
	li a3, 'C'
	li s0, 0
	call hanoi
	la a0, moves
	li a7, 4
	ecall
	mv a0, s0
	li a7, 1
	ecall
	li a7, 10
	ecall

# a0 disks from a1 by way of a2 to a3
hanoi:	beqz a0, none
	addi sp, sp, -40
	sd ra, 32(sp)
	sd a0, 24(sp)
	sd a1, 16(sp)
	sd a2, 8(sp)
	sd a3, 0(sp)
	addi a0, a0, -1
	mv t0, a2
	mv a2, a3
	mv a3, t0
	jal hanoi
	addi s0, s0, 1
	ld a0, 16(sp)
	li a7, 11
	ecall
	la a0, from
	li a7, 4
	ecall
	ld a0, (sp)
	li a7, 11
	ecall
	li a0, '\n'
	ecall
	ld a0, 24(sp)
	addi a0, a0, -1
	ld a1, 8(sp)
	ld a2, 16(sp)
	ld a3, 0(sp)
	jal ra, hanoi
	ld ra, 32(sp)
	addi sp, sp, 40
none:	ret
