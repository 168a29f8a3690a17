// AArch64: the first instruction, and the two system calls the roms need.
// Arguments in x0..x5, number in x8, result in x0 (negative: an errno).

        .cfi_sections .debug_frame
        .text

        .globl  _start
        .type   _start, %function
_start: .cfi_startproc
        .cfi_undefined x30              // the outermost frame: a backtrace ends here
        mov     x29, #0
        mov     x30, #0
        mov     x0, sp                  // argc, argv..., as the kernel laid them out
        bl      rt_start                // does not return; sp is 16-byte aligned already
        .cfi_endproc
        .size   _start, . - _start

        .globl  sys_write
        .type   sys_write, %function
sys_write:
        .cfi_startproc
        mov     x8, #64                 // write(fd, buffer, length)
        svc     #0
        ret
        .cfi_endproc
        .size   sys_write, . - sys_write

        .globl  sys_exit
        .type   sys_exit, %function
sys_exit:
        .cfi_startproc
        mov     x8, #94                 // exit_group(status)
        svc     #0
        .cfi_endproc
        .size   sys_exit, . - sys_exit

        .section .note.GNU-stack, "", %progbits
