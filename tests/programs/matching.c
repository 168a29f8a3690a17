/* Matching: regular expressions by backtracking and by a set of states, globs, edit distance, longest common parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One element of an expression: a character, any, or a class, and how often. */
struct element {
    unsigned char set[32];
    char repeat; /* 0 once, '?', '*' or '+' */
};

struct expression {
    struct element elements[40];
    int count, from_start, to_end;
};

static void allow(struct element *e, int from, int to) {
    for (int c = from; c <= to; c++)
        e->set[c / 8] |= (unsigned char)(1 << c % 8);
}

static int allows(const struct element *e, char c) { return e->set[(unsigned char)c / 8] >> (unsigned char)c % 8 & 1; }

static const char *escape(struct element *e, const char *p) {
    switch (*p) {
    case 'd': allow(e, '0', '9'); break;
    case 'w': allow(e, '0', '9'), allow(e, 'a', 'z'), allow(e, 'A', 'Z'), allow(e, '_', '_'); break;
    case 's': allow(e, ' ', ' '), allow(e, '\t', '\r'); break;
    default: allow(e, (unsigned char)*p, (unsigned char)*p);
    }
    return p + 1;
}

static struct expression compile(const char *p) {
    struct expression x = {.count = 0};
    if (*p == '^')
        p++, x.from_start = 1;
    while (*p && x.count < 40) {
        if (*p == '$' && !p[1]) {
            x.to_end = 1;
            break;
        }
        struct element *e = &x.elements[x.count++];
        if (*p == '.') {
            allow(e, 1, 255), p++;
        } else if (*p == '\\') {
            p = escape(e, p + 1);
        } else if (*p == '[') {
            int invert = p[1] == '^';
            for (p += 1 + invert; *p && *p != ']';)
                if (*p == '\\') {
                    p = escape(e, p + 1);
                } else if (p[1] == '-' && p[2] && p[2] != ']') {
                    allow(e, (unsigned char)p[0], (unsigned char)p[2]), p += 3;
                } else {
                    allow(e, (unsigned char)*p, (unsigned char)*p), p++;
                }
            for (int i = 0; i < 32 && invert; i++)
                e->set[i] = (unsigned char)~e->set[i];
            p += *p == ']';
        } else {
            allow(e, (unsigned char)*p, (unsigned char)*p), p++;
        }
        if (*p && strchr("?*+", *p))
            e->repeat = *p++;
    }
    return x;
}

static long steps;

/* The end of the longest match from here on that greed finds first, or NULL. */
static const char *backtrack(const struct expression *x, int i, const char *s) {
    steps++;
    if (i == x->count)
        return x->to_end && *s ? NULL : s;
    const struct element *e = &x->elements[i];
    int least = !e->repeat || e->repeat == '+', most = e->repeat == '*' || e->repeat == '+' ? 1000000 : 1, n = 0;
    while (n < most && s[n] && allows(e, s[n]))
        n++;
    for (; n >= least; n--) {
        const char *end = backtrack(x, i + 1, s + n);
        if (end)
            return end;
    }
    return NULL;
}

/* The same question, yes or no, following all states at once: one bit an element, no backtracking. */
static int simulate(const struct expression *x, const char *s) {
    unsigned long long states = 0, accept = 1ull << x->count;
    for (;; s++) {
        if (!x->from_start || !states)
            states |= 1;
        for (int i = 0; i < x->count; i++)
            if (states >> i & 1 && (x->elements[i].repeat == '?' || x->elements[i].repeat == '*'))
                states |= 1ull << (i + 1);
        if (states & accept && (!x->to_end || !*s))
            return 1;
        if (!*s)
            return 0;
        unsigned long long next = 0;
        for (int i = 0; i < x->count; i++)
            if (states >> i & 1 && allows(&x->elements[i], *s)) {
                next |= 1ull << (i + 1);
                if (x->elements[i].repeat == '*' || x->elements[i].repeat == '+')
                    next |= 1ull << i;
            }
        states = next;
        if (x->from_start && !states)
            return 0;
    }
}

static void search(const char *pattern, const char *text) {
    struct expression x = compile(pattern);
    const char *end = NULL, *start = text;
    steps = 0;
    for (; !(end = backtrack(&x, 0, start)) && *start && !x.from_start; start++)
        ;
    printf("/%s/ in '%s': ", pattern, text);
    if (end)
        printf("'%.*s' at %td", (int)(end - start), start, start - text);
    else
        printf("no");
    printf(", %ld steps%s\n", steps, simulate(&x, text) == !!end ? "" : ", BUT THE STATES DISAGREE");
}

static int glob(const char *p, const char *s) {
    for (; *p; p++, s++) {
        if (*p == '*')
            return glob(p + 1, s) || (*s && glob(p, s + 1));
        if (!*s || (*p != '?' && *p != *s))
            return 0;
    }
    return !*s;
}

static int distance(const char *a, const char *b) {
    int n = (int)strlen(b), row[64];
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int change = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            int insert = row[j - 1] + 1, erase = row[j] + 1;
            row[j] = change < insert ? change : insert;
            row[j] = row[j] < erase ? row[j] : erase;
        }
    }
    return row[n];
}

static void common(const char *a, const char *b) {
    static int length[64][64];
    int n = (int)strlen(a), m = (int)strlen(b);
    char out[64];
    int at = 0;
    for (int i = n; i >= 0; i--)
        for (int j = m; j >= 0; j--)
            length[i][j] = i == n || j == m                      ? 0
                           : a[i] == b[j]                        ? length[i + 1][j + 1] + 1
                           : length[i + 1][j] > length[i][j + 1] ? length[i + 1][j]
                                                                 : length[i][j + 1];
    for (int i = 0, j = 0; i < n && j < m;)
        if (a[i] == b[j])
            out[at++] = a[i], i++, j++;
        else if (length[i + 1][j] >= length[i][j + 1])
            i++;
        else
            j++;
    out[at] = 0;
    printf("'%s' and '%s': '%s', distance %d\n", a, b, out, distance(a, b));
}

int main(void) {
    search("port.lan", "a portolan chart");
    search("^port", "a portolan chart");
    search("^a\\s+p[a-z]*n", "a   portolan chart");
    search("[0-9]+\\.[0-9]*", "pi is 3.14159 or so");
    search("colou?r$", "what a colour");
    search("colou?r$", "colour and so on");
    search("[^aeiou ]+", "aeiou xyz");
    search("x*", "aaa");
    search("a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaac");
    search("\\w+@\\w+\\.[a-z]+", "mail to first_mate@ship.example now");
    search("0x[0-9a-fA-F]+", "at 0xDEADbeef, said the card");
    search(".*l.*l.*", "all hands, all sails");
    search("^$", "");
    search("[\\d-]+$", "call 555-0199");
    static const char *const globs[] = {"*.c", "?at", "*a*b*c*", "", "*", "a**b", "port*lan?"};
    static const char *const names[] = {"main.c", "cat", "xaybzc", "", "ab", "portolan", "portolan1"};
    for (int i = 0; i < 7; i++) {
        printf("'%s':", globs[i]);
        for (int j = 0; j < 7; j++)
            printf(" %d", glob(globs[i], names[j]));
        putchar('\n');
    }
    common("kitten", "sitting");
    common("the portolan chart", "a port on the chart");
    common("", "abc");
    common("instruction", "destruction");

    char line[] = "one two,three;;four\tfive";
    for (char *rest = line, *word; (word = strtok_r(rest, " ,;\t", &rest));)
        printf("<%s>", word);
    const char *hay = "needle in a haystack with another needle";
    printf(" %td %td %zu %zu %s\n", strstr(hay + 1, "needle") - hay, strrchr(hay, 'w') - hay, strspn(hay, "del n"),
           strcspn(hay, "y"), strpbrk(hay, "xyz"));
    return 0;
}
