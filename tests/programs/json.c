/* A JSON reader and writer: recursive descent, a tree on the heap, numbers, escapes, errors with their place. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NOTHING, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT };

struct value {
    enum kind kind;
    double number;
    char *text; /* of a string */
    char *key;  /* in an object */
    struct value *first, *next;
};

struct reader {
    const char *start, *at, *error;
};

static void release(struct value *v) {
    while (v) {
        struct value *next = v->next;
        release(v->first);
        free(v->text), free(v->key), free(v);
        v = next;
    }
}

static void *fail(struct reader *r, const char *why) {
    if (!r->error)
        r->error = why;
    return NULL;
}

static void blanks(struct reader *r) {
    while (*r->at && strchr(" \t\r\n", *r->at))
        r->at++;
}

static char *utf8(char *to, uint32_t c) {
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6), *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12), *to++ = (char)(0x80 | (c >> 6 & 0x3f)), *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18), *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f)), *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

static int hex4(struct reader *r, uint32_t *c) {
    *c = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        if (!isxdigit((unsigned char)*r->at))
            return 0;
        int d = *r->at <= '9' ? *r->at - '0' : (*r->at | 32) - 'a' + 10;
        *c = *c << 4 | (uint32_t)d;
    }
    return 1;
}

static char *string(struct reader *r) {
    if (*r->at++ != '"')
        return fail(r, "a string was expected");
    char *text = malloc(strlen(r->at) + 1), *to = text;
    while (*r->at != '"') {
        uint32_t c, low;
        if ((unsigned char)*r->at < 32) {
            free(text);
            return fail(r, *r->at ? "a control character in a string" : "a string without end");
        }
        if (*r->at != '\\') {
            *to++ = *r->at++;
            continue;
        }
        static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
        const char *e = escapes;
        for (r->at++; *e && *e != *r->at; e += 2)
            ;
        if (*e) {
            *to++ = e[1], r->at++;
        } else if (*r->at++ == 'u' && hex4(r, &c)) {
            if (c >= 0xd800 && c < 0xdc00 && r->at[0] == '\\' && r->at[1] == 'u' && (r->at += 2, hex4(r, &low)))
                c = 0x10000 + ((c - 0xd800) << 10 | (low & 0x3ff));
            to = utf8(to, c);
        } else {
            free(text);
            return fail(r, "an unknown escape");
        }
    }
    r->at++;
    *to = 0;
    return text;
}

static struct value *value(struct reader *r, int depth);

static void members(struct reader *r, struct value *v, int depth) {
    struct value **end = &v->first;
    char close = v->kind == ARRAY ? ']' : '}';
    r->at++, blanks(r);
    if (*r->at == close) {
        r->at++;
        return;
    }
    for (;;) {
        char *key = NULL;
        blanks(r);
        if (v->kind == OBJECT) {
            key = string(r);
            blanks(r);
            if (key && *r->at++ != ':') {
                free(key);
                key = fail(r, "a colon was expected");
            }
            if (!key)
                return;
        }
        struct value *member = value(r, depth + 1);
        if (!member) {
            free(key);
            return;
        }
        member->key = key, *end = member, end = &member->next;
        blanks(r);
        if (*r->at == close) {
            r->at++;
            return;
        }
        if (*r->at++ != ',') {
            fail(r, "a comma or an end was expected");
            return;
        }
    }
}

static struct value *value(struct reader *r, int depth) {
    static const struct {
        const char *word;
        enum kind kind;
    } words[] = {{"null", NOTHING}, {"false", FALSE}, {"true", TRUE}};
    if (depth > 50)
        return fail(r, "too deep");
    struct value *v = calloc(1, sizeof *v);
    blanks(r);
    char *end;
    if (*r->at == '[' || *r->at == '{') {
        v->kind = *r->at == '[' ? ARRAY : OBJECT;
        members(r, v, depth);
    } else if (*r->at == '"') {
        v->kind = STRING, v->text = string(r);
    } else if (*r->at == '-' || isdigit((unsigned char)*r->at)) {
        v->kind = NUMBER, v->number = strtod(r->at, &end), r->at = end;
    } else {
        int known = 0;
        for (int i = 0; i < 3 && !known; i++)
            if (!strncmp(r->at, words[i].word, strlen(words[i].word)))
                v->kind = words[i].kind, r->at += strlen(words[i].word), known = 1;
        if (!known)
            fail(r, "a value was expected");
    }
    if (!r->error)
        return v;
    release(v);
    return NULL;
}

static void write_text(const char *s) {
    putchar('"');
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if ((unsigned char)*s < 32)
            printf("\\u%04x", (unsigned)*s);
        else
            putchar(*s);
    putchar('"');
}

static void write_value(const struct value *v) {
    switch (v->kind) {
    case NOTHING: printf("null"); break;
    case FALSE: printf("false"); break;
    case TRUE: printf("true"); break;
    case NUMBER: printf(v->number == floor(v->number) && fabs(v->number) < 1e15 ? "%.0f" : "%.15g", v->number); break;
    case STRING: write_text(v->text); break;
    case ARRAY:
    case OBJECT:
        putchar(v->kind == ARRAY ? '[' : '{');
        for (const struct value *m = v->first; m; m = m->next) {
            if (m->key)
                write_text(m->key), putchar(':');
            write_value(m);
            if (m->next)
                putchar(',');
        }
        putchar(v->kind == ARRAY ? ']' : '}');
    }
}

static void measure(const struct value *v, int depth, int counts[7], int *deepest, double *sum) {
    for (; v; v = v->next) {
        counts[v->kind]++;
        *sum += v->number;
        if (depth > *deepest)
            *deepest = depth;
        measure(v->first, depth + 1, counts, deepest, sum);
    }
}

static void read_and_write(const char *text) {
    struct reader r = {text, text, NULL};
    struct value *v = value(&r, 0);
    if (v) {
        blanks(&r);
        if (*r.at)
            fail(&r, "something follows the value");
    }
    if (r.error) {
        printf("%s at %td of %.40s\n", r.error, r.at - r.start, text);
    } else {
        int counts[7] = {0}, deepest = 0;
        double sum = 0;
        write_value(v);
        measure(v, 0, counts, &deepest, &sum);
        printf("\n  ");
        for (int i = 0; i < 7; i++)
            printf("%d ", counts[i]);
        printf("deep %d sum %g\n", deepest, sum);
    }
    release(v);
}

int main(void) {
    read_and_write(
        "{\"name\": \"portolan\", \"isas\": [\"riscv64\", \"mips\", \"x86_64\", \"aarch64\"], \"year\": 1300, "
        "\"scale\": 0.125, \"on paper\": false, \"on vellum\": true, \"author\": null}");
    read_and_write("  [ ]  ");
    read_and_write("[[[[[]]], {\"a\": {\"b\": {}}}]]");
    read_and_write("[0, -0.5, 1e3, -2.5E-3, 123456789012345678, 0.1, 1e-7, 3.141592653589793]");
    read_and_write(
        "\"quotes \\\" backslash \\\\ slash \\/ tab \\t newline \\n unicode \\u0041\\u00e9\\u20ac\\ud83d\\ude80\"");
    read_and_write("{\"\": \"\", \"a\\nb\": [true, false, null]}");
    read_and_write("[1, 2");
    read_and_write("[1 2]");
    read_and_write("{\"a\" 1}");
    read_and_write("{a: 1}");
    read_and_write("\"no end");
    read_and_write("\"bad \\x escape\"");
    read_and_write("nul");
    read_and_write("[] []");
    read_and_write("[1, [2, [3, [x]]]]");
    read_and_write("");

    char deep[201];
    memset(deep, '[', 100), memset(deep + 100, ']', 100), deep[200] = 0;
    read_and_write(deep);
    read_and_write(deep + 60);
    deep[140] = 0;
    read_and_write(deep + 60);

    /* A document made here: a thousand members, read once. */
    char *big = malloc(40000), *p = big;
    *p++ = '[';
    for (int i = 0; i < 1000; i++)
        p += sprintf(p, "%s{\"id\":%d,\"v\":%.3f}", i ? "," : "", i, i / 7.0);
    strcpy(p, "]");
    struct reader r = {big, big, NULL};
    struct value *v = value(&r, 0);
    int counts[7] = {0}, deepest = 0;
    double sum = 0;
    measure(v, 0, counts, &deepest, &sum);
    printf("%zu characters: %d numbers, %d objects, sum %.3f\n", strlen(big), counts[NUMBER], counts[OBJECT], sum);
    release(v);
    free(big);
    return 0;
}
