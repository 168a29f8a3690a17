/* Structures by value, of every size and kind that calling conventions treat differently; unions; arrays inside. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct one {
    int8_t a;
};
struct pair {
    int32_t a, b;
};
struct mixed {
    int32_t a;
    double b;
};
struct floats {
    float a, b;
};
struct flint {
    float a;
    int32_t b;
};
struct nested {
    struct {
        double a;
    } x;
    struct {
        int16_t b[3];
    } y;
};
struct three {
    int64_t a, b, c;
};
struct large {
    char name[20];
    int32_t numbers[16];
    double weight;
};
struct odd {
    uint8_t bytes[13];
};
struct empty_ish {
    struct one x;
};
struct quad {
    double a, b, c, d;
};
union word {
    uint64_t whole;
    uint32_t halves[2];
    uint8_t bytes[8];
    double number;
};

#define APART __attribute__((noinline))

APART static struct one make_one(int a) { return (struct one){(int8_t)a}; }
APART static struct pair swap(struct pair p) { return (struct pair){p.b, p.a}; }
APART static struct mixed scale(struct mixed m, int by) { return (struct mixed){m.a * by, m.b * by}; }
APART static struct floats turn(struct floats f) { return (struct floats){-f.b, f.a}; }
APART static struct flint flip(struct flint f) { return (struct flint){(float)f.b, (int32_t)f.a}; }
APART static struct nested grow(struct nested n) {
    n.x.a *= 1.5;
    for (int i = 0; i < 3; i++)
        n.y.b[i] = (int16_t)(n.y.b[i] + i);
    return n;
}
APART static struct three rotate(struct three t) { return (struct three){t.b, t.c, t.a}; }
APART static struct odd shift(struct odd o) {
    memmove(o.bytes, o.bytes + 1, 12);
    o.bytes[12] ^= 0xff;
    return o;
}
APART static struct large fill(struct large l, const char *name) {
    snprintf(l.name, sizeof l.name, "%s", name);
    for (int i = 0; i < 16; i++)
        l.numbers[i] += i * i;
    l.weight /= 8;
    return l;
}
APART static struct quad mirror(struct quad q) { return (struct quad){q.d, q.c, q.b, q.a}; }

/* More arguments than there are registers of either kind, with structures where registers run out. */
APART static double many(int a, struct pair p, double b, struct mixed m, int64_t c, struct three t, float d,
                         struct floats f, int16_t e, struct odd o, double g, struct flint h, uint8_t i, struct quad q,
                         int64_t j, struct pair k, double l, float x, struct mixed y) {
    return a + 2 * p.a + 3 * p.b + b + m.a + m.b + (double)c + (double)t.a / 0x1p60 + (double)t.b * 2 +
           (double)t.c * 3 + (double)d + (double)f.a + (double)f.b + e + o.bytes[0] + o.bytes[12] + g + (double)h.a +
           h.b + i + q.a + q.b * 2 + q.c * 3 + q.d * 4 + (double)j + k.a - k.b + l + (double)x + y.a * y.b;
}

APART static struct pair through(struct pair (*f)(struct pair), struct pair p) { return f(p); }

static int chain(struct large by_value, int depth) {
    by_value.numbers[depth] += 1000 * depth;
    int sum = by_value.numbers[0] + by_value.numbers[depth];
    return depth ? sum + chain(by_value, depth - 1) : sum;
}

int main(void) {
    printf("sizes %zu %zu %zu %zu %zu %zu %zu %zu %zu %zu\n", sizeof(struct one), sizeof(struct pair),
           sizeof(struct mixed), sizeof(struct floats), sizeof(struct flint), sizeof(struct nested),
           sizeof(struct three), sizeof(struct large), sizeof(struct odd), sizeof(struct quad));
    struct one o = make_one(300);
    printf("one %d\n", o.a);
    struct pair p = {1, -2};
    for (int i = 0; i < 3; i++)
        p = through(swap, p), p.a += i;
    printf("pair %d %d\n", p.a, p.b);
    struct mixed m = scale((struct mixed){7, 0.125}, -3);
    printf("mixed %d %g\n", m.a, m.b);
    struct floats f = turn(turn(turn((struct floats){1.5f, 2.5f})));
    printf("floats %g %g\n", (double)f.a, (double)f.b);
    struct flint fl = flip((struct flint){-9.75f, 16777217});
    printf("flint %g %d\n", (double)fl.a, fl.b);
    struct nested n = grow(grow((struct nested){{4}, {{1, 2, 32767}}}));
    printf("nested %g %d %d %d\n", n.x.a, n.y.b[0], n.y.b[1], n.y.b[2]);
    struct three t = rotate((struct three){1, INT64_MIN, 3});
    printf("three %" PRId64 " %" PRId64 " %" PRId64 "\n", t.a, t.b, t.c);
    struct odd odd = {"thirteen byte"};
    for (int i = 0; i < 4; i++)
        odd = shift(odd);
    printf("odd");
    for (int i = 0; i < 13; i++)
        printf(" %02x", odd.bytes[i]);
    struct large large = fill(fill((struct large){.weight = 100}, "a first name"), "a name that is cut off");
    printf("\nlarge '%s' %d %d %g\n", large.name, large.numbers[3], large.numbers[15], large.weight);
    printf("chain %d\n", chain(large, 15));
    struct quad q = mirror((struct quad){1, 2, 3, 4});
    printf("quad %g %g %g %g\n", q.a, q.b, q.c, q.d);
    printf("many %.6f\n", many(1, p, 2.5, m, 1ll << 40, t, 0.25f, f, -7, odd, 1e-3, fl, 255, q, -99,
                               (struct pair){5, 6}, 7.75, -0.5f, (struct mixed){3, 0.1}));

    union word w = {.number = -1.0};
    printf("union %016" PRIx64, w.whole);
    int big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    w.bytes[big_endian ? 7 : 0] = 0x5a, w.halves[big_endian ? 0 : 1] ^= 0x80000000;
    printf(" %016" PRIx64 " %d\n", w.whole, w.number > 1);

    struct large many_large[3] = {large, {"second", {1, 2, 3}, 2}, {.name = "third"}}, copy = many_large[1];
    many_large[1] = many_large[2], many_large[2] = copy;
    for (int i = 0; i < 3; i++)
        printf("array %s %d %g\n", many_large[i].name, many_large[i].numbers[1], many_large[i].weight);
    struct empty_ish e[3] = {{{1}}, {{2}}, {{3}}};
    printf("stride %td, last %d\n", (char *)&e[1] - (char *)&e[0], e[2].x.a);
    return 0;
}
