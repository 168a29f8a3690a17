/* A program that changes its own code without a word to the processor: ahead of the instruction pointer, behind it, by the
 * kernel, by another thread. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned char *code;

static long run(void) { return ((long (*)(void))code)(); }

/* Code that returns a number. */
static void returns(unsigned char *at, int number) {
    at[0] = 0xb8;
    memcpy(at + 1, &number, 4);
    at[5] = 0xc3;
}

static void *other(void *data) {
    (void)data;
    for (int i = 1; i <= 100; i++)
        __atomic_store_n((int *)(code + 60), i, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    code = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long sum = 0;
    for (int i = 0; i < 3000; i++) {
        returns(code, i);
        sum += run();
    }
    printf("each time anew %ld\n", sum);

    /* The function is made in a loop and called often enough to be compiled, then changed. */
    returns(code, 7);
    sum = 0;
    for (int i = 0; i < 200000; i++)
        sum += run();
    code[1] = 9;
    for (int i = 0; i < 200000; i++)
        sum += run();
    printf("changed after a while %ld\n", sum);

    /* mov byte [rip+1], 42 before mov eax, 1: the next instruction is changed by the one before. */
    static const unsigned char ahead[] = {0xc6, 0x05, 0x01, 0, 0, 0, 42, 0xb8, 1, 0, 0, 0, 0xc3};
    memcpy(code + 128, ahead, sizeof ahead);
    printf("the next instruction %ld\n", ((long (*)(void))(code + 128))());

    /* A loop that counts its own immediate up: xor eax, eax; mov ecx, 1000; 1: add eax, 0 (imm32); inc dword [1b+1];
     * dec ecx; jnz 1b; ret */
    static const unsigned char loop[] = {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0,    0,    0x05, 0,    0,    0,
                                         0,    0xff, 0x05, 0xf6, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x75, 0xf1, 0xc3};
    memcpy(code + 256, loop, sizeof loop);
    printf("its own loop %ld\n", ((long (*)(void))(code + 256))());

    /* rep stosb over the instruction after it: mov ecx, 2; lea rdi, [rip+4]; mov al, 0x90; rep stosb; mov al, 5; inc al;
     * movzx eax, al; ret */
    static const unsigned char string[] = {0xb9, 2,    0, 0, 0, 0x48, 0x8d, 0x3d, 4, 0, 0, 0,
                                           0xb0, 0x90, 0xf3, 0xaa, 0xb0, 5,    0xfe, 0xc0, 0x0f, 0xb6, 0xc0, 0xc3};
    memcpy(code + 320, string, sizeof string);
    printf("a string over what follows %ld\n", ((long (*)(void))(code + 320))());

    /* By the kernel. */
    int ends[2];
    if (pipe(ends))
        return 1;
    sum = 0;
    for (int i = 0; i < 300; i++) {
        unsigned char bytes[6];
        returns(bytes, 2 * i);
        if (write(ends[1], bytes, sizeof bytes) != sizeof bytes || read(ends[0], code, sizeof bytes) != sizeof bytes)
            return 1;
        sum += run();
    }
    printf("by read %ld\n", sum);

    /* By another thread, while this one runs it: the number, at a multiple of four. */
    memset(code, 0x90, 59);
    returns(code + 59, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, other, NULL);
    long last = 0, ordered = 1;
    while (last < 100) {
        long now = run();
        ordered &= now >= last;
        last = now;
    }
    pthread_join(thread, NULL);
    printf("by another thread %ld %ld\n", last, ordered);
    return 0;
}
