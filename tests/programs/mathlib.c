/* The math library. What it rounds exactly is printed exactly; of the rest, as many digits as every ISA agrees on. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Twelve digits, and no tiny remainders of what should be zero: they are all error. */
static void approximately(const char *name, double v) {
    if (isnan(v))
        printf(" %s nan", name);
    else
        printf(" %s %.12g", name, fabs(v) < 1e-13 ? 0.0 : v);
}

static void transcendental(double x) {
    printf("%g:", x);
    approximately("sin", sin(x)), approximately("cos", cos(x)), approximately("tan", tan(x));
    approximately("exp", exp(x)), approximately("atan", atan(x)), approximately("sinh", sinh(x));
    approximately("tanh", tanh(x)), approximately("cbrt", cbrt(x)), approximately("erf", erf(x));
    approximately("exp2", exp2(x)), approximately("expm1", expm1(x)), approximately("asinh", asinh(x));
    if (x > 0) {
        approximately("log", log(x)), approximately("log2", log2(x)), approximately("log10", log10(x));
        approximately("log1p", log1p(x)), approximately("gamma", tgamma(x)), approximately("lgamma", lgamma(x));
        approximately("pow", pow(x, 1.75)), approximately("j0", j0(x));
    }
    if (x >= -1 && x <= 1)
        approximately("asin", asin(x)), approximately("acos", acos(x));
    putchar('\n');
}

static void exact(double x, double y) {
    int quotient = 0;
    double partial = remquo(x, y, &quotient);
    printf("%g, %g: fmod %a remainder %a remquo %a %d floor %g ceil %g trunc %g round %g rint %g\n", x, y, fmod(x, y),
           remainder(x, y), partial, quotient & 7, floor(x), ceil(x), trunc(x), round(x), rint(x));
    printf("  fdim %a fmax %g fmin %g fma %a ldexp %a scalbn %a ilogb %d logb %g sqrt %a\n", fdim(x, y), fmax(x, y),
           fmin(x, y), fma(x, y, 0.1), ldexp(x, 5), scalbn(x, -7), ilogb(y), logb(y), sqrt(fabs(x)));
}

static void narrow(float x) {
    printf("%g:", (double)x);
    printf(" sinf %.5g cosf %.5g expf %.5g logf %.5g powf %.5g", (double)sinf(x), (double)cosf(x), (double)expf(x),
           (double)logf(x), (double)powf(x, 0.3f));
    printf(" sqrtf %a floorf %g fmodf %a roundf %g\n", (double)sqrtf(x), (double)floorf(x), (double)fmodf(x, 0.7f),
           (double)roundf(x));
}

static void edge(const char *what, double v) {
    if (isnan(v))
        printf(" %s=nan", what);
    else
        printf(" %s=%g", what, v);
}

int main(void) {
    volatile double xs[] = {0, 0.001, -0.5, 0.75, 1, -1, 2, 3.14159265358979, -7.5, 20, 1000.25};
    for (size_t i = 0; i < sizeof xs / sizeof *xs; i++)
        if (fabs(xs[i]) < 100)
            transcendental(xs[i]);
    printf("large: %.10g %.10g %.10g\n", sin(xs[10]), cos(1e6 * xs[10]), tan(1e10 * xs[10]));

    exact(7.5, 2), exact(-7.5, 2), exact(5.3, -0.7), exact(1e300, 3), exact(-0.0, 1), exact(2.5, 1e-300);
    exact(4503599627370495.5, 7), exact(-1e-310, 1e-312);
    for (float f = 0.25f; f < 100; f *= 3.3f)
        narrow(f);

    volatile double inf = INFINITY, nan = NAN, zero = 0, minus = -1;
    edge("sqrt(-1)", sqrt(minus)), edge("log(0)", log(zero)), edge("log(-1)", log(minus)), edge("exp(inf)", exp(inf));
    edge("exp(-inf)", exp(-inf)), edge("pow(0,0)", pow(zero, zero)), edge("pow(nan,0)", pow(nan, zero));
    edge("pow(-1,inf)", pow(minus, inf)), edge("pow(-8,1/3)", pow(-8 * -minus, 1.0 / 3)), edge("atan(inf)", atan(inf));
    putchar('\n');
    edge("atan2(0,-1)", atan2(zero, minus)), edge("atan2(-0,-1)", atan2(-zero, minus)),
        edge("hypot", hypot(3e200, 4e200));
    edge("hypot(inf,nan)", hypot(inf, nan)), edge("fmax(nan,1)", fmax(nan, 1)), edge("fmod(1,0)", fmod(1, zero));
    edge("acos(2)", acos(2 * -minus)), edge("inf-inf", inf - inf), edge("0*inf", zero * inf), edge("1/-0", 1 / -zero);
    putchar('\n');

    errno = 0;
    volatile double r = log(zero);
    printf("errno after log(0): %s\n", errno == ERANGE ? "ERANGE" : "another");
    errno = 0;
    r = sqrt(minus);
    (void)r;
    printf("errno after sqrt(-1): %s\n", errno == EDOM ? "EDOM" : "another");

    /* Integrals and series: the library in loops. */
    double area = 0, pi = 0, wave = 0;
    for (int i = 0; i < 2000; i++) {
        double x = (i + 0.5) / 2000;
        area += exp(-x * x) / 2000;
        pi += sqrt(1 - x * x) / 500;
        wave += sin(i * 0.01) * cos(i * 0.02) * pow(x, 0.5);
    }
    printf("area %.9f pi %.6f wave %.8f\n", area, pi, wave);
    printf("polar:");
    for (int i = 0; i < 8; i++)
        printf(" %.9f", atan2(sin(i * 0.8), cos(i * 0.8)));
    printf("\nlgamma of 100.5: %.10g, erfc of 3: %.10g, y1 of 2: %.10g\n", lgamma(100.5), erfc(3), y1(2));
    return 0;
}
