# The guest's half of the QEMU oracle, for o32, n32 and n64: as that of RISC-V, which explains how it
# works. What differs:
#
# * QEMU does not keep fcsr in the interrupted registers, so the handler reads and writes it.
# * UserLocal is set by a system call.
# * The kernel lays the interrupted registers out in two ways; here they come in one order.
#
# Input, again and again until it ends:
#     pc, r0 to r31, f0 to f31, hi, lo, fcsr, UserLocal                 REGISTERS bytes
#     the code                                                          SLOT bytes
#     the page of data                                                  PAGE bytes
# Output for each:
#     the signal, its code, the address it is about                     3 * 8 bytes
#     the registers, the page of data                                   as above
#
# Exit status: 0 at the end of the input, 1 if it ends within a state, 2 if the kernel refuses a call.

#define zero $0
#define v0 $2
#define a0 $4
#define a1 $5
#define a2 $6
#define a3 $7
#define a4 $8                           /* of n32 and n64 */
#define a5 $9
#define t0 $12                          /* named so by all three conventions */
#define t1 $13
#define t2 $14
#define s0 $16
#define s1 $17
#define s2 $18
#define s3 $19
#define s4 $20
#define s5 $21
#define sp $29
#define ra $31
#define fcsr $31

        .equ CODE, 0x40000              # as in world.rs
        .equ DATA, 0x20000
        .equ READ_ONLY, 0x30000
        .equ PAGE, 4096
        .equ SLOT, 256
        .equ REGISTERS, 8 + 32 * 8 + 32 * 8 + 4 * 8
        .equ INPUT, REGISTERS + SLOT + PAGE

        # Places among the registers.
        .equ PC, 0
        .equ GENERAL, 8                 # and the floating-point ones after them
        .equ HI, GENERAL + 512
        .equ LO, HI + 8
        .equ FCSR, LO + 8
        .equ USER_LOCAL, FCSR + 8

        .equ SIGINFO_CODE, 4

#if _MIPS_SIM == _ABIO32
        .equ CALLS, 4000
        .equ UCONTEXT_REGISTERS, 24
        .equ SAVED_PC, 8
        .equ SAVED_GENERAL, 16
        .equ SAVED_HI, 552
        .equ SAVED_LO, 560
        .equ SYS_set_thread_area, CALLS + 283
        .equ SYS_sigaltstack, CALLS + 206
        .equ SYS_rt_sigaction, CALLS + 194
        .equ SYS_rt_sigreturn, CALLS + 193
        .equ SYS_read, CALLS + 3
        .equ SYS_writev, CALLS + 146
        .equ SYS_exit, CALLS + 1
        .equ SYS_mmap, CALLS + 90
#else
        .equ SAVED_PC, 576
        .equ SAVED_GENERAL, 0
        .equ SAVED_HI, 512
        .equ SAVED_LO, 544
        .equ SYS_read, CALLS + 0
        .equ SYS_mmap, CALLS + 9
        .equ SYS_rt_sigaction, CALLS + 13
        .equ SYS_writev, CALLS + 19
        .equ SYS_exit, CALLS + 58
        .equ SYS_sigaltstack, CALLS + 129
        .equ SYS_rt_sigreturn, CALLS + 211
#if _MIPS_SIM == _ABIN32
        .equ CALLS, 6000
        .equ UCONTEXT_REGISTERS, 24
        .equ SYS_set_thread_area, CALLS + 246
#else
        .equ CALLS, 5000
        .equ UCONTEXT_REGISTERS, 40
        .equ SYS_set_thread_area, CALLS + 242
#endif
#endif

#if _MIPS_SIM == _ABI64
        .equ SIGINFO_ADDRESS, 16
        .equ POINTER, 8
#define address_of dla
#define load_pointer ld
#define store_pointer sd
#define add_pointer daddu
#define pointer .dword
#else
        .equ SIGINFO_ADDRESS, 12
        .equ POINTER, 4
#define address_of la
#define load_pointer lw
#define store_pointer sw
#define add_pointer addu
#define pointer .word
#endif

# Stores a register as 64 bits.
        .macro  store_wide register, offset, base
#if _MIPS_SIM != _ABIO32
        sd      \register, \offset(\base)
#elif defined(__MIPSEB__)
        sw      zero, \offset(\base)
        sw      \register, \offset + 4(\base)
#else
        sw      \register, \offset(\base)
        sw      zero, \offset + 4(\base)
#endif
        .endm

# Loads the low word of 64 bits, or all of them.
        .macro  load_wide register, offset, base
#if _MIPS_SIM != _ABIO32
        ld      \register, \offset(\base)
#elif defined(__MIPSEB__)
        lw      \register, \offset + 4(\base)
#else
        lw      \register, \offset(\base)
#endif
        .endm

        .text
        .globl  __start
__start:
        # The pages of the world.
        li      a0, CODE - PAGE
        li      a1, 2 * PAGE
        li      a2, 7                   # read, write, execute
        bal     map
        li      a0, DATA
        li      a1, PAGE
        li      a2, 3                   # read, write
        bal     map
        li      a0, READ_ONLY
        li      a1, PAGE
        li      a2, 1                   # read
        bal     map

        # Breakpoints all over the code.
        li      t0, CODE - PAGE
        li      t1, CODE + PAGE
        li      t2, 0x0000000d          # break
1:      sw      t2, 0(t0)
        addiu   t0, t0, 4
        bltu    t0, t1, 1b

        # The handler has a stack of its own, because the code's stack pointer points anywhere.
        address_of a0, signal_stack
        li      a1, 0
        li      v0, SYS_sigaltstack
        syscall
        bnez    a3, refused
        li      s0, 4                   # SIGILL
        bal     handle
        li      s0, 5                   # SIGTRAP
        bal     handle
        li      s0, 8                   # SIGFPE
        bal     handle
        li      s0, 10                  # SIGBUS
        bal     handle
        li      s0, 11                  # SIGSEGV
        bal     handle

        # There is no last piece of code yet: the first trap is this one, and its output is skipped.
        break

# Maps a1 bytes at a0, with the protection a2.
map:
        li      a3, 0x812               # private, fixed, anonymous
#if _MIPS_SIM == _ABIO32
        addiu   sp, sp, -32
        li      t0, -1
        sw      t0, 16(sp)
        sw      zero, 20(sp)
        li      v0, SYS_mmap
        syscall
        addiu   sp, sp, 32
#else
        li      a4, -1
        li      a5, 0
        li      v0, SYS_mmap
        syscall
#endif
        bnez    a3, refused
        jr      ra

# Sets the handler of the signal s0.
handle:
        move    a0, s0
        address_of a1, action
        li      a2, 0
        li      a3, 16
        li      v0, SYS_rt_sigaction
        syscall
        bnez    a3, refused
        jr      ra

refused:
        li      a0, 2
        b       exit

# a0: the signal, a1: its siginfo, a2: the ucontext.
handler:
        cfc1    s5, fcsr                # as the code left it
        addiu   s0, a2, UCONTEXT_REGISTERS
        address_of s1, output
        address_of t0, started
        lbu     t1, 0(t0)
        li      t2, 1
        sb      t2, 0(t0)
        beqz    t1, next

        store_wide a0, 0, s1
        lw      t0, SIGINFO_CODE(a1)
        store_wide t0, 8, s1
        load_pointer t0, SIGINFO_ADDRESS(a1)
        store_wide t0, 16, s1
        addiu   s1, s1, 24
        addiu   a0, s1, PC
        addiu   a1, s0, SAVED_PC
        li      a2, 8
        bal     copy
        addiu   a0, s1, GENERAL
        addiu   a1, s0, SAVED_GENERAL
        li      a2, 512
        bal     copy
        addiu   a0, s1, HI
        addiu   a1, s0, SAVED_HI
        li      a2, 8
        bal     copy
        addiu   a0, s1, LO
        addiu   a1, s0, SAVED_LO
        li      a2, 8
        bal     copy
        store_wide s5, FCSR, s1
        li      a0, 1
        address_of a1, parts
        li      a2, 2
        li      v0, SYS_writev
        syscall
        bnez    a3, refused

next:
        # Reads the whole input, which a pipe delivers in pieces.
        address_of s2, input
        li      s3, INPUT
        move    s4, s2
1:      li      a0, 0
        move    a1, s4
        move    a2, s3
        li      v0, SYS_read
        syscall
        bnez    a3, refused
        beqz    v0, ended
        add_pointer s4, s4, v0
        subu    s3, s3, v0
        bnez    s3, 1b

        # Sets the stage.
        addiu   a0, s0, SAVED_PC
        addiu   a1, s2, PC
        li      a2, 8
        bal     copy
        addiu   a0, s0, SAVED_GENERAL
        addiu   a1, s2, GENERAL
        li      a2, 512
        bal     copy
        addiu   a0, s0, SAVED_HI
        addiu   a1, s2, HI
        li      a2, 8
        bal     copy
        addiu   a0, s0, SAVED_LO
        addiu   a1, s2, LO
        li      a2, 8
        bal     copy
        li      a0, CODE
        addiu   a1, s2, REGISTERS
        li      a2, SLOT
        bal     copy
        li      a0, DATA
        addiu   a1, s2, REGISTERS + SLOT
        li      a2, PAGE
        bal     copy
        load_wide a0, USER_LOCAL, s2
        li      v0, SYS_set_thread_area
        syscall
        bnez    a3, refused
        address_of t0, nothing          # a store-conditional ends the last scene's link
        ll      t1, 0(t0)
        sc      t1, 0(t0)
        load_wide t0, FCSR, s2
        ctc1    t0, fcsr

        li      v0, SYS_rt_sigreturn
        syscall

ended:
        xor     a0, s4, s2              # in the middle of a state?
        sltu    a0, zero, a0
exit:
        li      v0, SYS_exit
        syscall

# Copies a2 bytes, a multiple of four, from a1 to a0.
copy:
        add_pointer a2, a1, a2
1:      lw      t0, 0(a1)
        sw      t0, 0(a0)
        addiu   a0, a0, 4
        addiu   a1, a1, 4
        bne     a1, a2, 1b
        jr      ra

        .data
        .balign 8
action:                                 # struct sigaction
        .word   0x48000008              # SA_NODEFER, SA_ONSTACK, SA_SIGINFO
#if _MIPS_SIM == _ABI64
        .word   0
#endif
        pointer handler
        .word   0, 0, 0, 0
        .balign 8
signal_stack:                           # stack_t
        pointer stack, 65536, 0
parts:                                  # struct iovec of the output
        pointer output, 24 + REGISTERS
        pointer DATA, PAGE
nothing:
        .word   0
started:
        .byte   0

        .bss
        .balign 16
output: .skip   24 + REGISTERS
        .balign 8
input:  .skip   INPUT
        .balign 16
stack:  .skip   65536
