/* A program that writes a function of its own anew, ten thousand times, and calls it: now and then so often that
 * it becomes hot. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* Writes a function that adds a constant below 2000 to its argument. */
static void write_function(unsigned char *code, uint32_t constant) {
#if defined __riscv
    uint32_t instructions[] = {0x00050513 | constant << 20, 0x00008067};
    memcpy(code, instructions, sizeof instructions);
#elif defined __mips__
    uint32_t instructions[] = {0x03e00008, 0x24820000 | constant};
    memcpy(code, instructions, sizeof instructions);
#elif defined __x86_64__
    unsigned char instructions[] = {0x8d, 0x87, constant & 0xff, constant >> 8, 0, 0, 0xc3};
    memcpy(code, instructions, sizeof instructions);
#else
#error "no code for this instruction set"
#endif
    __builtin___clear_cache((char *)code, (char *)code + 8);
}

int main(void) {
    unsigned char *code =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) {
        puts("no memory");
        return 1;
    }
    int (*function)(int);
    memcpy(&function, &code, sizeof function);
    uint32_t sum = 0;
    for (uint32_t round = 0; round < 10000; round++) {
        write_function(code, round % 2000);
        int times = round % 1000 == 0 ? 60000 : 20;
        for (int i = 0; i < times; i++)
            sum = sum * 31 + (uint32_t)function(i);
    }
    printf("%08x\n", (unsigned)sum);
    return 0;
}
