// The upper halves of the YMM registers: in the frames of handlers, in threads and children, and what
// programs learn of them.
#define _GNU_SOURCE
#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define UPPER 576
#define SOFTWARE 464

static int changes;

static uint32_t word(const uint8_t *at) {
    uint32_t word;
    memcpy(&word, at, 4);
    return word;
}

static void handler(int number, siginfo_t *info, void *context) {
    ucontext_t *ucontext = context;
    uint8_t *state = (uint8_t *)ucontext->uc_mcontext.fpregs;
    uint32_t size = word(state + SOFTWARE + 16);
    uint64_t upper[2], held;
    memcpy(upper, state + UPPER + 16 * 3, 16);
    memcpy(&held, state + 512, 8);
    printf("signal %d: area %d, magic %x, features %x, held %x, end %x, ymm3h %lx:%lx\n", number,
           (int)(ucontext->uc_flags & 1), word(state + SOFTWARE), word(state + SOFTWARE + 8) & 7,
           (unsigned)held & 7, word(state + size), upper[1], upper[0]);
    printf("aligned %d, sizes differ by %d\n", (int)((uintptr_t)state % 64),
           word(state + SOFTWARE + 4) - size);
    if (changes == 1) {
        upper[0] = 0x1111, upper[1] = 0x2222;
        memcpy(state + UPPER + 16 * 3, upper, 16);
    }
    if (changes == 2) {
        // The component is as in the beginning.
        held &= ~4ul;
        memcpy(state + 512, &held, 8);
    }
    if (changes == 3)
        // No area any more, but the image.
        memset(state + SOFTWARE, 0, 4);
    __asm__ volatile("vzeroall" ::: "xmm3");
}

// Calls raise with the register set, and reads it right after.
__attribute__((target("avx"))) static void signalled(const char *when) {
    static const uint64_t before[4] = {1, 2, 0x3333333333333333, 0x4444444444444444};
    uint64_t words[4];
    long result;
    long self = gettid();
    __asm__ volatile("vmovdqu %2, %%ymm3\n\tsyscall\n\tvmovdqu %%ymm3, %1"
                     : "=a"(result), "=m"(words)
                     : "m"(before), "a"(200L), "D"(self), "S"((long)SIGUSR1)
                     : "rcx", "r11", "memory", "xmm3");
    printf("%s: %lx %lx %lx %lx\n", when, words[3], words[2], words[1], words[0]);
}

static void *thread(void *data) {
    signalled(data);
    return NULL;
}

__attribute__((target("avx2,fma"))) static double dot(const double *a, const double *b, int count) {
    __m256d sum = _mm256_setzero_pd();
    for (int n = 0; n < count; n += 4)
        sum = _mm256_fmadd_pd(_mm256_loadu_pd(a + n), _mm256_loadu_pd(b + n), sum);
    double parts[4];
    _mm256_storeu_pd(parts, sum);
    return parts[0] + parts[1] + parts[2] + parts[3];
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    const char *names[] = {"kept", "changed", "initial", "image only"};
    for (changes = 0; changes < 4; changes++)
        signalled(names[changes]);
    changes = 0;
    pthread_t other;
    pthread_create(&other, NULL, thread, "in a thread");
    pthread_join(other, NULL);
    if (fork() == 0) {
        signalled("in a child");
        _exit(0);
    }
    wait(NULL);
    double a[1000], b[1000];
    for (int n = 0; n < 1000; n++)
        a[n] = n / 7.0, b[n] = 1.0 / (n + 1);
    for (int n = 0; n < 50; n++)
        a[n] += dot(a, b, 1000);
    printf("%a\n", dot(a, b, 1000));
    printf("%d %d %d %d\n", __builtin_cpu_supports("avx2"), __builtin_cpu_supports("fma"),
           __builtin_cpu_supports("bmi2"), __builtin_cpu_supports("bmi"));
    printf("%lx %s\n", getauxval(AT_HWCAP2), (const char *)getauxval(AT_PLATFORM));
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    printf("%x %x\n", low & 7, high);
}
