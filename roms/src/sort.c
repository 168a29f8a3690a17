/* A qsort() of our own: comparisons through a function pointer, swaps byte by byte, recursion. Scale: how many. */
#include "rt.h"

enum { MOST = 1 << 20 };
static uint32_t numbers[MOST];

typedef int compare_fn(const void *, const void *);

static void swap(char *a, char *b, size_t size) {
    for (; size--; a++, b++) {
        char t = *a;
        *a = *b;
        *b = t;
    }
}

static void quicksort(char *base, size_t count, size_t size, compare_fn *compare) {
    while (count > 1) {
        swap(base, base + count / 2 * size, size); /* a middle pivot: sorted input is not the worst case */
        char *wall = base;
        for (char *p = base + size; p < base + count * size; p += size)
            if (compare(p, base) < 0)
                swap(wall += size, p, size);
        swap(base, wall, size);

        /* Recurse into the smaller part, loop on the larger: the stack stays logarithmic. */
        size_t left = (size_t)(wall - base) / size, right = count - left - 1;
        if (left < right) {
            quicksort(base, left, size, compare);
            base = wall + size;
            count = right;
        } else {
            quicksort(wall + size, right, size, compare);
            count = left;
        }
    }
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int descending(const void *a, const void *b) {
    return ascending(b, a);
}

/* First, middle and last tell the order; the weighted sum tells every position. */
static void report(const char *what, uint32_t count) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += numbers[i] * (2 * i + 1);
    print(what);
    print_hex(numbers[0], 8);
    print(" .. ");
    print_hex(numbers[count / 2], 8);
    print(" .. ");
    print_hex(numbers[count - 1], 8);
    print("  sum ");
    print_hex(sum, 8);
    print("\n");
}

int main(int argc, char **argv) {
    uint32_t count = scale(argc, argv, 1000, MOST), state = 1502;
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = next_random(&state);
    report("as they came ", count);
    quicksort((char *)numbers, count, sizeof *numbers, ascending);
    report("ascending    ", count);
    quicksort((char *)numbers, count, sizeof *numbers, descending);
    report("descending   ", count);
    return 0;
}
