/* Variable arguments: more of them than registers, integers and floats mixed, va_copy, passing them on. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Letters say what follows: i int, l int64_t, d double, s string, p pointer to int, t a structure. */
struct triple {
    int64_t a;
    double b;
    int32_t c;
};

static int64_t total(const char *kinds, ...) {
    va_list args;
    va_start(args, kinds);
    int64_t sum = 0;
    for (int weight = 1; *kinds; kinds++, weight++)
        switch (*kinds) {
        case 'i': sum += weight * (int64_t)va_arg(args, int); break;
        case 'l': sum += weight * va_arg(args, int64_t); break;
        case 'd': sum += weight * (int64_t)(va_arg(args, double) * 8); break;
        case 's': sum += weight * (int64_t)strlen(va_arg(args, const char *)); break;
        case 'p': sum += weight * (int64_t)*va_arg(args, int *); break;
        case 't': {
            struct triple t = va_arg(args, struct triple);
            sum += weight * (t.a + (int64_t)t.b + t.c);
            break;
        }
        }
    va_end(args);
    return sum;
}

static double mean(int count, ...) {
    va_list args, again;
    va_start(args, count);
    va_copy(again, args);
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++)
        sum += va_arg(args, double);
    for (int i = 0; i < count; i++) {
        double off = va_arg(again, double) - sum / count;
        squares += off * off;
    }
    va_end(again);
    va_end(args);
    return sum / count + squares / 1024;
}

__attribute__((format(printf, 3, 4))) static void say(char *to, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(to, size, format, args);
    va_end(args);
    printf("[%s] %d of %zu\n", to, n, size);
}

/* A va_list that goes down a call and comes back advanced. */
static int next(va_list *args) { return va_arg(*args, int); }

static void triangle(int rows, ...) {
    va_list args;
    va_start(args, rows);
    for (int row = 1; row <= rows; row++) {
        int sum = 0;
        for (int i = 0; i < row; i++)
            sum = sum * 3 + next(&args);
        printf(" %d", sum);
    }
    putchar('\n');
    va_end(args);
}

int main(void) {
    int seven = 7;
    struct triple t = {1000000, 2.75, -50};
    printf("%" PRId64 "\n", total(""));
    printf("%" PRId64 "\n", total("i", -5));
    printf("%" PRId64 "\n", total("iiiiiiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12));
    printf("%" PRId64 "\n", total("dddddddddddd", 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, -12.5));
    printf("%" PRId64 "\n", total("idididididid", 1, .5, 2, 1.5, 3, 2.5, 4, 3.5, 5, 4.5, 6, 5.5));
    printf("%" PRId64 "\n",
           total("liliills", INT64_C(1) << 40, 1, INT64_C(-1), 2, 3, INT64_C(1) << 33, INT64_C(9), "four"));
    printf("%" PRId64 "\n", total("spspsp", "a", &seven, "bc", &seven, "def", &seven));
    printf("%" PRId64 "\n", total("titdtsti", t, 1, t, 0.5, t, "end", t, -1));
    printf("%.6f %.6f\n", mean(3, 1.0, 2.0, 6.0), mean(10, 1., 2., 3., 4., 5., 6., 7., 8., 9., 100.));
    triangle(5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    char buffer[24];
    say(buffer, sizeof buffer, "%d %s %c", 12, "twelve", 'X');
    say(buffer, sizeof buffer, "%s is too long for it: %08.3f", "this line", 3.14159);
    say(buffer, 1, "%d", 123456);
    say(buffer, sizeof buffer, "%*.*f|%-*d|", 9, 3, 2.71828, 6, 42);
    say(buffer, sizeof buffer, "%hhd %hd %ld %lld %zu", (char)65, (short)-3, 5L, -6LL, sizeof t);
    return 0;
}
