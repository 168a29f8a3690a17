.data
	prompt: .asciiz "Enter a string: "
	result: .asciiz "Reversed: "
	buffer: .space 64
.eqv	LENGTH 64
.text
.globl main

helper:	# counts the characters of the string at $a0, without the newline
	move $v0, $zero
count:	lb $t0 ($a0)
	beq $t0, '\n', counted
	beqz $t0, counted
	addi $a0, $a0, 1
	addi $v0, $v0, 1
	j count
counted: jr $ra

main:
	li $v0, 4
	la $a0, prompt
	syscall
	li $v0, 8
	la $a0, buffer
	li $a1, LENGTH
	syscall
	la $a0, buffer
	jal helper
	sub $v0, $v0, 1
	bltz $v0, done
	move $s0, $v0
	la $a0, result
	li $v0, 4
	syscall
next:	lb $a0, buffer($s0)
	li $v0, 11
	syscall
	subi $s0, $s0, 1
	bge $s0, 0, next
done:	li $v0, 17
	li $a0, 3
	syscall
