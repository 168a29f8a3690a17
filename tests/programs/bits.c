/* Bit manipulation: counting, rotating, reversing, swapping, bit fields, Gray codes, a CRC three ways. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t random64(void) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

static uint64_t rotate(uint64_t x, unsigned n) { return x << (n & 63) | x >> (-n & 63); }

static uint32_t rotate32(uint32_t x, unsigned n) { return x << (n & 31) | x >> (-n & 31); }

static uint64_t reverse(uint64_t x) {
    x = (x & 0x5555555555555555) << 1 | (x >> 1 & 0x5555555555555555);
    x = (x & 0x3333333333333333) << 2 | (x >> 2 & 0x3333333333333333);
    x = (x & 0x0f0f0f0f0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0f);
    return __builtin_bswap64(x);
}

/* The bits of x that the mask selects, moved together at the low end; and back. */
static uint64_t gather(uint64_t x, uint64_t mask) {
    uint64_t result = 0;
    for (int at = 0; mask; mask &= mask - 1, at++)
        result |= (uint64_t) !!(x & mask & -mask) << at;
    return result;
}

static uint64_t scatter(uint64_t x, uint64_t mask) {
    uint64_t result = 0;
    for (; mask; mask &= mask - 1, x >>= 1)
        if (x & 1)
            result |= mask & -mask;
    return result;
}

static uint32_t crc_bitwise(const uint8_t *p, size_t n) {
    uint32_t crc = ~0u;
    while (n--) {
        crc ^= *p++;
        for (int i = 0; i < 8; i++)
            crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
    }
    return ~crc;
}

static uint32_t table[256];

static void fill_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        table[i] = crc;
    }
}

static uint32_t crc_bytes(const uint8_t *p, size_t n) {
    uint32_t crc = ~0u;
    while (n--)
        crc = crc >> 8 ^ table[(crc ^ *p++) & 255];
    return ~crc;
}

static uint32_t crc_nibbles(const uint8_t *p, size_t n) {
    uint32_t crc = ~0u;
    while (n--) {
        crc ^= *p++;
        crc = crc >> 4 ^ table[(crc & 15) << 4]; /* a byte with its low half clear: the steps of four bits */
        crc = crc >> 4 ^ table[(crc & 15) << 4];
    }
    return ~crc;
}

struct packed_date {
    unsigned day : 5, month : 4;
    signed offset : 6;
    unsigned year : 12;
    uint64_t nanoseconds : 40;
    signed leap : 2;
};

static void fields(void) {
    struct packed_date d = {
        .day = 31, .month = 12, .offset = -12, .year = 1999, .nanoseconds = 999999999999, .leap = -1};
    d.day++, d.month += 5, d.offset *= 2, d.year -= 2000, d.nanoseconds += 123456789012, d.leap--;
    printf("fields: day %u month %u offset %d year %u ns %" PRIu64 " leap %d\n", d.day, d.month, d.offset, d.year,
           (uint64_t)d.nanoseconds, d.leap);
}

int main(void) {
    uint64_t single[] = {1, 2, 0x80, 0x8000000000000000, UINT64_MAX, 0x00ff00ff00ff00ff, 0x123456789abcdef0};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        volatile uint64_t v = single[i];
        printf("%016" PRIx64 ": ones %2d leading %2d trailing %2d parity %d first %2d\n", v, __builtin_popcountll(v),
               __builtin_clzll(v), __builtin_ctzll(v), __builtin_parityll(v), __builtin_ffsll((long long)v));
    }

    uint64_t turned = 0, reversed = 0, swapped = 0, gathered = 0, gray = 0, counts = 0;
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t a = random64(), mask = random64() & random64();
        turned += rotate(a, i) ^ rotate32((uint32_t)a, i + 3);
        reversed += reverse(a) * i;
        if (reverse(reverse(a)) != a)
            puts("reverse is wrong");
        swapped ^= __builtin_bswap64(a) + __builtin_bswap32((uint32_t)a) + __builtin_bswap16((uint16_t)a);
        uint64_t part = gather(a, mask);
        gathered += part;
        if (scatter(part, mask) != (a & mask))
            puts("scatter is wrong");
        uint64_t g = a ^ a >> 1, back = g;
        for (int shift = 1; shift < 64; shift <<= 1)
            back ^= back >> shift;
        if (back != a)
            puts("gray is wrong");
        gray += g;
        counts += (uint64_t)__builtin_popcountll(a) * 3 + (uint64_t)__builtin_clz((uint32_t)a | 1) +
                  (uint64_t)__builtin_ctz((uint32_t)a | 0x80000000u);
    }
    printf("turned   %016" PRIx64 "\nreversed %016" PRIx64 "\nswapped  %016" PRIx64 "\n", turned, reversed, swapped);
    printf("gathered %016" PRIx64 "\ngray     %016" PRIx64 "\ncounts   %016" PRIx64 "\n", gathered, gray, counts);

    static uint8_t buffer[4096];
    for (size_t i = 0; i < sizeof buffer; i++)
        buffer[i] = (uint8_t)random64();
    fill_table();
    printf("crc of 123456789 %08" PRIx32 "\n", crc_bitwise((const uint8_t *)"123456789", 9));
    printf("crc %08" PRIx32 " %08" PRIx32 " %08" PRIx32 "\n", crc_bitwise(buffer, sizeof buffer),
           crc_bytes(buffer, sizeof buffer), crc_nibbles(buffer, sizeof buffer));
    fields();

    /* All subsets of a set of bits, and the next number with as many ones. */
    unsigned subsets = 0;
    for (unsigned set = 0xb5, sub = set;; sub = (sub - 1) & set) {
        subsets = subsets * 31 + sub;
        if (!sub)
            break;
    }
    printf("subsets %08x\nfive ones:", subsets);
    for (unsigned x = 31, i = 0; i < 12; i++) {
        printf(" %x", x);
        unsigned low = x & -x, carry = x + low;
        x = carry | (x ^ carry) / low >> 2;
    }
    putchar('\n');
    return 0;
}
