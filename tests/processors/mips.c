// What a program finds out about its processor: AT_BASE_PLATFORM, and instructions that are there or not. It has no C
// library, as Debian's are for release 2.
#include <asm/sgidefs.h>
#include <asm/unistd.h>

typedef unsigned long word;

static word call(word number, word a, word b, word c, word d) {
    register word v0 __asm__("$2") = number;
    register word a0 __asm__("$4") = a;
    register word a1 __asm__("$5") = b;
    register word a2 __asm__("$6") = c;
    register word a3 __asm__("$7") = d;
    __asm__ volatile("syscall"
                     : "+r"(v0), "+r"(a3)
                     : "r"(a0), "r"(a1), "r"(a2)
                     : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo",
                       "memory");
    return v0;
}

static void say(const char *text) {
    word length = 0;
    while (text[length])
        length++;
    call(__NR_write, 1, (word)text, length, 0);
}

// Where the program counter is in a frame's context, in words of 64 bits: behind flags, link, stack and two words.
struct context {
    word flags;
    void *link;
    struct {
        void *start;
        word size;
        int flags;
    } stack;
#if _MIPS_SIM == _MIPS_SIM_ABI32
    unsigned mask, status;
    unsigned long long pc;
#else
    unsigned long long registers[32], floats[32], more[8], pc;
#endif
};

static volatile int refusals;

static void refused(int signal, void *info, struct context *context) {
    (void)signal, (void)info;
    refusals++;
    context->pc += 4;
}

#define TRY(name, number)                                                                                              \
    do {                                                                                                               \
        refusals = 0;                                                                                                  \
        for (int i = 0; i < 100; i++)                                                                                  \
            __asm__ volatile(".set push\n.set noreorder\n.word " #number "\n.set pop" ::: "$2", "memory");             \
        say(refusals == 0 ? name " yes\n" : refusals == 100 ? name " SIGILL\n" : name " sometimes\n");                 \
    } while (0)

__attribute__((used)) void begin(word *stack) {
    word *at = stack + 1 + stack[0] + 1;
    while (*at++)
        ;
    for (; at[0]; at += 2)
        if (at[0] == 24) { // AT_BASE_PLATFORM
            say("platform ");
            say((const char *)at[1]);
            say("\n");
        }
    struct {
        unsigned flags;
        void (*handler)(int, void *, struct context *);
        unsigned long mask[128 / 8 / sizeof(long)];
    } action = {8 /* SA_SIGINFO */, refused, {0}};
    call(__NR_rt_sigaction, 4, (word)&action, 0, 16);
    TRY("ext", 0x7c423800);  // ext v0,v0,0,8
    TRY("seb", 0x7c021420);  // seb v0,v0
    TRY("rotr", 0x00221042); // rotr v0,v0,1
    call(__NR_exit, 0, 0, 0, 0);
}

__asm__(".globl __start\n.set push\n.set noreorder\n__start:\n"
#if _MIPS_SIM == _MIPS_SIM_ABI32
        "move $4,$29\naddiu $29,$29,-32\nla $25,begin\njalr $25\nnop\n"
#else
        "move $4,$29\ndaddiu $29,$29,-32\ndla $25,begin\njalr $25\nnop\n"
#endif
        ".set pop\n");
