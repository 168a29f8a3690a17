/* Every kind of printf conversion, with its flags, widths and precisions; and what reads them back. */
#define _GNU_SOURCE /* asprintf */
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void integers(void) {
    int values[] = {0, 1, -1, 42, -12345, INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int v = values[i];
        printf("|%d|%5d|%-7d|%07d|%+d|% d|%.4d|%8.3d|%i|\n", v, v, v, v, v, v, v, v, v);
        printf("|%u|%x|%X|%#x|%o|%#o|%08x|%-10x|%#012X|\n", (unsigned)v, (unsigned)v, (unsigned)v, (unsigned)v,
               (unsigned)v, (unsigned)v, (unsigned)v, (unsigned)v, (unsigned)v);
    }
    printf("|%hhd|%hhu|%hd|%hu|%ld|%lu|%lld|%llu|%jd|%zu|%td|\n", (signed char)-1, (unsigned char)200, (short)-30000,
           (unsigned short)60000, (long)INT32_MIN, (unsigned long)UINT32_MAX, LLONG_MIN, ULLONG_MAX, INTMAX_MAX,
           (size_t)UINT32_MAX, (ptrdiff_t)-7);
    printf("|%" PRId8 "|%" PRIu16 "|%" PRIx32 "|%" PRIo64 "|%'d|\n", (int8_t)-8, (uint16_t)65535, 0xabcdef01u,
           (uint64_t)1 << 63, 1234567);
    printf("|%.0d|%.0x|%5.0d|%+.0d|%-5d|%05d|%+05d|% 05d|\n", 0, 0u, 0, 0, 7, -7, 7, 7);
}

static void texts(void) {
    printf("|%s|%10s|%-10s|%.3s|%10.2s|%-8.4s|%c|%3c|%-3c|%%|\n", "chart", "chart", "chart", "chart", "chart", "chart",
           'c', 'c', 'c');
    printf("|%*d|%-*d|%.*f|%*.*s|\n", 6, 42, 6, 42, 2, 2.71828, 8, 3, "stars");
    int written = 0;
    printf("counted%n", &written);
    printf(" %d\n", written);
    printf("%2$s, %1$d times; %2$s\n", 3, "positional");
    char small[8];
    const char *volatile large = "does not fit"; /* volatile: GCC would warn that it does not */
    printf("%d", snprintf(small, sizeof small, "%s", large));
    printf(" %s\n", small);
    char *made = NULL;
    if (asprintf(&made, "<%0*d|%-*s>", 6, 42, 8, "left") > 0)
        puts(made);
    free(made);
}

static void doubles(void) {
    double values[] = {0.0,   -0.0,    1.0,     -1.5,    0.1,      1e10,          123456789.125, 1e-5,     9.9999995,
                       1e100, DBL_MAX, DBL_MIN, 5e-324,  2.5,      3.5,           0.5,           1e15,     1e16,
                       1e17,  1e21,    1.0 / 3, 99999.5, 999999.5, 0.00012345678, INFINITY,      -INFINITY};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double v = values[i];
        if (fabs(v) < 1e30)
            printf("|%f|%.0f|%12.3f|%-12.1f|%+.2f|%#.0f", v, v, v, v, v, v);
        printf("|%e|%.0e|%15.4E|%g|%G|%.10g|%#g|%012.5g|%.17g|%a|%.2a|\n", v, v, v, v, v, v, v, v, v, v, v);
    }
    printf("|%f|%e|%g|\n", (double)1.1f, (double)FLT_MAX, (double)FLT_MIN);
    printf("%.60f\n%.40e\n%.30g\n", 0.1, M_PI, 1e23);
    printf("%.3f %.10f\n", 1e22, 1.0 / 1048576);
    printf("|%5f|%-9f|%09f|%F|\n", INFINITY, INFINITY, -INFINITY, INFINITY);
}

/* Decimal to double and back: seventeen digits are enough, whatever the number. */
static void round_trips(void) {
    uint64_t state = 0x2545f4914f6cdd1d;
    int good = 0, floats = 0;
    for (int i = 0; i < 400; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        double v, back;
        memcpy(&v, &state, sizeof v);
        if (!isfinite(v))
            continue;
        char text[64];
        snprintf(text, sizeof text, "%.17g", v);
        back = strtod(text, NULL);
        good += memcmp(&v, &back, sizeof v) == 0;
        float f;
        memcpy(&f, &state, sizeof f);
        snprintf(text, sizeof text, "%.9g", (double)f);
        floats += !isfinite(f) || strtof(text, NULL) == f;
    }
    printf("%d doubles and %d floats came back\n", good, floats);
}

static void scanning(void) {
    int a = 0, b = 0, n = 0;
    unsigned x = 0;
    long long l = 0;
    double d = 0;
    float f = 0;
    char word[16] = "", set[16] = "", c = 0;
    int got = sscanf("  12 -0x1f 077 9999999999 3.25e2 .5 portolan [abc] Z",
                     "%d %i %o %lld %lf %f %15s [%15[a-c]] %c%n", &a, &b, &x, &l, &d, &f, word, set, &c, &n);
    printf("%d: %d %d %u %lld %g %g %s %s %c %d\n", got, a, b, x, l, d, (double)f, word, set, c, n);
    got = sscanf("17,x", "%d,%d", &a, &b);
    printf("%d: %d\n", got, a);
    got = sscanf("abc:12345", "%*[a-z]:%3d%2d", &a, &b);
    printf("%d: %d %d\n", got, a, b);

    const char *numbers[] = {"0",  "  42abc", "-7",  "0x7fff", "0777", "99999999999999999999", "-99999999999999999999",
                             "zz", "+5",      "1e3", "0b11"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char *end;
        long ten = strtol(numbers[i], NULL, 10), any = strtol(numbers[i], &end, 0);
        unsigned long long thirty_six = strtoull(numbers[i], NULL, 36);
        if (ten == LONG_MAX || ten == LONG_MIN)
            printf("%s: %s %d", numbers[i], ten < 0 ? "least" : "most", any == ten);
        else
            printf("%s: %ld %ld", numbers[i], ten, any);
        printf(" %lld +%td %llu\n", strtoll(numbers[i], NULL, 0), end - numbers[i], thirty_six);
    }
    const char *reals[] = {"1",
                           "-2.5e3",
                           "1e400",
                           "1e-400",
                           "0x1.8p3",
                           "inf",
                           "3.14abc",
                           ".",
                           "4.9e-324",
                           "179769313486231570814527423731704356798070e267",
                           "0.1e1000000000000"};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        char *end;
        double v = strtod(reals[i], &end);
        printf("%s: %.17g %a +%td\n", reals[i], v, v, end - reals[i]);
    }
}

int main(void) {
    integers();
    texts();
    doubles();
    round_trips();
    scanning();
    return 0;
}
