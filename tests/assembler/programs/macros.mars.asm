.include "macros.inc"
.data
	numbers: .word 3, -1, 4, 1, -5
	end:
.text
	print_str ("Sum of positives: ")
	la $s0, numbers
	li $s1, 0
	for_each ($s0, end, add_positive)
	print_int ($s1)
	newline
	print_int (-5)
	print_str(" ")
	print_int CONSTANT
	newline
	done

add_positive:
	lw $t0, ($s0)
	ble $t0, 0, skip
	addu $s1, $s1, $t0
skip:	jr $ra
