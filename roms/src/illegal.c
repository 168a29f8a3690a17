/* Executes an instruction that its ISA promises never to define, or that no CPU of the kind has. SIGILL, 132. */
#include "rt.h"

__attribute__((noipa)) static void uncharted(void) {
#if defined __riscv
    __asm__ volatile(".word 0xc0001073"); /* unimp: a write to the read-only CSR cycle */
#elif defined __mips__
    __asm__ volatile(".word 0xec000000"); /* opcode 59, reserved until release 6 */
#elif defined __x86_64__
    __asm__ volatile("ud2");
#elif defined __aarch64__
    __asm__ volatile("udf #0");
#else
#error "say which instruction of this ISA is illegal"
#endif
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    print("Leaving the charted instructions.\n");
    uncharted();
    print("this line is never printed\n");
    return 0;
}
