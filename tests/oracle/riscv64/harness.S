# The guest's half of the QEMU oracle: runs one piece of code after another, each in a state of its
# own, and tells the state it left.
#
# The trick is that a signal handler sees all registers of the code it interrupted, and that the code
# continues with whatever registers the handler leaves behind. So all of the work is done by one
# handler: it writes the state in which the last piece of code trapped to the standard output, reads
# the next one from the standard input, puts it where the kernel keeps the interrupted registers, and
# returns "into" it. Every piece of code ends in a trap, because breakpoints fill the pages around it.
#
# Input, again and again until it ends (see qemu.rs):
#     the kernel's sigcontext: pc, x1 to x31, f0 to f31, fcsr           REGISTERS bytes
#     the code                                                          SLOT bytes
#     the page of data                                                  PAGE bytes
# Output for each:
#     the signal, its code, the address it is about                     3 * 8 bytes
#     the sigcontext, the page of data                                  as above
#
# Exit status: 0 at the end of the input, 1 if it ends within a state, 2 if the kernel refuses a call.

        .equ CODE, 0x40000              # as in world.rs
        .equ DATA, 0x20000
        .equ READ_ONLY, 0x30000
        .equ PAGE, 4096
        .equ SLOT, 256
        .equ REGISTERS, 8 + 31 * 8 + 32 * 8 + 8
        .equ INPUT, REGISTERS + SLOT + PAGE

        .equ SIGINFO_CODE, 8
        .equ SIGINFO_ADDRESS, 16
        .equ UCONTEXT_REGISTERS, 176

        .equ SYS_read, 63
        .equ SYS_writev, 66
        .equ SYS_exit, 93
        .equ SYS_sigaltstack, 132
        .equ SYS_rt_sigaction, 134
        .equ SYS_rt_sigreturn, 139
        .equ SYS_mmap, 222

        .option norelax                 # the linker must not use gp, which is the code's
        .text
        .globl _start
_start:
        # The pages of the world.
        li      a0, CODE - PAGE
        li      a1, 2 * PAGE
        li      a2, 7                   # read, write, execute
        call    map
        li      a0, DATA
        li      a1, PAGE
        li      a2, 3                   # read, write
        call    map
        li      a0, READ_ONLY
        li      a1, PAGE
        li      a2, 1                   # read
        call    map

        # Breakpoints all over the code.
        li      t0, CODE - PAGE
        li      t1, CODE + PAGE
        ld      t2, breakpoints
1:      sd      t2, 0(t0)
        addi    t0, t0, 8
        bltu    t0, t1, 1b

        # The handler has a stack of its own, because the code's stack pointer points anywhere.
        la      a0, signal_stack
        li      a1, 0
        li      a7, SYS_sigaltstack
        ecall
        bnez    a0, refused
        li      s0, 4                   # SIGILL
        call    handle
        li      s0, 5                   # SIGTRAP
        call    handle
        li      s0, 7                   # SIGBUS
        call    handle
        li      s0, 11                  # SIGSEGV
        call    handle

        # There is no last piece of code yet: the first trap is this one, and its output is skipped.
        ebreak

# Maps a1 bytes at a0, with the protection a2.
map:
        li      a3, 0x32                # private, fixed, anonymous
        li      a4, -1
        li      a5, 0
        li      a7, SYS_mmap
        mv      t0, a0
        ecall
        bne     a0, t0, refused
        ret

# Sets the handler of the signal s0.
handle:
        mv      a0, s0
        la      a1, action
        li      a2, 0
        li      a3, 8
        li      a7, SYS_rt_sigaction
        ecall
        bnez    a0, refused
        ret

refused:
        li      a0, 2
        j       exit

# a0: the signal, a1: its siginfo, a2: the ucontext.
handler:
        addi    s0, a2, UCONTEXT_REGISTERS
        la      s1, output
        la      t0, started
        lbu     t1, 0(t0)
        li      t2, 1
        sb      t2, 0(t0)
        beqz    t1, next

        sd      a0, 0(s1)
        lw      t0, SIGINFO_CODE(a1)
        sd      t0, 8(s1)
        ld      t0, SIGINFO_ADDRESS(a1)
        sd      t0, 16(s1)
        la      a1, parts
        sd      s0, 16(a1)              # the second part is the sigcontext
        li      a0, 1
        li      a2, 3
        li      a7, SYS_writev
        ecall
        bltz    a0, refused

next:
        # Reads the whole input, which a pipe delivers in pieces.
        la      s2, input
        li      s3, INPUT
        mv      s4, s2
1:      li      a0, 0
        mv      a1, s4
        mv      a2, s3
        li      a7, SYS_read
        ecall
        bltz    a0, refused
        beqz    a0, ended
        add     s4, s4, a0
        sub     s3, s3, a0
        bnez    s3, 1b

        # Sets the stage.
        mv      a0, s0
        mv      a1, s2
        li      a2, REGISTERS
        call    copy
        li      a0, CODE
        addi    a1, s2, REGISTERS
        li      a2, SLOT
        call    copy
        li      a0, DATA
        addi    a1, s2, REGISTERS + SLOT
        li      a2, PAGE
        call    copy
        fence.i
        la      t0, nothing             # a store-conditional ends the last scene's reservation
        sc.w    zero, zero, (t0)

        li      a7, SYS_rt_sigreturn
        ecall

ended:
        sub     a0, s4, s2              # in the middle of a state?
        snez    a0, a0
exit:
        li      a7, SYS_exit
        ecall

# Copies a2 bytes, a multiple of eight, from a1 to a0.
copy:
        add     a2, a1, a2
1:      ld      t0, 0(a1)
        sd      t0, 0(a0)
        addi    a0, a0, 8
        addi    a1, a1, 8
        bltu    a1, a2, 1b
        ret

        .data
        .balign 8
breakpoints:
        .dword  0x9002900290029002      # c.ebreak, four times
action:                                 # struct sigaction
        .dword  handler
        .dword  0x48000004              # SA_NODEFER, SA_ONSTACK, SA_SIGINFO
        .dword  0
signal_stack:                           # stack_t
        .dword  stack
        .dword  0
        .dword  65536
parts:                                  # struct iovec of the output
        .dword  output, 24
        .dword  0, REGISTERS
        .dword  DATA, PAGE
nothing:
        .word   0
started:
        .byte   0

        .bss
        .balign 16
output: .skip   24
        .balign 8
input:  .skip   INPUT
        .balign 16
stack:  .skip   65536
