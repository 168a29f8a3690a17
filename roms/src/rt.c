#include "rt.h"

static char line[128];
static size_t used;

static void flush(void) {
    for (size_t done = 0; done < used;) {
        long n = sys_write(1, line + done, used - done);
        if (n <= 0)
            sys_exit(1); /* nobody reads us: there is nothing left to be said */
        done += (size_t)n;
    }
    used = 0;
}

void print_char(char c) {
    line[used++] = c;
    if (c == '\n' || used == sizeof line)
        flush();
}

void print(const char *text) {
    while (*text)
        print_char(*text++);
}

/* Decimal by long division on 16-bit limbs: a 64-bit `/` would need the compiler's library on a 32-bit ISA. */
void print_dec(uint64_t value) {
    uint32_t limb[4] = {(uint32_t)(value >> 48), (value >> 32) & 0xffff, (value >> 16) & 0xffff, value & 0xffff};
    char digits[20];
    int n = 0;
    do {
        uint32_t rest = 0;
        for (int i = 0; i < 4; i++) {
            uint32_t part = rest << 16 | limb[i];
            limb[i] = part / 10;
            rest = part % 10;
        }
        digits[n++] = (char)('0' + rest);
    } while (limb[0] | limb[1] | limb[2] | limb[3]);
    while (n)
        print_char(digits[--n]);
}

void print_int(int64_t value) {
    if (value < 0)
        print_char('-');
    print_dec(value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void print_hex(uint64_t value, int digits) {
    while (digits-- > 0)
        print_char("0123456789abcdef"[value >> (4 * digits) & 15]);
}

uint32_t scale(int argc, char **argv, uint32_t usual, uint32_t most) {
    if (argc < 2)
        return usual;
    uint32_t n = 0;
    for (const char *p = argv[1]; *p >= '0' && *p <= '9' && n <= most; p++)
        n = n > 429496728 ? most + 1 : n * 10 + (uint32_t)(*p - '0');
    return n < 1 ? 1 : n > most ? most : n;
}

uint32_t next_random(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* build.sh compiles this file with -fno-tree-loop-distribute-patterns: else GCC would see that these loops are a
 * memcpy and a memset, and call them. */
void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    char *t = to;
    for (const char *f = from; n--;)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n) {
    char *t = to;
    const char *f = from;
    if (t <= f) {
        while (n--)
            *t++ = *f++;
    } else {
        while (n--)
            t[n] = f[n];
    }
    return to;
}

void *memset(void *to, int byte, size_t n) {
    for (char *t = to; n--;)
        *t++ = (char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n) {
    const unsigned char *x = a, *y = b;
    for (; n--; x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}

/* The stack as the kernel leaves it: argc, then argv, one word each. start/ jumps here. */
void rt_start(long *stack) __attribute__((noreturn));
void rt_start(long *stack) {
    int status = main((int)stack[0], (char **)(stack + 1));
    flush();
    sys_exit(status);
}
