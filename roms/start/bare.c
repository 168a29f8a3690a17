/* Without an operating system: the first instruction, and what the system calls of the other files here do. All that
 * differs between ISAs is how a stack is aligned, which the compiler knows. */
#include "../src/bare.h"

void rt_start(long *stack) __attribute__((noreturn));

static long no_arguments[2];

#ifdef __x86_64__
__attribute__((force_align_arg_pointer)) /* nobody called, so no return address is on the stack */
#endif
__attribute__((noreturn)) void _start(void) {
    rt_start(no_arguments);
}

long sys_write(int fd, const void *buffer, size_t n) {
    (void)fd;
    const unsigned char *bytes = buffer;
    for (size_t i = 0; i < n; i++)
        CONSOLE_BYTE = bytes[i];
    return (long)n;
}

void sys_exit(int status) {
    for (;;)
        POWER = (uint32_t)status;
}
