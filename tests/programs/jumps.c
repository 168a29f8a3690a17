/* setjmp and longjmp: out of deep calls, with values, nested handlers, loops of retries, a parser that gives up. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf top;

__attribute__((noinline)) static int dive(int depth, int bottom, int code) {
    volatile char ballast[64];
    memset((char *)ballast, depth, sizeof ballast);
    if (depth == bottom)
        longjmp(top, code);
    return depth > 1000 ? 0 : dive(depth + 1, bottom, code) + ballast[depth % 64];
}

/* Exceptions made of jumps: a stack of handlers, innermost first. */
struct handler {
    jmp_buf where;
    struct handler *outer;
};
static struct handler *handlers;

__attribute__((noreturn)) static void throw_up(int what) {
    struct handler *h = handlers;
    if (!h) {
        printf("nobody catches %d\n", what);
        exit(1);
    }
    handlers = h->outer;
    longjmp(h->where, what);
}

#define TRY(h) ((h).outer = handlers, handlers = &(h), setjmp((h).where))
#define DONE(h) (handlers = (h).outer)

static void risky(int n) {
    if (n % 3 == 0)
        throw_up(n + 100);
    if (n % 5 == 0)
        throw_up(n + 200);
    printf("  %d passes\n", n);
}

static void careful(int n) {
    struct handler h;
    int what = TRY(h);
    if (!what) {
        risky(n);
        DONE(h);
    } else if (what >= 200) {
        printf("  %d again: %d\n", n, what);
        throw_up(what + 1000);
    } else {
        printf("  %d caught: %d\n", n, what);
    }
}

/* A calculator whose errors leave from any depth. */
static const char *at;
static jmp_buf bad;
static const char *reason;

__attribute__((noreturn)) static void fail(const char *why) {
    reason = why;
    longjmp(bad, 1);
}

static double sum(void);

static double atom(void);

static void blanks(void) {
    while (*at == ' ')
        at++;
}

static double operand(void) {
    blanks();
    double v = atom();
    blanks();
    return v;
}

static double atom(void) {
    if (*at == '(') {
        at++;
        double v = sum();
        if (*at++ != ')')
            fail("no closing parenthesis");
        return v;
    }
    if (*at == '-')
        return at++, -operand();
    if (*at < '0' || *at > '9')
        fail("no number");
    double v = 0;
    while (*at >= '0' && *at <= '9')
        v = v * 10 + (*at++ - '0');
    return v;
}

static double product(void) {
    double v = operand();
    while (*at == '*' || *at == '/')
        if (*at++ == '*') {
            v *= operand();
        } else {
            double by = operand();
            if (by == 0)
                fail("division by zero");
            v /= by;
        }
    return v;
}

static double sum(void) {
    double v = product();
    while (*at == '+' || *at == '-')
        v = *at++ == '+' ? v + product() : v - product();
    return v;
}

static void calculate(const char *text) {
    at = text;
    if (setjmp(bad)) {
        printf("%s: %s at %td\n", text, reason, at - text);
        return;
    }
    double v = sum();
    if (*at)
        fail("something after the end");
    printf("%s = %.6f\n", text, v);
}

int main(void) {
    /* volatile: these live on in memory when the jump comes back. */
    volatile int rounds = 0;
    volatile double kept = 1.5;
    int code = setjmp(top);
    printf("code %d, round %d, kept %g\n", code, rounds, kept);
    if (rounds < 5) {
        rounds++;
        kept *= rounds;
        dive(0, rounds * 40, rounds == 3 ? 0 : rounds * rounds); /* 0 comes back as 1 */
    }

    volatile int n = 1;
    for (; n <= 16; n++) {
        struct handler h;
        int what = TRY(h);
        if (!what) {
            careful(n);
            DONE(h);
        } else {
            printf("  main caught %d\n", what);
        }
    }
    printf("handlers left: %s\n", handlers ? "some" : "none");

    calculate("1 + 2 * 3");
    calculate("(1 + 2) * -3 / 4");
    calculate("2 * (3 + 4");
    calculate("10 / (5 - 5)");
    calculate("((((7))))");
    calculate("3 + + 4");
    calculate("3 4");
    calculate("((1 + 2) * (3 + 4) - 5) / (6 - -7)");
    calculate("");
    return 0;
}
