# Bubble sort with nested loops, bytes and halves on the way
	.data
list:	.word 17, 5, 92, 87, 41, 10, 23, 55, 72, 36
n:	.word 10
flags:	.byte 1, 2, 'x'
	.align 2
small:	.half -3, 0x7fff
last:	.word small+2
	.text
main:	la	$s7, list
	li	$s0, 0
	li	$s6, 9
	li	$s1, 0
	li	$t3, 0
	li	$t4, 10
loop:	sll	$t7, $s1, 2
	add	$t7, $s7, $t7
	lw	$t0, 0($t7)
	lw	$t1, 4($t7)
	slt	$t2, $t0, $t1
	bne	$t2, $zero, increment
	sw	$t1, 0($t7)
	sw	$t0, 4($t7)
increment:
	addi	$s1, $s1, 1
	sub	$s5, $s6, $s0
	bne	$s1, $s5, loop
	addi	$s0, $s0, 1
	li	$s1, 0
	bne	$s0, $s6, loop
print:	beq	$t3, $t4, final
	lw	$t5, 0($s7)
	li	$v0, 1
	move	$a0, $t5
	syscall
	li	$a0, 32
	li	$v0, 11
	syscall
	addi	$s7, $s7, 4
	addi	$t3, $t3, 1
	j	print
final:	lw	$t0, last		# the address of the second half
	lhu	$a0, ($t0)
	li	$v0, 34
	syscall
	lb	$t1, flags+2
	rem	$a0, $t1, 7		# 120 mod 7
	li	$v0, 1
	syscall
	div	$a0, $t1, -7
	syscall
	mul	$a0, $t1, 100000
	syscall
	sle	$a0, $t1, 120
	seq	$a1, $t1, 0x12345
	sub	$a0, $a0, $a1
	syscall
	abs	$a0, $a0
	rol	$a0, $a0, 31
	li	$v0, 34
	syscall
	# it runs off the end
