# A bit of everything that RARS has
.eqv PRINT 1
.macro print(%n)
	mv a0, %n
	li a7, PRINT
	ecall
	li a0, 32
	li a7, 11
	ecall
.end_macro
.data
value:	.word 0xffffffff, 7
big:	.dword 0x123456789abcdef0
half:	.half 1, 2
d:	.double 1.5
f:	.float -0.25
.text
	lw t0, value
	print(t0)
	li t1, 0x12345678
	sw t1, value+4, t2
	lui t3, 0x10010
	lw t4, 4(t3)
	sub t4, t4, t1
	print(t4)
	li t5, -1234567890123
	ld t6, big
	srli t6, t6, 60
	add t5, t5, t6
	print(t6)
	neg t0, t5
	li t1, 1000000
	divu t0, t0, t1
	print(t0)
	li t0, 5
	li t1, 9
	bgt t0, t1, wrong
	ble t1, t0, wrong
	sgt t2, t1, t0
	seqz t3, t2
	not t3, t3
	print(t3)
	fld ft0, d, t0
	flw ft1, f, t0
	fcvt.d.s ft1, ft1
	fmadd.d fa0, ft0, ft1, ft0
	li a7, 3
	ecall
	feq.d t0, ft0, ft1
	bnez t0, wrong
	lui t1, %hi(half)
	lh a0, %lo(half)(t1)
	tail finish
wrong:	li a0, -1
finish:	li a7, 93
	ecall
