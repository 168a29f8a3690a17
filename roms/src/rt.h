/* Everything a rom may call besides itself. No libc, no compiler library: a rom is this, its own file, and start/. */
#ifndef RT_H
#define RT_H

#include <stddef.h>
#include <stdint.h>

int main(int argc, char **argv);

/* Output goes through a line buffer: one write() per line, so that a trace of a rom reads like its output,
 * and a line is out before the instruction after it faults. */
void print(const char *text);
void print_char(char c);
void print_dec(uint64_t value);
void print_int(int64_t value);
void print_hex(uint64_t value, int digits);

/* The number in argv[1], held to [1, most]; `usual` when there is none. A rom is a test at its usual scale and a
 * benchmark at a large one. */
uint32_t scale(int argc, char **argv, uint32_t usual, uint32_t most);

/* The same sequence on every ISA: xorshift32, never zero. */
uint32_t next_random(uint32_t *state);

/* GCC calls these four whenever it likes, also in freestanding code. */
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* start/: one system call each. A negative result of sys_write is an errno. */
long sys_write(int fd, const void *buffer, size_t n);
void sys_exit(int status) __attribute__((noreturn));

#endif
