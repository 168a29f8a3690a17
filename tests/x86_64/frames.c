/* What a handler finds and what it changes: the frame, the registers, the red zone, the alternate stack. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static void install(int number, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(number, &action, NULL);
}

/* The state of x87 and SSE as the frame has it. */
struct image {
    uint16_t control, status;
    uint8_t tags, reserved;
    uint16_t opcode;
    uint64_t instruction, data;
    uint32_t mxcsr, mask;
    uint8_t st[8][16];
    uint64_t xmm[16][2];
};

static void change(int number, siginfo_t *info, void *context) {
    ucontext_t *before = context;
    greg_t *registers = before->uc_mcontext.gregs;
    struct image *image = (struct image *)before->uc_mcontext.fpregs;
    uint64_t here;
    __asm__("pushfq; pop %0" : "=r"(here));
    printf("handler %d: DF %d then, %d now, CF %d\n", number, (int)(registers[REG_EFL] >> 10 & 1), (int)(here >> 10 & 1),
           (int)(registers[REG_EFL] & 1));
    printf("rax %llx rbx %llx r15 %llx\n", registers[REG_RAX], registers[REG_RBX], registers[REG_R15]);
    printf("xmm1 %lx %lx mxcsr %x of %x\n", image->xmm[1][0], image->xmm[1][1], image->mxcsr, image->mask & 0xffff);
    printf("no other stack: flags %d size %zu\n", before->uc_stack.ss_flags, before->uc_stack.ss_size);
    printf("cs %llx ss %llx\n", registers[REG_CSGSFS] & 0xffff, registers[REG_CSGSFS] >> 48);
    printf("aligned: frame %d image %d flags %d\n", (int)((uintptr_t)context % 16), (int)((uintptr_t)image % 64),
           (int)(before->uc_flags & 6));
    printf("mask then: USR1 %d USR2 %d\n", sigismember(&before->uc_sigmask, SIGUSR1),
           sigismember(&before->uc_sigmask, SIGUSR2));
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    printf("mask now: USR1 %d USR2 %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
    registers[REG_R15] = 0x5151;
    registers[REG_EFL] ^= 1;
    image->xmm[1][1] = 0x2020;
    image->mxcsr ^= 0x6000;
    /* Of a handler's own, nothing is left. */
    __asm__ volatile("pxor %%xmm1, %%xmm1; pxor %%xmm15, %%xmm15; xor %%r13d, %%r13d; stc; std; cld" : : : "xmm1",
                     "xmm15", "r13", "cc");
}

static void registers(void) {
    uint64_t r13 = 0, r15 = 0, low = 0, high = 0, flags = 0, upper[2] = {0};
    uint32_t mxcsr = 0, usual = 0x1f80;
    __asm__ volatile("mov $0x1313, %%r13d\n\t"
                     "mov $0x1515, %%r15d\n\t"
                     "mov $0x1111, %%ebx\n\t"
                     "movq %%rbx, %%xmm1\n\t"
                     "punpcklqdq %%xmm1, %%xmm1\n\t"
                     "movdqa %%xmm1, %%xmm15\n\t"
                     "mov %[getpid], %%eax\n\t"
                     "syscall\n\t"
                     "mov %%eax, %%edi\n\t"
                     "mov %[usr1], %%esi\n\t"
                     "mov %[kill], %%eax\n\t"
                     "std\n\t"
                     "clc\n\t"
                     "syscall\n\t"
                     "pushfq\n\t"
                     "cld\n\t"
                     "pop %[flags]\n\t"
                     "movq %%xmm1, %[low]\n\t"
                     "psrldq $8, %%xmm1\n\t"
                     "movq %%xmm1, %[high]\n\t"
                     "movdqu %%xmm15, %[upper]\n\t"
                     "stmxcsr %[mxcsr]\n\t"
                     "mov %%r13, %[r13]\n\t"
                     "mov %%r15, %[r15]\n\t"
                     : [flags] "=&m"(flags), [low] "=&m"(low), [high] "=&m"(high), [upper] "=m"(upper),
                       [mxcsr] "=m"(mxcsr), [r13] "=m"(r13), [r15] "=m"(r15)
                     : [getpid] "i"(SYS_getpid), [kill] "i"(SYS_kill), [usr1] "i"(SIGUSR1)
                     : "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "r11", "r13", "r15", "xmm1", "xmm15", "cc", "memory");
    __asm__ volatile("ldmxcsr %0" : : "m"(usual));
    printf("after: r13 %lx r15 %lx xmm1 %lx %lx xmm15 %lx %lx mxcsr %x DF %d CF %d\n", r13, r15, low, high, upper[0],
           upper[1], mxcsr & 0xffc0, (int)(flags >> 10 & 1), (int)(flags & 1));
}

static void quiet(int number, siginfo_t *info, void *context) { memset(alloca(3000), number, 3000); }

/* What a function that calls no others keeps below the stack pointer. */
static void red_zone(void) {
    uint64_t first = 0, last = 0;
    __asm__ volatile("movq $0x1234, -8(%%rsp)\n\t"
                     "movq $0x5678, -128(%%rsp)\n\t"
                     "mov %[getpid], %%eax\n\t"
                     "syscall\n\t"
                     "mov %%eax, %%edi\n\t"
                     "mov %[winch], %%esi\n\t"
                     "mov %[kill], %%eax\n\t"
                     "syscall\n\t"
                     "mov -8(%%rsp), %[first]\n\t"
                     "mov -128(%%rsp), %[last]\n\t"
                     : [first] "=r"(first), [last] "=r"(last)
                     : [getpid] "i"(SYS_getpid), [kill] "i"(SYS_kill), [winch] "i"(SIGWINCH)
                     : "rax", "rcx", "rdx", "rdi", "rsi", "r11", "cc", "memory");
    printf("red zone: %lx %lx\n", first, last);
}

static char stack[32768] __attribute__((aligned(64)));

static void elsewhere(int number, siginfo_t *info, void *context) {
    ucontext_t *before = context;
    stack_t now;
    sigaltstack(NULL, &now);
    uintptr_t top = (uintptr_t)stack + sizeof stack;
    uintptr_t image = (uintptr_t)before->uc_mcontext.fpregs;
    printf("on the other stack: %d, flags then %d now %d, its size %zu, image below its top %d\n",
           (uintptr_t)&now - (uintptr_t)stack < sizeof stack, before->uc_stack.ss_flags, now.ss_flags,
           before->uc_stack.ss_size, image < top);
    errno = 0;
    int failed = sigaltstack(&now, NULL);
    printf("replaced while in use: %d %s\n", failed, strerrorname_np(errno));
    if (number == SIGUSR2)
        raise(SIGTERM);
}

static int skipped;

static void skip(int number, siginfo_t *info, void *context) {
    skipped++;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    install(SIGUSR1, change, 0);
    registers();
    install(SIGWINCH, quiet, 0);
    red_zone();
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    install(SIGUSR2, elsewhere, SA_ONSTACK);
    install(SIGTERM, elsewhere, SA_ONSTACK | SA_NODEFER);
    raise(SIGUSR2);
    install(SIGILL, skip, 0);
    __asm__ volatile("ud2; ud2; ud2");
    printf("skipped %d\n", skipped);
    errno = 0;
    int failed = sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = 2047}, NULL);
    printf("a small stack: %d %s\n", failed, strerrorname_np(errno));
    return 0;
}
