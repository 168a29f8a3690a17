/* Numbers and NaNs as operands, in registers and in memory: what operations and comparisons of them give, and what is
 * in MXCSR then. */
#include <stdint.h>
#include <stdio.h>

static const uint64_t doubles[] = {
    0x3ff8000000000000, 0x8000000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x0000000000000003,
    0x7fefffffffffffff, 0x7ff8000000000123, 0xfff8000000000456, 0x7ff0000000000789, 0xfff4000000000abc,
};
static const uint32_t singles[] = {
    0x3fc00000, 0x80000000, 0x7f800000, 0xff800000, 0x00000003,
    0x7f7fffff, 0x7fc00123, 0xffc00456, 0x7f800789, 0xffa00abc,
};
#define COUNT (sizeof doubles / sizeof *doubles)

static void clear(void) {
    uint32_t mxcsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static uint32_t raised(void) {
    uint32_t mxcsr;
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    return mxcsr & 0x3f;
}

/* The second operand is in a register, or in memory; the first is loaded last, or first. Each is done twice: once for
 * its flags alone. */
#define WAYS(operation, move, type) \
    static void operation(const type *a, const type *b, type results[4]) { \
        __asm__ volatile(#move " %[a], %%xmm0; " #move " %[b], %%xmm1; " #operation " %%xmm1, %%xmm0; " \
                         #move " %%xmm0, %[to]; xorps %%xmm0, %%xmm0" \
                         : [to] "=m"(results[0]) : [a] "m"(*a), [b] "m"(*b) : "xmm0", "xmm1"); \
        __asm__ volatile(#move " %[b], %%xmm1; " #move " %[a], %%xmm0; " #operation " %%xmm1, %%xmm0; " \
                         #move " %%xmm0, %[to]; " #move " %[a], %%xmm0; " #operation " %%xmm1, %%xmm0; " \
                         "xorps %%xmm0, %%xmm0" \
                         : [to] "=m"(results[1]) : [a] "m"(*a), [b] "m"(*b) : "xmm0", "xmm1"); \
        __asm__ volatile(#move " %[a], %%xmm0; " #operation " %[b], %%xmm0; " #move " %%xmm0, %[to]" \
                         : [to] "=m"(results[2]) : [a] "m"(*a), [b] "m"(*b) : "xmm0"); \
        long turns = 3; \
        __asm__ volatile(#move " %[b], %%xmm1; 1: " #move " %[a], %%xmm0; " #operation " %%xmm1, %%xmm0; " \
                         #move " %%xmm0, %[to]; dec %[turns]; jnz 1b" \
                         : [to] "=m"(results[3]), [turns] "+r"(turns) : [a] "m"(*a), [b] "m"(*b) \
                         : "xmm0", "xmm1", "cc"); \
    }

#define BOTH(f) \
    f(addsd, movsd, uint64_t) f(subsd, movsd, uint64_t) f(mulsd, movsd, uint64_t) f(divsd, movsd, uint64_t) \
    f(minsd, movsd, uint64_t) f(maxsd, movsd, uint64_t) f(sqrtsd, movsd, uint64_t) f(cvtsd2ss, movsd, uint64_t) \
    f(addss, movss, uint32_t) f(subss, movss, uint32_t) f(mulss, movss, uint32_t) f(divss, movss, uint32_t) \
    f(minss, movss, uint32_t) f(maxss, movss, uint32_t) f(sqrtss, movss, uint32_t)

BOTH(WAYS)

/* All flags; and where jumps on them go. */
#define RELATION(operation, move, type) \
    static uint64_t operation(const type *a, const type *b) { \
        uint64_t flags, taken = 0; \
        __asm__ volatile(#move " %[a], %%xmm0; " #operation " %[b], %%xmm0; pushfq; pop %[flags]" \
                         : [flags] "=r"(flags) : [a] "m"(*a), [b] "m"(*b) : "xmm0", "cc", "memory"); \
        __asm__ volatile(#move " %[a], %%xmm0; " #move " %[b], %%xmm1; " \
                         #operation " %%xmm1, %%xmm0; jbe 1f; or $1, %[taken]; 1: " \
                         #operation " %%xmm1, %%xmm0; jb 1f; or $2, %[taken]; 1: " \
                         #operation " %%xmm1, %%xmm0; jp 1f; or $4, %[taken]; 1: " \
                         #operation " %%xmm1, %%xmm0; je 1f; or $8, %[taken]; 1: " \
                         #operation " %%xmm1, %%xmm0; ja 1f; or $16, %[taken]; 1: " \
                         #operation " %%xmm1, %%xmm0; jae 1f; or $32, %[taken]; 1: " \
                         #operation " %%xmm1, %%xmm0; jnp 1f; or $64, %[taken]; 1: " \
                         #operation " %%xmm1, %%xmm0; jne 1f; jp 1f; or $128, %[taken]; 1: " \
                         : [taken] "+r"(taken) : [a] "m"(*a), [b] "m"(*b) : "xmm0", "xmm1", "cc"); \
        return (flags & 0x8d5) << 16 | taken; \
    }

#define RELATIONS(f) \
    f(ucomisd, movsd, uint64_t) f(comisd, movsd, uint64_t) f(ucomiss, movss, uint32_t) f(comiss, movss, uint32_t)

RELATIONS(RELATION)

int main(void) {
    /* Often enough for every compiler. */
    for (int turn = 0; turn < 40; turn++)
        for (unsigned i = 0; i < COUNT; i++)
            for (unsigned j = 0; j < COUNT; j++) {
                uint64_t bits_uint64_t[4] = {0};
                uint32_t bits_uint32_t[4] = {0};
                const uint64_t *a_uint64_t = &doubles[i], *b_uint64_t = &doubles[j];
                const uint32_t *a_uint32_t = &singles[i], *b_uint32_t = &singles[j];
                int shown = turn == 0 || turn == 39;
#define SHOW_WAYS(operation, move, type) \
    clear(); \
    operation(a_##type, b_##type, bits_##type); \
    if (shown) \
        printf(#operation " %u %u: %jx %jx %jx %jx raises %x\n", i, j, (uintmax_t)bits_##type[0], \
               (uintmax_t)bits_##type[1], (uintmax_t)bits_##type[2], (uintmax_t)bits_##type[3], raised());
#define SHOW_RELATION(operation, move, type) \
    clear(); \
    uint64_t operation##_is = operation(a_##type, b_##type); \
    if (shown) \
        printf(#operation " %u %u: %jx raises %x\n", i, j, (uintmax_t)operation##_is, raised());
                BOTH(SHOW_WAYS)
                RELATIONS(SHOW_RELATION)
            }
    return 0;
}
