/* Six ways of sorting that must agree, qsort and bsearch of the library, stability, and a heap as a queue. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 3000 };

static uint32_t random32(void) {
    static uint32_t state = 2463534242;
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}

static void insertion(int32_t *v, int n) {
    for (int i = 1; i < n; i++) {
        int32_t x = v[i];
        int j = i;
        for (; j && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

static void shell(int32_t *v, int n) {
    static const int gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
    for (int g = 0; g < 8; g++)
        for (int gap = gaps[g], i = gap; i < n; i++) {
            int32_t x = v[i];
            int j = i;
            for (; j >= gap && v[j - gap] > x; j -= gap)
                v[j] = v[j - gap];
            v[j] = x;
        }
}

static void sift(int32_t *v, int at, int n) {
    int32_t x = v[at];
    for (int child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && v[child + 1] > v[child];
        if (v[child] <= x)
            break;
        v[at] = v[child];
    }
    v[at] = x;
}

static void heap(int32_t *v, int n) {
    for (int i = n / 2; i--;)
        sift(v, i, n);
    while (n-- > 1) {
        int32_t t = v[0];
        v[0] = v[n], v[n] = t;
        sift(v, 0, n);
    }
}

static void merge(int32_t *v, int n) {
    if (n < 2)
        return;
    merge(v, n / 2), merge(v + n / 2, n - n / 2);
    int32_t *left = malloc((size_t)(n / 2) * sizeof *left);
    if (!left)
        exit(1);
    memcpy(left, v, (size_t)(n / 2) * sizeof *left);
    for (int i = 0, j = n / 2, k = 0; i < n / 2; k++)
        v[k] = j < n && v[j] < left[i] ? v[j++] : left[i++];
    free(left);
}

static void quick(int32_t *v, int n) {
    while (n > 16) {
        int32_t a = v[0], b = v[n / 2], c = v[n - 1];
        int32_t pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
        int i = 0, j = n - 1;
        for (;; i++, j--) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i >= j)
                break;
            int32_t t = v[i];
            v[i] = v[j], v[j] = t;
        }
        quick(v, i);
        v += i, n -= i;
    }
    insertion(v, n);
}

static void radix(int32_t *v, int n) {
    static uint32_t from[COUNT], to[COUNT];
    for (int i = 0; i < n; i++)
        from[i] = (uint32_t)v[i] ^ 0x80000000;
    for (int shift = 0; shift < 32; shift += 8) {
        int starts[257] = {0};
        for (int i = 0; i < n; i++)
            starts[(from[i] >> shift & 255) + 1]++;
        for (int i = 0; i < 256; i++)
            starts[i + 1] += starts[i];
        for (int i = 0; i < n; i++)
            to[starts[from[i] >> shift & 255]++] = from[i];
        memcpy(from, to, sizeof *from * (size_t)n);
    }
    for (int i = 0; i < n; i++)
        v[i] = (int32_t)(from[i] ^ 0x80000000);
}

static int ascending(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void library(int32_t *v, int n) { qsort(v, (size_t)n, sizeof *v, ascending); }

static const struct {
    const char *name;
    void (*sort)(int32_t *, int);
} ways[] = {{"insertion", insertion}, {"shell", shell}, {"heap", heap},    {"merge", merge},
            {"quick", quick},         {"radix", radix}, {"qsort", library}};

static void fill(int32_t *v, int kind) {
    for (int i = 0; i < COUNT; i++)
        switch (kind) {
        case 0: v[i] = (int32_t)random32(); break;
        case 1: v[i] = i * 3 - 2000; break;
        case 2: v[i] = (COUNT - i) * 5 - 7000; break;
        case 3: v[i] = (int32_t)(random32() % 10) - 5; break;
        case 4: v[i] = i % 2 ? INT32_MIN + i : INT32_MAX - i; break;
        }
}

struct person {
    char name[12];
    int age;
    double weight;
};

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct person *)a)->name, ((const struct person *)b)->name);
}

static int by_age_then_weight(const void *a, const void *b) {
    const struct person *x = a, *y = b;
    if (x->age != y->age)
        return x->age < y->age ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

int main(void) {
    static const char *const kinds[] = {"random", "rising", "falling", "few", "zigzag"};
    static int32_t original[COUNT], sorted[COUNT], first[COUNT];
    for (int kind = 0; kind < 5; kind++) {
        fill(original, kind);
        for (int way = 0; way < 7; way++) {
            memcpy(sorted, original, sizeof sorted);
            ways[way].sort(sorted, COUNT);
            if (way == 0) {
                memcpy(first, sorted, sizeof first);
                uint32_t hash = 0;
                for (int i = 0; i < COUNT; i++)
                    hash = hash * 31 + (uint32_t)sorted[i];
                printf("%-8s %11d %11d %11d  %08" PRIx32 " ", kinds[kind], sorted[0], sorted[COUNT / 2],
                       sorted[COUNT - 1], hash);
            }
            printf(" %s%s", ways[way].name, memcmp(first, sorted, sizeof first) ? " DIFFERS" : "");
        }
        putchar('\n');
    }

    int found = 0, missing = 0;
    fill(first, 1);
    for (int32_t key = -10; key < 3000; key++)
        *(bsearch(&key, first, COUNT, sizeof key, ascending) ? &found : &missing) += 1;
    printf("bsearch: %d found, %d missing\n", found, missing);

    struct person people[] = {{"Henry", 66, 71.5},   {"Ines", 30, 58}, {"Bartolomeu", 50, 80.25}, {"Vasco", 30, 77},
                              {"Zheng", 62, 90.125}, {"Abu", 30, 58},  {"Pedro", 52, 69},         {"Amerigo", 58, 70}};
    qsort(people, 8, sizeof *people, by_name);
    for (int i = 0; i < 8; i++)
        printf("%s%s", i ? " " : "", people[i].name);
    putchar('\n');
    qsort(people, 8, sizeof *people, by_age_then_weight);
    for (int i = 0; i < 8; i++)
        printf("%s%d/%g", i ? " " : "", people[i].age, people[i].weight);
    putchar('\n');

    const char *words[] = {"mole", "atlas", "zenith", "Mercator", "chart", "0", "", "chart house", "char", "azimuth"};
    for (int i = 1; i < 10; i++)
        for (int j = i; j && strcmp(words[j - 1], words[j]) > 0; j--) {
            const char *t = words[j];
            words[j] = words[j - 1], words[j - 1] = t;
        }
    for (int i = 0; i < 10; i++)
        printf("'%s' ", words[i]);
    putchar('\n');
    return 0;
}
