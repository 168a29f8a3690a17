/* IEEE 754 in float and double: the four operations, all rounding directions, exception flags, comparisons with NaN,
 * conversions of every kind, subnormals, fused multiply-add. Not printed: the sign of a NaN, which ISAs differ in. */
#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int mode;
    const char *name;
} rounding[] = {{FE_TONEAREST, "nearest"}, {FE_TOWARDZERO, "zero"}, {FE_DOWNWARD, "down"}, {FE_UPWARD, "up"}};

static uint64_t bits(double v) {
    uint64_t b;
    memcpy(&b, &v, sizeof b);
    return isnan(v) ? 0x7ff8000000000000 : b;
}

static uint32_t bits_f(float v) {
    uint32_t b;
    memcpy(&b, &v, sizeof b);
    return isnan(v) ? 0x7fc00000 : b;
}

static uint64_t hash;

static void mix(uint64_t value) {
    hash = (hash ^ value) * 0x100000001b3;
    hash ^= hash >> 29;
}

static double doubles[] = {0.0,
                           -0.0,
                           1.0,
                           -1.0,
                           0.1,
                           3.0,
                           -7.25,
                           1e300,
                           -1e300,
                           1e-300,
                           DBL_MAX,
                           DBL_MIN,
                           5e-324,
                           -5e-324,
                           0x1.fffffp-1023,
                           1e16,
                           INFINITY,
                           -INFINITY,
                           NAN,
                           0x1.0000000000001p0,
                           0x1.fffffffffffffp-1,
                           123456.789};

enum { COUNT = sizeof doubles / sizeof *doubles };

/* The third operand of fma is never a NaN: whether infinity * 0 + NaN is invalid is left to the ISA. */
static double third(int i, int j) {
    double v = doubles[(i + 2 * j) % COUNT];
    return isnan(v) ? 1 : v;
}

/* The flags in an order of our own: every ISA has other bits for them. */
static int flags(void) {
    int f = fetestexcept(FE_ALL_EXCEPT);
    return !!(f & FE_INVALID) << 4 | !!(f & FE_DIVBYZERO) << 3 | !!(f & FE_OVERFLOW) << 2 | !!(f & FE_UNDERFLOW) << 1 |
           !!(f & FE_INEXACT);
}

/* Each operation reads and writes volatile objects, so that it stays between the calls that change the rounding. */
#define OPERATION(name, T, expression)                                                                                 \
    __attribute__((noinline)) static T name(T x, T y, T z) {                                                           \
        volatile T a = x, b = y, c = z;                                                                                \
        volatile T r = (expression);                                                                                   \
        (void)a, (void)b, (void)c;                                                                                     \
        return r;                                                                                                      \
    }
OPERATION(add, double, a + b)
OPERATION(sub, double, a - b)
OPERATION(mul, double, a *b)
OPERATION(divide, double, a / b)
OPERATION(root, double, sqrt(a))
OPERATION(fused, double, fma(a, b, c))
OPERATION(add_f, float, a + b)
OPERATION(sub_f, float, a - b)
OPERATION(mul_f, float, a *b)
OPERATION(divide_f, float, a / b)
OPERATION(root_f, float, sqrtf(a))
OPERATION(fused_f, float, fmaf(a, b, c))

static const struct {
    const char *name;
    double (*wide)(double, double, double);
    float (*narrow)(float, float, float);
} operations[] = {{"add", add, add_f},       {"sub", sub, sub_f},    {"mul", mul, mul_f},
                  {"div", divide, divide_f}, {"sqrt", root, root_f}, {"fma", fused, fused_f}};

static void arithmetic(void) {
    for (int m = 0; m < 4; m++)
        for (int o = 0; o < 6; o++) {
            uint64_t wide, narrow;
            int raised[32] = {0};
            hash = 1;
            fesetround(rounding[m].mode);
            for (int i = 0; i < COUNT; i++)
                for (int j = 0; j < COUNT; j++) {
                    feclearexcept(FE_ALL_EXCEPT);
                    mix(bits(operations[o].wide(doubles[i], doubles[j], third(i, j))));
                    raised[flags()]++;
                }
            wide = hash, hash = 1;
            for (int i = 0; i < COUNT; i++)
                for (int j = 0; j < COUNT; j++) {
                    volatile float a = (float)doubles[i], b = (float)doubles[j], c = (float)third(i, j);
                    feclearexcept(FE_ALL_EXCEPT);
                    mix(bits_f(operations[o].narrow(a, b, c)));
                    raised[flags()]++;
                }
            narrow = hash;
            fesetround(FE_TONEAREST);
            printf("%-7s %-4s %016" PRIx64 " %016" PRIx64 " flags", rounding[m].name, operations[o].name, wide, narrow);
            for (int f = 0; f < 32; f++)
                if (raised[f])
                    printf(" %02x:%d", f, raised[f]);
            putchar('\n');
        }
}

/* Called through a pointer: GCC for x86-64 would put code in its place that is wrong unless rounding to nearest. */
static double (*volatile rint_of)(double) = rint;

static void integers(void) {
    double values[] = {0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1e9 + 0.75, -1e9 - 0.25, 4503599627370497.5, 0.0, -0.0};
    for (int m = 0; m < 4; m++) {
        hash = 1;
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            volatile double v = values[i], small = fabs(v) < INT32_MAX ? v : 0; /* a long may have 32 bits */
            fesetround(rounding[m].mode);
            volatile long near = lrint(small), away = lround(small);
            volatile long long wide = llrint(v);
            volatile double whole = rint_of(v), same = nearbyint(v), half = round(v);
            volatile float narrow = (float)v;
            volatile int64_t cut = (int64_t)v;
            volatile uint64_t positive = (uint64_t)(v < 0 ? -v : v);
            fesetround(FE_TONEAREST);
            printf("%s%lld", i ? " " : "", wide);
            mix((uint64_t)near), mix((uint64_t)away), mix((uint64_t)wide), mix(bits(whole)), mix(bits(same));
            mix(bits(half)), mix(bits_f(narrow)), mix((uint64_t)cut), mix(positive);
        }
        printf("  %s %016" PRIx64 "\n", rounding[m].name, hash);
    }

    int64_t wholes[] = {
        0, 1, -1, INT64_MAX, INT64_MIN, (1ll << 53) + 1, -(1ll << 53) - 1, 16777217, 0x7fffffbfffffffff};
    for (int m = 0; m < 4; m++) {
        hash = 1;
        for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++) {
            volatile int64_t v = wholes[i];
            fesetround(rounding[m].mode);
            volatile double d = (double)v, u = (double)(uint64_t)v, w = (double)(int32_t)v, uw = (double)(uint32_t)v;
            volatile float f = (float)v, fu = (float)(uint64_t)v, fw = (float)(int32_t)v, fuw = (float)(uint32_t)v;
            fesetround(FE_TONEAREST);
            mix(bits(d)), mix(bits(u)), mix(bits(w)), mix(bits(uw));
            mix(bits_f(f)), mix(bits_f(fu)), mix(bits_f(fw)), mix(bits_f(fuw));
        }
        printf("from integers, %s %016" PRIx64 "\n", rounding[m].name, hash);
    }
}

static void comparisons(void) {
    int counts[12] = {0};
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++) {
            volatile double a = doubles[i], b = doubles[j];
            feclearexcept(FE_ALL_EXCEPT);
            counts[0] += a < b, counts[1] += a <= b, counts[2] += a == b, counts[3] += a != b;
            counts[4] += a > b, counts[5] += a >= b, counts[6] += !(a < b), counts[7] += isunordered(a, b);
            counts[8] += isless(a, b), counts[9] += islessgreater(a, b);
            volatile double least = fmin(a, b), most = fmax(a, b);
            counts[10] += isnan(least) ? 1 : least < 1, counts[11] += isnan(most) ? 1 : most < 1;
        }
    printf("comparisons");
    for (int i = 0; i < 12; i++)
        printf(" %d", counts[i]);
    putchar('\n');

    volatile double nan = NAN, one = 1;
    feclearexcept(FE_ALL_EXCEPT);
    volatile int r = nan == one;
    printf("== with NaN: %d, flags %02x\n", r, flags());
    r = isless(nan, one);
    printf("quiet < with NaN: %d, flags %02x\n", r, flags());
    r = nan < one;
    printf("< with NaN: %d, flags %02x\n", r, flags());
}

static void classes(void) {
    for (int i = 0; i < COUNT; i++) {
        volatile double v = doubles[i];
        int c = fpclassify(v), exponent = 0;
        const char *name = c == FP_ZERO        ? "zero"
                           : c == FP_SUBNORMAL ? "subnormal"
                           : c == FP_NORMAL    ? "normal"
                           : c == FP_INFINITE  ? "infinite"
                                               : "nan";
        if (isnan(v)) {
            printf("%s\n", name);
            continue;
        }
        printf("%-24a %s%s", v, signbit(v) ? "-" : "+", name);
        if (isfinite(v)) {
            double m = frexp(v, &exponent), whole, part = modf(v, &whole);
            printf(" %a * 2^%d, next %a, %a", m, exponent, nextafter(v, INFINITY), nextafter(v, 0));
            if (fabs(v) < 1e15)
                printf(", %g + %.6g", whole, part);
        }
        printf(" %a\n", copysign(v, -1.0));
    }
}

int main(void) {
    arithmetic();
    integers();
    comparisons();
    classes();

    /* Sums that show the order and the width in which they are made. */
    float narrow = 0;
    double wide = 0, kept = 0, lost = 0;
    for (int i = 1; i <= 100000; i++) {
        narrow += 1.0f / (float)i;
        wide += 1.0 / i;
        double term = 1.0 / i - lost, sum = kept + term; /* Kahan */
        lost = (sum - kept) - term;
        kept = sum;
    }
    printf("harmonic: %.9g %.17g %.17g\n", (double)narrow, wide, kept);

    double x = 0.5;
    for (int i = 0; i < 200; i++)
        x = 3.9 * x * (1 - x); /* chaos: one bit rounded otherwise, and the end is another */
    printf("logistic: %.17g\n", x);
    return 0;
}
