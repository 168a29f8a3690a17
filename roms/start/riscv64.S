# RISC-V: the first instruction, and the two system calls the roms need.
# Arguments in a0..a6, number in a7, result in a0 (negative: an errno). psABI: RISC-V ELF psABI, Linux.

        .cfi_sections .debug_frame
        .text

        .globl  _start
        .type   _start, @function
_start: .cfi_startproc
        .cfi_undefined ra               # the outermost frame: a backtrace ends here
        .option push
        .option norelax                 # gp cannot be found through gp
        la      gp, __global_pointer$
        .option pop
        mv      a0, sp                  # argc, argv..., as the kernel laid them out
        andi    sp, sp, -16
        call    rt_start                # does not return
        .cfi_endproc
        .size   _start, . - _start

        .globl  sys_write
        .type   sys_write, @function
sys_write:
        .cfi_startproc
        li      a7, 64                  # write(fd, buffer, length)
        ecall
        ret
        .cfi_endproc
        .size   sys_write, . - sys_write

        .globl  sys_exit
        .type   sys_exit, @function
sys_exit:
        .cfi_startproc
        li      a7, 94                  # exit_group(status)
        ecall
        .cfi_endproc
        .size   sys_exit, . - sys_exit

        .section .note.GNU-stack, "", @progbits
