/* Ways into the kernel that programs seldom take, and loads of segment registers: what comes of them. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf again;
static uintptr_t place;

static void handle(int number, siginfo_t *info, void *context) {
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    uintptr_t rip = registers[REG_RIP], address = info->si_code == SI_KERNEL ? 0 : (uintptr_t)info->si_addr;
    printf(" %s, code %d, si_addr %#lx,", strsignal(number), info->si_code, rip == address && place ? 1 : address);
    if (rip - place < 64)
        printf(" at +%d,", (int)(rip - place));
    else
        printf(" at %#lx,", rip);
    printf(" trapno %lld err %#llx cr2 %#llx\n", registers[REG_TRAPNO], registers[REG_ERR],
           registers[REG_TRAPNO] == 14 ? registers[REG_CR2] : 0);
    siglongjmp(again, 1);
}

/* Carries out what may trap. */
#define TRY(what, ...) \
    do { \
        printf("%s:", what); \
        place = 0; \
        if (sigsetjmp(again, 1) == 0) { \
            __VA_ARGS__; \
            printf(" done\n"); \
        } \
    } while (0)

#ifdef VSYSCALLS
/* The vsyscall page, which the kernel emulates: it can be called, and not read. */
static void vsyscalls(void) {
    long (*get)(struct timeval *, void *) = (void *)0xffffffffff600000;
    time_t (*now)(time_t *) = (void *)0xffffffffff600400;
    long (*getcpu)(unsigned *, unsigned *, void *) = (void *)0xffffffffff600800;
    struct timeval tv = {0}, same;
    struct timezone zone = {77, 77};
    time_t told = 0;
    unsigned cpu = -1, node = -1;
    gettimeofday(&same, NULL);
    TRY("vsyscall gettimeofday", printf(" %ld %d %d", get(&tv, &zone), tv.tv_sec - same.tv_sec < 5, zone.tz_minuteswest));
    TRY("vsyscall gettimeofday to nothing", printf(" %ld", get(NULL, NULL)));
    TRY("vsyscall time", printf(" %d", now(&told) - same.tv_sec < 5));
    printf("told %d\n", told - same.tv_sec < 5);
    TRY("vsyscall time to nothing", printf(" %d", now(NULL) - same.tv_sec < 5));
    TRY("vsyscall getcpu", printf(" %ld %d %d", getcpu(&cpu, &node, NULL), cpu < 4096, node < 4096));
    TRY("vsyscall time to nowhere", printf(" %ld", (long)now((void *)16)));
    TRY("vsyscall gettimeofday to nowhere", printf(" %ld", get((void *)24, NULL)));
    TRY("within the page", ((void (*)(void))0xffffffffff600001)());
    TRY("behind the calls", ((void (*)(void))0xffffffffff600c00)());
    TRY("behind the page", ((void (*)(void))0xffffffffff601000)());
    TRY("load from it", *(volatile char *)0xffffffffff600000);
    TRY("store to it", *(volatile char *)0xffffffffff600400 = 1);
    TRY("write(2) of it", printf(" %ld", syscall(SYS_write, 1, 0xffffffffff600000, 1)));
}

#else
static void vsyscalls(void) {}
#endif

static uint16_t selector_of_fs(void) {
    uint16_t selector;
    __asm__ volatile("mov %%fs, %0" : "=r"(selector));
    return selector;
}

/* Loads a selector into gs, whose base this program does not need. */
static void load_gs(uint16_t selector) {
    syscall(SYS_arch_prctl, ARCH_SET_GS, 0x1234567000);
    uint16_t after = 0;
    uintptr_t base = 1;
    printf("gs %#x:", selector);
    __asm__ volatile("lea 1f(%%rip), %%rcx; mov %%rcx, %1; 1: mov %2, %%gs; mov %%gs, %0"
                     : "=r"(after), "=m"(place)
                     : "r"(selector)
                     : "rcx");
    syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
    /* Whether a null selector clears the base is the processor's affair. */
    printf(" is %#x", after);
    if (selector > 3)
        printf(" base %#lx", base);
    printf("\n");
}

static void selectors(void) {
    static const uint16_t all[] = {0, 1, 3, 0x2b, 0x28, 0x33, 0x10, 0x18, 0x23, 0x7b, 4, 7, 0xffff, 0x40, 0x53, 0x6b};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (sigsetjmp(again, 1) == 0)
            load_gs(all[i]);
    uint16_t selector;
    __asm__ volatile("mov %1, %%ds; mov %%ds, %0; mov %2, %%ds" : "=r"(selector) : "r"(0x2b), "r"(0));
    printf("ds %#x, fs %#x\n", selector, selector_of_fs());
    __asm__ volatile("push $0x2b; pop %%gs; mov %%gs, %0; push $0; pop %%gs" : "=r"(selector));
    printf("popped gs %#x\n", selector);
    uint64_t pushed;
    __asm__ volatile("mov %1, %%gs; pushq %%gs; pop %0" : "=r"(pushed) : "r"(0x2b));
    printf("pushed gs %#lx\n", pushed);
    TRY("ss of null", __asm__ volatile("mov %0, %%ss" : : "r"(0)));
    TRY("ss of code", __asm__ volatile("mov %0, %%ss" : : "r"(0x33)));
    TRY("ss as it is", __asm__ volatile("mov %0, %%ss" : : "r"(0x2b)));
    TRY("cs", __asm__ volatile(".byte 0x8e, 0xc8"));
}

static void traps(void) {
    TRY("into", __asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; 1: .byte 0xce" : "=m"(place) : : "rax"));
    static uint16_t wrong[2] = {0, 0x53};
    TRY("a selector in memory", __asm__ volatile("lea 1f(%%rip), %%rcx; mov %%rcx, %0; 1: mov 2(%1), %%es"
                                                 : "=m"(place) : "r"(wrong) : "rcx"));
    TRY("a selector on the stack",
        __asm__ volatile("mov %%rsp, %%rdx; lea 1f(%%rip), %%rcx; mov %%rcx, %0; push $0x13; 1: pop %%fs"
                         : "=m"(place) : : "rcx", "rdx"));
}

/* A handler's frame with bits of MXCSR that are reserved. */
static void spoil(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    ((ucontext_t *)context)->uc_mcontext.fpregs->mxcsr |= 0x10000;
}

static void spoil_pointer(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    ((ucontext_t *)context)->uc_mcontext.fpregs = (void *)8;
}

static void frames(void) {
    struct sigaction action = {.sa_sigaction = spoil, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    TRY("a frame with a reserved bit of mxcsr", place = 1, raise(SIGUSR1));
    action.sa_sigaction = spoil_pointer;
    sigaction(SIGUSR2, &action, NULL);
    TRY("a frame with its floats nowhere", place = 1, raise(SIGUSR2));
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    static char stack[65536];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    for (unsigned i = 0; i < 5; i++)
        sigaction(numbers[i], &action, NULL);
    vsyscalls();
    selectors();
    traps();
    frames();
    return 0;
}
