/* Every way in which an instruction can go wrong: the signal, its code and address, and what the frame tells of the
 * exception. Places are told as distances from where the instruction is. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf again;
static const char *name;
/* Where the instruction is, and what it accesses. */
static uintptr_t code, address;

static void print(const char *what, uintptr_t value) {
    if (value == 0)
        printf(" %s 0", what);
    else if (address && value - address + 16 < 80)
        printf(" %s address%+d", what, (int)(value - address));
    else if (value - code < 64)
        printf(" %s code%+d", what, (int)(value - code));
    else
        printf(" %s %#lx", what, (unsigned long)value);
}

static void handle(int number, siginfo_t *info, void *context) {
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    printf("%s: %s, code %d,", name, strsignal(number), info->si_code);
    print("si_addr", info->si_code == SI_KERNEL ? 0 : (uintptr_t)info->si_addr);
    print("rip", registers[REG_RIP]);
    printf(" trapno %lld err %#llx", registers[REG_TRAPNO], registers[REG_ERR]);
    if (registers[REG_TRAPNO] == 14)
        print("cr2", registers[REG_CR2]);
    printf("\n");
    siglongjmp(again, 1);
}

/* Runs code that traps, from a page of its own; rdi is the address. */
static void run(const char *what, const void *bytes, size_t size, uintptr_t with) {
    unsigned char *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page, 0xf4, 4096);
    memcpy(page, bytes, size);
    name = what;
    code = (uintptr_t)page;
    address = with;
    if (sigsetjmp(again, 1) == 0) {
        ((void (*)(uintptr_t))page)(with);
        printf("%s: nothing happened\n", what);
    }
}

#define RUN(what, with, ...) \
    do { \
        static const unsigned char bytes[] = {__VA_ARGS__, 0xc3}; \
        run(what, bytes, sizeof bytes, (uintptr_t)(with)); \
    } while (0)

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    static char stack[65536];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (int number = 1; number < 32; number++)
        sigaction(number, &action, NULL);
    char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    /* Pages that were never touched are not there yet, which the processor tells. */
    memset(pages, 1, 3 * 4096);
    mprotect(pages + 4096, 4096, PROT_READ);
    mprotect(pages + 8192, 4096, PROT_NONE);
    char file[] = "/tmp/portolan-trapsXXXXXX";
    int fd = mkstemp(file);
    unlink(file);
    if (ftruncate(fd, 100))
        return 1;
    char *mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    RUN("load from nowhere", 8, 0x8b, 0x07);
    RUN("store to nowhere", 16, 0x89, 0x07);
    RUN("store to what may be read", pages + 4096, 0x89, 0x07);
    RUN("load from what may not be accessed", pages + 8192, 0x8b, 0x07);
    RUN("load across the end of a page", pages + 8189, 0x8b, 0x07);
    RUN("addition to what may be read", pages + 4100, 0x01, 0x07);
    RUN("jump to what may not be executed", pages, 0xff, 0xe7);
    RUN("jump to nowhere", 0x1234, 0xff, 0xe7);
    RUN("load from the kernel", 0xffffffff81000000, 0x8b, 0x07);
    RUN("store to the kernel", 0xffffffff81000000, 0x89, 0x07);
    RUN("load beyond the file", mapped + 4096, 0x8b, 0x07);
    RUN("store beyond the file", mapped + 4096, 0x89, 0x07);
    RUN("load from no address", 0x800000000000, 0x8b, 0x07);
    RUN("load from no address on the stack", 0x800000000000, 0x55, 0x48, 0x89, 0xfd, 0x8b, 0x45, 0x00);
    RUN("push to no address", 0x800000000000, 0x48, 0x89, 0xfc, 0x50);
    RUN("push of no address", 0x800000000000, 0xff, 0x37);
    RUN("pop from what may not be accessed", pages + 8200, 0x48, 0x89, 0xfc, 0x58);
    RUN("call from what may only be read", pages + 4200, 0x48, 0x89, 0xfc, 0xff, 0xd7);
    RUN("movaps that is not aligned", pages + 4, 0x0f, 0x28, 0x07);
    RUN("movaps of a store that is not aligned", pages + 4, 0x0f, 0x29, 0x07);
    RUN("addps that is not aligned", pages + 8, 0x0f, 0x58, 0x07);
    RUN("ldmxcsr of reserved bits", memset(pages, 0xff, 8), 0x0f, 0xae, 0x17);
    RUN("rep movsb to what may be read", pages + 4092, 0x48, 0x8d, 0x77, 0x80, 0x31, 0xc9, 0xb1, 0x20, 0xf3, 0xa4);
    RUN("rep stosq to what may be read", pages + 4080, 0x31, 0xc9, 0xb1, 0x20, 0xf3, 0x48, 0xab);

    RUN("div by zero", 0, 0x31, 0xc9, 0x31, 0xd2, 0xf7, 0xf1);
    RUN("div that does not fit", 0, 0xb2, 0x05, 0xb9, 0x05, 0, 0, 0, 0xf7, 0xf1);
    RUN("idiv that does not fit", 0, 0xb8, 0, 0, 0, 0x80, 0x99, 0x83, 0xc9, 0xff, 0xf7, 0xf9);
    RUN("int3", 0, 0x90, 0xcc);
    RUN("int 3", 0, 0x90, 0xcd, 3);
    RUN("int 4", 0, 0x90, 0xcd, 4);
    RUN("int 0", 0, 0x90, 0xcd, 0);
    RUN("int 13", 0, 0x90, 0xcd, 13);
    RUN("int 0x21", 0, 0x90, 0xcd, 0x21);
    /* push SEGMENT; lea 0x10(%rip),%rax; push %rax; lretq */
#define FAR_RETURN(what, segment) \
    RUN(what, 0, 0x6a, segment, 0x48, 0x8d, 0x05, 16, 0, 0, 0, 0x50, 0x48, 0xcb)
    FAR_RETURN("far return to nothing", 0);
    FAR_RETURN("far return to data", 0x2b);
    FAR_RETURN("far return to the kernel", 0x10);
    FAR_RETURN("far return to a lower ring", 0x30);
    FAR_RETURN("far return beyond all segments", 0x7b);
    /* push STACK; push %rsp; pushf; push SEGMENT; lea 0x10(%rip),%rax; push %rax; iretq */
#define RETURN_FROM_INTERRUPT(what, segment, stack) \
    RUN(what, 0, 0x6a, stack, 0x54, 0x9c, 0x6a, segment, 0x48, 0x8d, 0x05, 16, 0, 0, 0, 0x50, 0x48, 0xcf)
    RETURN_FROM_INTERRUPT("iret to nothing", 0, 0x2b);
    RETURN_FROM_INTERRUPT("iret to data", 0x2b, 0x2b);
    RETURN_FROM_INTERRUPT("iret without a stack", 0x33, 0);
    RETURN_FROM_INTERRUPT("iret with a stack of code", 0x33, 0x33);
    RETURN_FROM_INTERRUPT("iret with the kernel's stack", 0x33, 0x18);
    RETURN_FROM_INTERRUPT("iret to and with the wrong segment", 0x10, 0x18);
    /* pushf; orl $0x4000,(%rsp); popf before that */
    RUN("iret to another task", 0, 0x9c, 0x81, 0x0c, 0x24, 0, 0x40, 0, 0, 0x9d, 0x6a, 0x33, 0x54, 0x9c, 0x6a, 0x2b, 0x50, 0x48, 0xcf);
    RUN("ud2", 0, 0x90, 0x0f, 0x0b);
    RUN("ud1", 0, 0x0f, 0xb9, 0xc0);
    RUN("ud0", 0, 0x0f, 0xff, 0xc0);
    RUN("push es", 0, 0x06);
    RUN("lock without memory", 0, 0xf0, 0x01, 0xc0);
    RUN("lock of a load", pages, 0xf0, 0x8b, 0x07);
    RUN("hlt", 0, 0x90, 0xf4);
    RUN("cli", 0, 0xfa);
    RUN("in", 0, 0xec);
    RUN("out", 0, 0xe7, 0x80);
    RUN("wrmsr", 0, 0x0f, 0x30);
    RUN("rdmsr", 0, 0x0f, 0x32);
    RUN("mov to cr3", 0, 0x0f, 0x22, 0xd8);
    RUN("lgdt", pages, 0x0f, 0x01, 0x17);
    RUN("invlpg", pages, 0x0f, 0x01, 0x3f);
    RUN("sysexit", 0, 0x48, 0x0f, 0x35);

    /* Each exception of SSE, unmasked by itself; xmm0 is 1. */
    static const struct {
        const char *what;
        uint32_t mxcsr;
        uint32_t a, b;
        unsigned char opcode;
    } floats[] = {
        {"invalid", 0x1f00, 0xbf800000, 0xbf800000, 0x51},
        {"denormal", 0x1e80, 0x3f800000, 0x00000001, 0x58},
        {"division by zero", 0x1d80, 0x3f800000, 0, 0x5e},
        {"overflow", 0x1b80, 0x7f000000, 0x7f000000, 0x59},
        {"underflow", 0x1780, 0x00800000, 0x00800000, 0x59},
        {"inexact", 0x0f80, 0x3f800000, 0x40400000, 0x5e},
        {"all, invalid", 0x0000, 0x7f800001, 0, 0x5e},
        {"all, denormal before inexact", 0x0000, 0x3f800000, 0x00000001, 0x58},
        {"all, overflow before inexact", 0x0000, 0x7f000000, 0x7f000000, 0x59},
        {"nothing", 0x1f80, 0x3f800000, 0, 0x5e},
    };
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        memcpy(pages, &floats[i].mxcsr, 12);
        /* ldmxcsr [rdi]; movss xmm0, [rdi+4]; op xmm0, [rdi+8] */
        unsigned char bytes[] = {0x0f, 0xae, 0x17, 0xf3, 0x0f, 0x10, 0x47, 0x04,
                                 0xf3, 0x0f, floats[i].opcode, 0x47, 0x08, 0xc3};
        run(floats[i].what, bytes, sizeof bytes, (uintptr_t)pages);
        uint32_t usual = 0x1f80;
        __asm__ volatile("ldmxcsr %0" : : "m"(usual));
    }
    return 0;
}
