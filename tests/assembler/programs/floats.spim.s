# Area of circles, in single and double precision; SPIM's style
	.data
pi:	.double	3.14159265358979
radius:	.float	2.5
two:	.double	2
limits:	.float	1.0, -1.5e3, 100
	.text
	.globl	main
main:	l.d	$f2, pi
	l.s	$f4, radius
	cvt.d.s	$f4, $f4
	mul.d	$f6, $f4, $f4
	mul.d	$f12, $f6, $f2
	li	$v0, 3
	syscall
	jal	line
	la	$t0, limits
	lwc1	$f12, 4($t0)
	li	$v0, 2
	syscall
	jal	line
	li.s	$f0, 0.5
	l.s	$f1, limits+8
	c.lt.s	$f0, $f1
	bc1f	not
	add.s	$f12, $f0, $f1
	li	$v0, 2
	syscall
	jal	line
not:	li.d	$f12, -2.25
	abs.d	$f12, $f12
	s.d	$f12, two
	ldc1	$f12, two
	sqrt.d	$f12, $f12
	li	$v0, 3
	syscall
	jal	line
	cvt.w.d	$f0, $f12
	mfc1	$a0, $f0
	li	$v0, 1
	syscall
	li	$v0, 10
	syscall
line:	li	$v0, 11
	li	$a0, '\n'
	syscall
	jr	$ra
