// What a program finds out about its processor: the auxiliary vector, riscv_hwprobe, and instructions that are there or not.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>
#include <sys/syscall.h>

static sigjmp_buf back;

static void refused(int signal) {
    (void)signal;
    siglongjmp(back, 1);
}

#define TRY(name, word)                                                                                                \
    do {                                                                                                               \
        if (sigsetjmp(back, 1) == 0) {                                                                                 \
            for (int i = 0; i < 100; i++)                                                                              \
                __asm__ volatile(".4byte " #word ::: "a0", "memory");                                                  \
            puts(name " yes");                                                                                         \
        } else {                                                                                                       \
            puts(name " SIGILL");                                                                                      \
        }                                                                                                              \
    } while (0)

int main(void) {
    unsigned long bits = getauxval(AT_HWCAP);
    printf("hwcap ");
    for (const char *letter = "IMAFDC"; *letter; letter++)
        if (bits >> (*letter - 'A') & 1)
            putchar(*letter);
    struct {
        long key;
        unsigned long value;
    } pairs[2] = {{3, 0}, {4, 0}};
    if (syscall(258, pairs, 2, 0, 0, 0) == 0) {
        printf("\nhwprobe base%s extensions", pairs[0].value & 1 ? " IMA" : "");
        const char *names[] = {"FD", "C", "V", "Zba", "Zbb", "Zbs"};
        for (int i = 0; i < 6; i++)
            if (pairs[1].value >> i & 1)
                printf(" %s", names[i]);
    }
    putchar('\n');
    signal(SIGILL, refused);
    TRY("sh1add", 0x20b52533);
    TRY("clz", 0x60051513);
    TRY("bset", 0x28b51533);
    TRY("mul", 0x02b50533);
    return 0;
}
