# All registers hold something that no two share: x86_64.rs compares what gdb says of them. Linked without a C library.
        .globl  _start, filled
        .text
_start:
        fninit
        fldcw   control(%rip)
        fld1
        fldpi
        fldl2e
        fldt    subnormal(%rip)
        fldz
        fchs
        ffree   %st(2)
        fldt    signalling(%rip)
        fistpl  scratch(%rip)
        fldl    number(%rip)
        ldmxcsr modes(%rip)
        lea     vectors(%rip), %rax
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups  8*\n(%rax), %xmm\n
        .endr
        mov     $158, %eax              # arch_prctl(ARCH_SET_FS, ..)
        mov     $0x1002, %edi
        mov     $0x123456789000, %rsi
        syscall
        mov     $158, %eax              # arch_prctl(ARCH_SET_GS, ..)
        mov     $0x1001, %edi
        mov     $0x23456789a000, %rsi
        syscall
        mov     $0x1111111111111111, %rbx
        mov     $0x2222222222222222, %rcx
        mov     $-3, %rdx
        mov     $4, %esi
        mov     $0x5555555555555555, %rdi
        lea     vectors(%rip), %rbp
        lea     vectors+64(%rip), %rsp
        mov     $0x8888888888888888, %r8
        mov     $9, %r9d
        mov     $-10, %r10
        mov     $11, %r11d
        mov     $12, %r12d
        mov     $13, %r13d
        mov     $14, %r14d
        mov     $15, %r15d
        std
        mov     $0x7f, %al
        add     $1, %al                 # OF, SF, AF
        stc
filled: nop
        cld
        mov     %eax, %edi
        mov     $231, %eax              # exit_group
        syscall

        .data
        .balign 16
vectors:
        .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
        .quad   0x3ff0000000000000 + \n * 0x0123456789abcd
        .endr
control:        .short  0x0f7f
modes:          .long   0xdfc4
number:         .double -1234.5678
scratch:        .long   0
subnormal:      .quad   0x1234
                .short  0
signalling:     .quad   0xa000000000000000
                .short  0x7fff
