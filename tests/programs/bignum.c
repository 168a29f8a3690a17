/* Numbers of any length: factorials, Fibonacci, powers, division with remainder, pi and e by series, square roots. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMBS = 160 };

/* Little-endian limbs of 32 bits; count has no leading zeros. */
struct big {
    uint32_t limb[LIMBS];
    int count;
};

static void check(int fits) {
    if (!fits) {
        puts("too large");
        exit(1);
    }
}

static struct big from(uint32_t v) { return (struct big){.limb = {v}, .count = v != 0}; }

static void trim(struct big *a) {
    while (a->count && !a->limb[a->count - 1])
        a->count--;
}

static int compare(const struct big *a, const struct big *b) {
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (int i = a->count; i--;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static struct big add(const struct big *a, const struct big *b) {
    struct big r = {.count = 0};
    uint64_t carry = 0;
    int n = a->count > b->count ? a->count : b->count;
    check(n < LIMBS);
    for (int i = 0; i < n || carry; i++) {
        carry += (uint64_t)a->limb[i] + b->limb[i];
        r.limb[i] = (uint32_t)carry;
        carry >>= 32;
        r.count = i + 1;
    }
    return r;
}

static struct big subtract(const struct big *a, const struct big *b) {
    struct big r = *a;
    int64_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        borrow += (int64_t)a->limb[i] - b->limb[i];
        r.limb[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    trim(&r);
    return r;
}

static struct big multiply(const struct big *a, const struct big *b) {
    struct big r = {.count = 0};
    check(a->count + b->count <= LIMBS);
    for (int i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < b->count || carry; j++) {
            carry += r.limb[i + j] + (uint64_t)a->limb[i] * (j < b->count ? b->limb[j] : 0);
            r.limb[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    r.count = a->count + b->count;
    trim(&r);
    return r;
}

/* Divides in place by a small number and returns the remainder. */
static uint32_t divide_small(struct big *a, uint32_t by) {
    uint64_t rest = 0;
    for (int i = a->count; i--;) {
        rest = rest << 32 | a->limb[i];
        a->limb[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    trim(a);
    return (uint32_t)rest;
}

static void shift_left(struct big *a, int bit) {
    check(a->count < LIMBS);
    for (int i = 0; i < a->count || bit; i++) {
        uint32_t v = a->limb[i];
        a->limb[i] = v << 1 | (uint32_t)bit;
        bit = (int)(v >> 31);
        if (i == a->count && a->limb[i])
            a->count++;
    }
}

/* Knuth's algorithm D; with b of at least two limbs. */
static struct big divide(const struct big *a, const struct big *b, struct big *rest) {
    struct big q = {.count = 0};
    if (compare(a, b) < 0) {
        *rest = *a;
        return q;
    }
    struct big u = *a, v = *b;
    int shift = __builtin_clz(v.limb[v.count - 1]);
    for (int i = 0; i < shift; i++)
        shift_left(&u, 0), shift_left(&v, 0);
    int n = v.count, m = a->count - n;
    for (int j = m; j >= 0; j--) {
        uint64_t top = (uint64_t)(j + n < LIMBS ? u.limb[j + n] : 0) << 32 | u.limb[j + n - 1];
        uint64_t guess = top / v.limb[n - 1], left = top % v.limb[n - 1];
        while (guess >> 32 || guess * v.limb[n - 2] > (left << 32 | u.limb[j + n - 2])) {
            guess--;
            left += v.limb[n - 1];
            if (left >> 32)
                break;
        }
        int64_t borrow = 0;
        uint64_t carry = 0;
        for (int i = 0; i <= n; i++) {
            carry += i < n ? guess * v.limb[i] : 0;
            borrow += (int64_t)u.limb[i + j] - (int64_t)(uint32_t)carry;
            u.limb[i + j] = (uint32_t)borrow;
            borrow >>= 32;
            carry >>= 32;
        }
        if (borrow < 0) {
            guess--;
            carry = 0;
            for (int i = 0; i <= n; i++) {
                carry += (uint64_t)u.limb[i + j] + (i < n ? v.limb[i] : 0);
                u.limb[i + j] = (uint32_t)carry;
                carry >>= 32;
            }
        }
        q.limb[j] = (uint32_t)guess;
    }
    q.count = m + 1;
    trim(&q);
    u.count = n;
    trim(&u);
    for (int i = 0; i < shift; i++)
        divide_small(&u, 2);
    *rest = u;
    return q;
}

static char *decimal(struct big a) {
    static char text[LIMBS * 10 + 1];
    char *p = text + sizeof text - 1;
    *p = 0;
    do {
        uint32_t nine = divide_small(&a, 1000000000);
        for (int i = 0; i < 9 && (a.count || nine || !i); i++, nine /= 10)
            *--p = (char)('0' + nine % 10);
    } while (a.count);
    return p;
}

static struct big power(uint32_t base, int exponent) {
    struct big r = from(1), b = from(base);
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            r = multiply(&r, &b);
        if (exponent > 1)
            b = multiply(&b, &b);
    }
    return r;
}

/* scale * arctan(1 / n), by the series. */
static struct big arctan(const struct big *scale, uint32_t n) {
    struct big term = *scale, sum = {.count = 0};
    divide_small(&term, n);
    for (uint32_t k = 1; term.count; k += 2) {
        struct big part = term;
        divide_small(&part, k);
        sum = k & 2 ? subtract(&sum, &part) : add(&sum, &part);
        divide_small(&term, n * n);
    }
    return sum;
}

static struct big root(const struct big *a) {
    struct big x = *a, rest;
    for (int bits = a->count * 16; bits--;)
        divide_small(&x, 2);
    x = add(&x, &(struct big){.limb = {1}, .count = 1});
    for (int i = 0; i < a->count * 16 + 2; i++) /* a start above the root: Newton falls to it */
        shift_left(&x, 0);
    for (;;) {
        struct big next = divide(a, &x, &rest);
        next = add(&next, &x);
        divide_small(&next, 2);
        if (compare(&next, &x) >= 0)
            return x;
        x = next;
    }
}

int main(void) {
    struct big f = from(1);
    for (uint32_t i = 2; i <= 100; i++) {
        struct big n = from(i);
        f = multiply(&f, &n);
        if (i % 20 == 0)
            printf("%" PRIu32 "! = %s\n", i, decimal(f));
    }

    struct big a = from(0), b = from(1);
    for (int i = 0; i < 500; i++) {
        struct big next = add(&a, &b);
        a = b, b = next;
    }
    printf("fibonacci 500 = %s\n", decimal(a));
    struct big p = power(3, 400), q = power(7, 120), rest, back;
    printf("3^400 = %s\n", decimal(p));
    struct big quotient = divide(&p, &q, &rest);
    printf("3^400 / 7^120 = %s\n", decimal(quotient));
    printf("       rest = %s\n", decimal(rest));
    back = multiply(&quotient, &q);
    back = add(&back, &rest);
    printf("and back: %s\n", compare(&back, &p) ? "WRONG" : "right");

    /* Divisors whose quotient digits are guessed too high. */
    int wrong = 0;
    uint32_t state = 1;
    for (int i = 0; i < 300; i++) {
        struct big x = {.count = 12}, y = {.count = 2 + i % 7};
        for (int k = 0; k < 12; k++)
            x.limb[k] = state % 3 ? state : state % 2 ? UINT32_MAX : 0, state = state * 1664525 + 1013904223;
        for (int k = 0; k < y.count; k++)
            y.limb[k] = state % 4 ? UINT32_MAX - state % 2 : 0, state = state * 1664525 + 1013904223;
        y.limb[y.count - 1] |= i % 2 ? 0x80000000 : 1;
        trim(&x);
        struct big d = divide(&x, &y, &rest), m = multiply(&d, &y);
        m = add(&m, &rest);
        wrong += compare(&m, &x) != 0 || compare(&rest, &y) >= 0;
    }
    printf("300 divisions, %d wrong\n", wrong);

    struct big one = power(10, 310), sixteen = from(16), four = from(4);
    struct big fifth = arctan(&one, 5), far = arctan(&one, 239);
    fifth = multiply(&fifth, &sixteen), far = multiply(&far, &four);
    struct big pi = subtract(&fifth, &far);
    printf("pi = %.301s\n", decimal(pi));
    struct big e = one, term = one;
    for (uint32_t k = 1; term.count; k++)
        divide_small(&term, k), e = add(&e, &term);
    printf("e = %.301s\n", decimal(e));
    struct big two = power(10, 400), twice = from(2);
    two = multiply(&two, &twice);
    printf("root of 2 = %.201s\n", decimal(root(&two)));
    return 0;
}
