/* The start of a program on musl, as Debian bookworm's linker cannot read RISC-V's crt1.o. */
int main(int, char **, char **);
int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void));

__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        ".option push\n"
        ".option norelax\n"
        "lla gp, __global_pointer$\n"
        ".option pop\n"
        "mv a0, sp\n"
        "andi sp, sp, -16\n"
        "tail begin\n");

void begin(long *stack) { __libc_start_main(main, (int)stack[0], (char **)(stack + 1), 0, 0, 0); }
