# x86-64: the first instruction, and the two system calls the roms need.
# Arguments in rdi, rsi, rdx, r10, r8, r9, number in rax, result in rax (negative: an errno).

        .intel_syntax noprefix
        .cfi_sections .debug_frame
        .text

        .globl  _start
        .type   _start, @function
_start: .cfi_startproc
        .cfi_undefined rip              # the outermost frame: a backtrace ends here
        xor     ebp, ebp
        mov     rdi, rsp                # argc, argv..., as the kernel laid them out
        and     rsp, -16
        call    rt_start                # does not return
        .cfi_endproc
        .size   _start, . - _start

        .globl  sys_write
        .type   sys_write, @function
sys_write:
        .cfi_startproc
        mov     eax, 1                  # write(fd, buffer, length)
        syscall
        ret
        .cfi_endproc
        .size   sys_write, . - sys_write

        .globl  sys_exit
        .type   sys_exit, @function
sys_exit:
        .cfi_startproc
        mov     eax, 231                # exit_group(status)
        syscall
        .cfi_endproc
        .size   sys_exit, . - sys_exit

        .section .note.GNU-stack, "", @progbits
