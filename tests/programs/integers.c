/* Every width and signedness: arithmetic, shifts, comparison, division at its edges, conversion between them all. */
#include <inttypes.h>
#include <stdio.h>

static uint64_t hash;

static void mix(uint64_t value) {
    hash = (hash ^ value) * 0x100000001b3;
    hash ^= hash >> 29;
}

/* For a type T, its unsigned twin U, and W, the unsigned type that T's arithmetic is done in without overflow. */
#define TEST(T, U, W, MIN, MAX, SIGNED)                                                                                \
    static T values_##T[] = {0,       1,       2,   3,       7,           10,    100,   MAX,   MAX - 1,                \
                             MAX / 2, MAX / 3, MIN, MIN + 1, MIN / 2 + 1, (T)-1, (T)-2, (T)-7, (T)0x5a};               \
    __attribute__((noinline)) static void test_##T(void) {                                                             \
        enum { COUNT = sizeof values_##T / sizeof *values_##T, BITS = 8 * sizeof(T) };                                 \
        uint64_t sums[10];                                                                                             \
        for (int op = 0; op < 10; op++) {                                                                              \
            hash = 0xcbf29ce484222325;                                                                                 \
            for (int i = 0; i < COUNT; i++)                                                                            \
                for (int j = 0; j < COUNT; j++) {                                                                      \
                    T a = values_##T[i], b = values_##T[j], r = 0;                                                     \
                    int shift = (int)((U)b % BITS);                                                                    \
                    int divides = b != 0 && !(SIGNED && a == MIN && b == (T)-1);                                       \
                    switch (op) {                                                                                      \
                    case 0: r = (T)((W)a + (W)b); break;                                                               \
                    case 1: r = (T)((W)a - (W)b); break;                                                               \
                    case 2: r = (T)((W)a * (W)b); break;                                                               \
                    case 3: r = divides ? (T)(a / b) : a; break;                                                       \
                    case 4: r = divides ? (T)(a % b) : b; break;                                                       \
                    case 5: r = (T)((W)a << shift); break;                                                             \
                    case 6: r = (T)(a >> shift); break;                                                                \
                    case 7: r = (T)((a & b) ^ (a | (T)~b)); break;                                                     \
                    case 8: r = (T)((a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a > b)); break;                       \
                    case 9: r = (T)(a < b ? (W)a - 5 : (W)b + 5); break;                                               \
                    }                                                                                                  \
                    mix((uint64_t)r);                                                                                  \
                }                                                                                                      \
            sums[op] = hash;                                                                                           \
        }                                                                                                              \
        printf("%s\n", #T);                                                                                            \
        for (int op = 0; op < 10; op++)                                                                                \
            printf("  %s %016" PRIx64 "%s", names[op], sums[op], op % 3 == 2 || op == 9 ? "\n" : "");                  \
    }

static const char *const names[] = {"add", "sub", "mul", "div", "rem", "shl", "shr", "bit", "cmp", "sel"};

TEST(int8_t, uint8_t, uint32_t, INT8_MIN, INT8_MAX, 1)
TEST(uint8_t, uint8_t, uint32_t, 0, UINT8_MAX, 0)
TEST(int16_t, uint16_t, uint32_t, INT16_MIN, INT16_MAX, 1)
TEST(uint16_t, uint16_t, uint32_t, 0, UINT16_MAX, 0)
TEST(int32_t, uint32_t, uint32_t, INT32_MIN, INT32_MAX, 1)
TEST(uint32_t, uint32_t, uint32_t, 0, UINT32_MAX, 0)
TEST(int64_t, uint64_t, uint64_t, INT64_MIN, INT64_MAX, 1)
TEST(uint64_t, uint64_t, uint64_t, 0, UINT64_MAX, 0)

/* Division by constants: compilers turn it into multiplications and shifts, each constant in its own way. */
#define BY(D)                                                                                                          \
    do {                                                                                                               \
        hash = 1;                                                                                                      \
        for (size_t i = 0; i < sizeof numerators / sizeof *numerators; i++) {                                          \
            int64_t n = numerators[i];                                                                                 \
            mix((uint64_t)(n / (D))), mix((uint64_t)(n % (D)));                                                        \
            mix((uint64_t)n / (uint64_t)(D)), mix((uint64_t)n % (uint64_t)(D));                                        \
            mix((uint64_t)(int64_t)((int32_t)n / (D))), mix((uint32_t)n % (uint32_t)(D));                              \
        }                                                                                                              \
        printf("by %-8d %016" PRIx64 "\n", D, hash);                                                                   \
    } while (0)

static int64_t numerators[] = {0,        1,         -1,         9,         -10,        99,        1000003,
                               -1000003, INT32_MAX, -INT32_MAX, INT64_MAX, -INT64_MAX, 123456789, -987654321987};

static void conversions(void) {
    int64_t wide[] = {-1, 128, -129, 32768, 65535, 0x7fffffff, 0x80000000, -0x80000001LL, 0x123456789abcdef0};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        volatile int64_t v = wide[i];
        printf("%20" PRId64 " -> %4d %3u %6d %5u %11d %10u\n", v, (int8_t)v, (uint8_t)v, (int16_t)v, (uint16_t)v,
               (int32_t)v, (uint32_t)v);
    }
}

int main(void) {
    test_int8_t(), test_uint8_t(), test_int16_t(), test_uint16_t();
    test_int32_t(), test_uint32_t(), test_int64_t(), test_uint64_t();
    BY(2);
    BY(3);
    BY(7);
    BY(10);
    BY(16);
    BY(60);
    BY(641);
    BY(1000);
    BY(65537);
    BY(1000000007);
    conversions();
    return 0;
}
