/* What string code does all day: byte loads, compares, early exits. Scale: how often all of it is done. */
#include "rt.h"

static const char text[] =
    "They that go down to the sea in ships, that do business in great waters; these see the works of the Lord, and "
    "his wonders in the deep. For he commandeth, and raiseth the stormy wind, which lifteth up the waves thereof.";

static size_t length(const char *s) {
    const char *p = s;
    while (*p)
        p++;
    return (size_t)(p - s);
}

static int compare(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static int is_letter(int c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/* Boyer, Moore, Horspool: the last letter under the pattern tells how far it may move. -1: not there. */
static int find(const char *in, const char *what) {
    size_t n = length(in), m = length(what), skip[256];
    for (int i = 0; i < 256; i++)
        skip[i] = m;
    for (size_t i = 0; i + 1 < m; i++)
        skip[(unsigned char)what[i]] = m - 1 - i;
    for (size_t at = 0; at + m <= n; at += skip[(unsigned char)in[at + m - 1]])
        if (!memcmp(in + at, what, m))
            return (int)at;
    return -1;
}

static void reverse(char *s, size_t n) {
    for (size_t i = 0; i < n / 2; i++) {
        char t = s[i];
        s[i] = s[n - 1 - i];
        s[n - 1 - i] = t;
    }
}

/* The words turned back to front, each readable: reverse the whole, then each word. */
static void reverse_words(char *s) {
    reverse(s, length(s));
    while (*s) {
        size_t n = 0;
        while (is_letter(s[n]))
            n++;
        reverse(s, n);
        s += n ? n : 1;
    }
}

struct counts {
    uint32_t length, words, vowels, the, deep, shallow, smallest;
};

static struct counts once(char *copy) {
    struct counts c = {0};
    memcpy(copy, text, sizeof text);
    c.length = (uint32_t)length(copy);
    for (size_t i = 0; copy[i]; i++) {
        c.words += is_letter(copy[i]) && !is_letter(copy[i + 1]);
        for (const char *v = "aeiou"; *v; v++)
            c.vowels += lower(copy[i]) == *v;
    }
    for (const char *p = copy; find(p, "the") >= 0; p += find(p, "the") + 3)
        c.the++;
    c.deep = (uint32_t)find(copy, "deep");
    c.shallow = (uint32_t)find(copy, "shallow");
    for (uint32_t i = 1; i < c.length; i++)
        if (compare(copy + i, copy + c.smallest) < 0)
            c.smallest = i;
    reverse_words(copy);
    return c;
}

static void report(const char *what, uint32_t value) {
    print(what);
    print_int((int32_t)value);
    print("\n");
}

int main(int argc, char **argv) {
    static char copy[sizeof text];
    struct counts c = {0};
    for (uint32_t n = scale(argc, argv, 4, 1000000); n--;)
        c = once(copy);
    report("letters and signs  ", c.length);
    report("words              ", c.words);
    report("vowels             ", c.vowels);
    report("\"the\"              ", c.the);
    report("\"deep\" is at       ", c.deep);
    report("\"shallow\" is at    ", c.shallow);
    report("smallest suffix at ", c.smallest);
    print(copy);
    print("\n");
    return 0;
}
