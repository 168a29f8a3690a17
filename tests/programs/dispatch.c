/* Indirect control flow: tables of functions, dense and sparse switches, computed goto, a state machine, callbacks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t binary(int64_t, int64_t);

static int64_t add(int64_t a, int64_t b) { return a + b; }
static int64_t sub(int64_t a, int64_t b) { return a - b; }
static int64_t mul(int64_t a, int64_t b) { return a * b % 1000003; }
static int64_t both(int64_t a, int64_t b) { return a & b; }
static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static const struct {
    const char *name;
    binary *run;
} operations[] = {{"add", add}, {"sub", sub}, {"mul", mul}, {"both", both}, {"least", least}};

static int dense(int n) {
    switch (n) {
    case 0: return 17;
    case 1: return 3;
    case 2: return dense(n + 5) + 1;
    case 3: return 99;
    case 4:
    case 5: return n * n;
    case 6: n += 100; /* fall through */
    case 7: return n - 50;
    case 8: return 8888;
    case 9: return -1;
    case 10: return 1 << n;
    case 11: return 0x0b;
    default: return n < 0 ? -2 : -3;
    }
}

static const char *sparse(uint32_t n) {
    switch (n) {
    case 0: return "zero";
    case 42: return "answer";
    case 255: return "byte";
    case 1000 ... 1999: return "a thousand and some";
    case 65535: return "half";
    case 0x7fffffff: return "largest";
    case 0x80000000: return "smallest";
    case 0xdeadbeef: return "beef";
    case 0xffffffff: return "all ones";
    default: return "nothing";
    }
}

static int sparse_wide(int64_t n) {
    switch (n) {
    case INT64_MIN: return 1;
    case -1: return 2;
    case 1ll << 33: return 3;
    case (1ll << 33) + 1: return 4;
    case INT64_MAX: return 5;
    default: return 0;
    }
}

/* Labels as values: every instruction jumps to the next by itself. */
static int64_t threaded(const int8_t *code) {
    static const void *const labels[] = {&&push, &&plus, &&times, &&swap, &&twice, &&jump_back, &&stop};
    int64_t stack[16] = {0}, *top = stack;
    int rounds = 0;
    goto *labels[*code++];
push:
    *++top = *code++;
    goto *labels[*code++];
plus:
    top--, *top += top[1];
    goto *labels[*code++];
times:
    top--, *top = *top * top[1] % 999983;
    goto *labels[*code++];
swap : {
    int64_t t = *top;
    *top = top[-1], top[-1] = t;
    goto *labels[*code++];
}
twice:
    top++, *top = top[-1];
    goto *labels[*code++];
jump_back:
    code += rounds++ < 100 ? code[0] : 1;
    goto *labels[*code++];
stop:
    return *top;
}

/* Counts words, numbers, strings and comments, as a table of states. */
enum state { OUT, WORD, NUMBER, STRING, ESCAPE, COMMENT, STATES };
enum class { LETTER, DIGIT, QUOTE, BACKSLASH, HASH, NEWLINE, OTHER, CLASSES };

static enum class classify(char c) {
    switch (c){
        case 'a' ... 'z' : case 'A' ... 'Z' : case '_' : return LETTER; case '0' ... '9' : return DIGIT;
        case '"' : return QUOTE;
        case '\\' : return BACKSLASH;
        case '#' : return HASH;
        case '\n' : return NEWLINE;
        default : return OTHER;
    }
}

static const uint8_t next[STATES][CLASSES] = {
    [OUT] = {WORD, NUMBER, STRING, OUT, COMMENT, OUT, OUT},
    [WORD] = {WORD, WORD, STRING, OUT, COMMENT, OUT, OUT},
    [NUMBER] = {WORD, NUMBER, STRING, OUT, COMMENT, OUT, OUT},
    [STRING] = {STRING, STRING, OUT, ESCAPE, STRING, OUT, STRING},
    [ESCAPE] = {STRING, STRING, STRING, STRING, STRING, OUT, STRING},
    [COMMENT] = {COMMENT, COMMENT, COMMENT, COMMENT, COMMENT, OUT, COMMENT},
};

static void lex(const char *text) {
    int entered[STATES] = {0};
    enum state s = OUT;
    for (; *text; text++) {
        enum state to = next[s][classify(*text)];
        if (to != s && s != ESCAPE)
            entered[to]++;
        s = to;
    }
    printf("words %d numbers %d strings %d escapes %d comments %d\n", entered[WORD], entered[NUMBER], entered[STRING],
           entered[ESCAPE], entered[COMMENT]);
}

/* An object with methods of its own, and a list of subscribers. */
struct shape {
    const struct shape_methods {
        double (*area)(const struct shape *);
        const char *(*name)(void);
    } * methods;
    double a, b;
};

static double rectangle_area(const struct shape *s) { return s->a * s->b; }
static double ellipse_area(const struct shape *s) { return s->a * s->b * 3.0; /* a rough pi */ }
static const char *rectangle_name(void) { return "rectangle"; }
static const char *ellipse_name(void) { return "ellipse"; }
static const struct shape_methods rectangle = {rectangle_area, rectangle_name}, ellipse = {ellipse_area, ellipse_name};

static int by_area(const void *a, const void *b) {
    const struct shape *x = a, *y = b;
    double d = x->methods->area(x) - y->methods->area(y);
    return (d > 0) - (d < 0);
}

static binary *choose(int which) { return operations[which % 5].run; }

int main(void) {
    int64_t value = 12345;
    for (int i = 0; i < 200; i++)
        value = choose(i * 7 + (int)(value & 3))(value, i + 1000);
    printf("value %" PRId64 "\n", value);
    for (int i = 0; i < 5; i++)
        printf("%s(123456, 98765) = %" PRId64 "\n", operations[i].name, operations[i].run(123456, 98765));
    for (int i = -1; i <= 12; i++)
        printf("%d ", dense(i));
    putchar('\n');
    uint32_t keys[] = {0, 1, 42, 254, 255, 256, 999, 1000, 1999, 2000, 65535, 0x7fffffff, 0x80000000, 0xdeadbeef, ~0u};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        printf("%08" PRIx32 " %s\n", keys[i], sparse(keys[i]));
    int64_t wide[] = {INT64_MIN, -1, 0, 1ll << 33, (1ll << 33) + 1, INT64_MAX};
    for (int i = 0; i < 6; i++)
        printf("%d ", sparse_wide(wide[i]));
    putchar('\n');
    const int8_t code[] = {0, 5, /* the loop: */ 4, 0, 7, 1, 2, 0, 11, 3, 1, /* back */ 5, -10, 6};
    printf("threaded %" PRId64 "\n", threaded(code));
    lex("let x1 = 42 + y; # a comment \"not a string\"\nprint \"a string # not a comment\\\" still\" 7 seven 8x\n#end");
    struct shape shapes[] = {{&rectangle, 3, 4}, {&ellipse, 1, 3}, {&rectangle, 1, 1}, {&ellipse, 2, 2.5}};
    qsort(shapes, 4, sizeof *shapes, by_area);
    for (int i = 0; i < 4; i++)
        printf("%s %g\n", shapes[i].methods->name(), shapes[i].methods->area(&shapes[i]));
    return 0;
}
