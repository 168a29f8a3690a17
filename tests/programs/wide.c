/* 64 x 64 -> 128 bits, 128-bit arithmetic, fixed point, modular powers: what a high-half multiply is for. */
#include <inttypes.h>
#include <stdio.h>

typedef unsigned __int128 u128;
typedef __int128 i128;

static uint64_t random64(void) {
    static uint64_t state = 88172645463325252;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

static void print128(const char *what, u128 v) {
    char digits[40], *p = digits + sizeof digits;
    u128 rest = v;
    *--p = 0;
    do {
        *--p = (char)('0' + (int)(rest % 10));
    } while (rest /= 10);
    printf("%s %016" PRIx64 "%016" PRIx64 " = %s\n", what, (uint64_t)(v >> 64), (uint64_t)v, p);
}

static uint64_t high_unsigned(uint64_t a, uint64_t b) { return (uint64_t)((u128)a * b >> 64); }

static int64_t high_signed(int64_t a, int64_t b) { return (int64_t)((i128)a * b >> 64); }

static int64_t high_mixed(int64_t a, uint64_t b) { return (int64_t)((i128)a * (i128)(u128)b >> 64); }

static uint64_t power(uint64_t base, uint64_t exponent, uint64_t modulus) {
    uint64_t result = 1;
    for (; exponent; exponent >>= 1, base = (uint64_t)((u128)base * base % modulus))
        if (exponent & 1)
            result = (uint64_t)((u128)result * base % modulus);
    return result;
}

/* Miller and Rabin; these bases decide every 64-bit number. */
static int is_prime(uint64_t n) {
    static const uint64_t bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    for (int i = 0; i < 12; i++)
        if (n % bases[i] == 0)
            return n == bases[i];
    uint64_t odd = n - 1;
    int twos = 0;
    while (!(odd & 1))
        odd >>= 1, twos++;
    for (int i = 0; i < 12; i++) {
        uint64_t x = power(bases[i], odd, n);
        int witness = x != 1 && x != n - 1;
        for (int k = 1; k < twos && witness; k++)
            if ((x = (uint64_t)((u128)x * x % n)) == n - 1)
                witness = 0;
        if (witness)
            return 0;
    }
    return n > 1;
}

/* Square root of a 32.32 fixed-point number, by bits. */
static uint64_t fixed_root(uint64_t x) {
    u128 target = (u128)x << 32;
    uint64_t root = 0;
    for (uint64_t bit = 1ull << 47; bit; bit >>= 1)
        if ((u128)(root + bit) * (root + bit) <= target)
            root += bit;
    return root;
}

int main(void) {
    uint64_t edges[] = {0, 1, 2, 0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX, 0xdeadbeefcafef00d};
    for (int i = 0; i < 7; i++)
        for (int j = i; j < 7; j += 2) {
            volatile uint64_t a = edges[i], b = edges[j];
            printf("%016" PRIx64 " %016" PRIx64 ": u %016" PRIx64 " s %016" PRIx64 " su %016" PRIx64 "\n", a, b,
                   high_unsigned(a, b), (uint64_t)high_signed((int64_t)a, (int64_t)b),
                   (uint64_t)high_mixed((int64_t)a, b));
        }

    u128 product = 1;
    for (unsigned i = 2; i <= 34; i++)
        product *= i;
    print128("34!        ", product);
    print128("34! / 10^18", product / 1000000000000000000);
    print128("34! mod M61", product % 0x1fffffffffffffff);

    u128 sum = 0, quotients = 0, signed_sum = 0;
    for (int i = 0; i < 3000; i++) {
        u128 a = random64();
        a = a << 64 | random64();
        u128 b = (u128)(random64() >> (i % 64)) << (i % 67) | 1;
        sum += a ^ b << i % 128;
        quotients += a / b + a % b;
        if (a / b * b + a % b != a)
            puts("division is wrong");
        i128 s = (i128)a >> (i % 100), t = (i128)(b >> 1) + 1;
        signed_sum += (u128)(s / t - s % t) + (s < t) - (-t > s);
    }
    print128("sum      ", sum);
    print128("quotients", quotients);
    print128("signed   ", signed_sum);

    printf("3^1000000007 mod 2^61-1 = %" PRIu64 "\n", power(3, 1000000007, 0x1fffffffffffffff));
    uint64_t n = 18446744073709551557u;
    printf("%" PRIu64 " is %sprime, %" PRIu64 " is %sprime\n", n, is_prime(n) ? "" : "not ", n - 2,
           is_prime(n - 2) ? "" : "not ");
    int primes = 0;
    for (uint64_t k = 1000000000000000000; k < 1000000000000000400; k++)
        primes += is_prime(k);
    printf("%d primes in the 400 numbers from 10^18\n", primes);
    for (uint64_t k = 2; k < 12; k += 3)
        printf("root of %" PRIu64 " = %016" PRIx64 "\n", k, fixed_root(k << 32));

    int64_t r;
    int32_t q;
    int overflows = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t a = (int64_t)random64(), b = (int64_t)random64() >> i % 60;
        overflows += __builtin_add_overflow(a, b, &r) + 2 * __builtin_sub_overflow(a, b, &r);
        overflows += 4 * __builtin_mul_overflow(a, b, &r) + 8 * __builtin_mul_overflow((int32_t)a, (int32_t)b, &q);
    }
    printf("overflows weigh %d\n", overflows);
    return 0;
}
