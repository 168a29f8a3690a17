/* The sieve of Eratosthenes over a bit map: shifts, masks, strided stores. Scale: the last number looked at. */
#include "rt.h"

enum { MOST = 1 << 26 };
static uint32_t crossed[MOST / 32 + 1];

static int is_crossed(uint32_t n) {
    return crossed[n / 32] >> n % 32 & 1;
}

int main(int argc, char **argv) {
    uint32_t limit = scale(argc, argv, 10000, MOST);
    for (uint32_t n = 2; n * n <= limit; n++)
        if (!is_crossed(n))
            for (uint32_t m = n * n; m <= limit; m += n)
                crossed[m / 32] |= (uint32_t)1 << m % 32;

    uint32_t count = 0, last = 0;
    for (uint32_t n = 2; n <= limit; n++)
        if (!is_crossed(n)) {
            if (count < 10) {
                print_dec(n);
                print(count < 9 ? " " : " ...\n");
            }
            count++;
            last = n;
        }
    print_dec(count);
    print(" primes up to ");
    print_dec(limit);
    print(", the last is ");
    print_dec(last);
    print("\n");
    return 0;
}
