# MIPS, both byte orders, o32 and n64: the first instruction, and the two system calls the roms need.
# Arguments from $4 (a0) on, number in $2 (v0), result in $2; $7 (a3) says whether it is a positive errno.

#if _MIPS_SIM == _ABI64
#define NR_WRITE      5001
#define NR_EXIT_GROUP 5205
#else
#define NR_WRITE      4004
#define NR_EXIT_GROUP 4246
#endif

        .cfi_sections .debug_frame
        .set    noreorder               # the delay slots below are written out
        .text

        .globl  _start
        .type   _start, @function
        .ent    _start
_start: .cfi_startproc
        .cfi_undefined 31               # the outermost frame: a backtrace ends here
        move    $4, $sp                 # argc, argv..., as the kernel laid them out
        li      $8, -16
        and     $sp, $sp, $8
#if _MIPS_SIM == _ABIO32
        addiu   $sp, $sp, -16           # o32: room for the callee to spill its four arguments
#endif
        jal     rt_start                # does not return
        nop
        .cfi_endproc
        .end    _start
        .size   _start, . - _start

        .globl  sys_write
        .type   sys_write, @function
        .ent    sys_write
sys_write:
        .cfi_startproc
        li      $2, NR_WRITE            # write(fd, buffer, length)
        syscall
        beqz    $7, 1f
        nop
        subu    $2, $0, $2              # the other ISAs' convention: a negative errno
1:      jr      $31
        nop
        .cfi_endproc
        .end    sys_write
        .size   sys_write, . - sys_write

        .globl  sys_exit
        .type   sys_exit, @function
        .ent    sys_exit
sys_exit:
        .cfi_startproc
        li      $2, NR_EXIT_GROUP       # exit_group(status)
        syscall
        .cfi_endproc
        .end    sys_exit
        .size   sys_exit, . - sys_exit

        .section .note.GNU-stack, "", @progbits
