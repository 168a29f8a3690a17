/* What small processors do all day, in turns, the kinds of work that CoreMark chose: a linked list searched, reversed
 * and sorted, matrices of small integers, a state machine that reads numbers, and a CRC over all they find. Scale: how
 * often. */
#include "rt.h"

/* The CRC of CCITT, least significant bit first, a bit at a time. */
static uint16_t crc(uint16_t sum, uint32_t value, int bits) {
    for (; bits--; value >>= 1)
        sum = (uint16_t)(sum >> 1 ^ ((sum ^ value) & 1 ? 0x8408 : 0));
    return sum;
}

/* --- the list --- */

enum { NODES = 64 };

struct node {
    struct node *next;
    int16_t key, index;
};
static struct node nodes[NODES];

typedef int compare_fn(const struct node *, const struct node *);

static int by_key(const struct node *a, const struct node *b) {
    return a->key - b->key;
}

static int by_index(const struct node *a, const struct node *b) {
    return a->index - b->index;
}

static struct node *reverse(struct node *list) {
    struct node *done = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

/* The next of two sorted lists, or of the one that has any left. */
static struct node *take(struct node **a, struct node **b, compare_fn *compare) {
    struct node **from = !*b || (*a && compare(*a, *b) <= 0) ? a : b, *node = *from;
    *from = node->next;
    return node;
}

/* Cuts a list after so many nodes and returns the rest. */
static struct node *cut(struct node *list, int size) {
    while (list && --size)
        list = list->next;
    if (!list)
        return NULL;
    struct node *rest = list->next;
    list->next = NULL;
    return rest;
}

/* Merge sort from below: runs of 1, 2, 4, ... nodes become runs of twice that. */
static struct node *sort(struct node *list, compare_fn *compare) {
    for (int size = 1; size < NODES; size *= 2) {
        struct node *rest = list, **end = &list;
        while (rest) {
            struct node *left = rest, *right = cut(left, size);
            rest = cut(right, size);
            while (left || right) {
                *end = take(&left, &right, compare);
                end = &(*end)->next;
            }
        }
        *end = NULL;
    }
    return list;
}

static uint16_t lists(uint16_t sum, uint32_t seed) {
    for (int i = 0; i < NODES; i++) {
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
        nodes[i].key = (int16_t)(next_random(&seed) >> 20);
        nodes[i].index = (int16_t)i;
    }
    struct node *list = nodes;
    for (int i = 0; i < 16; i++) {
        int16_t key = (int16_t)(next_random(&seed) >> 20);
        int steps = 0;
        for (struct node *n = list; n && n->key < key; n = n->next)
            steps++;
        sum = crc(sum, (uint32_t)steps, 8);
        list = i % 4 == 3 ? sort(list, by_key) : reverse(list);
    }
    for (struct node *n = list; n; n = n->next)
        sum = crc(sum, (uint32_t)n->index, 8);
    list = sort(list, by_index);
    return crc(sum, (uint32_t)list->key, 16);
}

/* --- matrices --- */

enum { SIZE = 12 };
static int16_t a[SIZE][SIZE], b[SIZE][SIZE];
static int32_t c[SIZE][SIZE];

/* The sum of those that are larger than the one before; it starts anew when it grows too large. */
static int16_t ascents(void) {
    int32_t sum = 0, before = 0;
    int16_t found = 0;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; before = c[i][j++]) {
            sum += c[i][j] & 0xffff;
            if (sum > 1000000) {
                found = (int16_t)(found + 10);
                sum = 0;
            } else {
                found = (int16_t)(found + (c[i][j] > before));
            }
        }
    return found;
}

static uint16_t matrices(uint16_t sum, uint32_t seed) {
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            a[i][j] = (int16_t)(next_random(&seed) >> 18);
            b[i][j] = (int16_t)(next_random(&seed) >> 24);
        }

    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++)
            c[i][j] = a[i][j] * (int16_t)seed;
    sum = crc(sum, (uint32_t)ascents(), 16);

    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int32_t product = 0;
            for (int k = 0; k < SIZE; k++)
                product += a[i][k] * b[k][j];
            c[i][j] = product;
        }
    sum = crc(sum, (uint32_t)ascents(), 16);

    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int32_t product = 0;
            for (int k = 0; k < SIZE; k++) {
                int32_t p = a[i][k] * b[k][j];
                product += (p >> 2 & 15) * (p >> 5 & 127);
            }
            c[i][j] = product;
        }
    return crc(sum, (uint32_t)ascents(), 16);
}

/* --- the state machine --- */

enum state { START, SIGN, POINT, INTEGER, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

static const char numbers[] =
    "5012,1.25e3,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,"
    "T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^,0x1p5,1..2,7,,e5,-,.e1";

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

static enum state step(enum state state, char c) {
    switch (state) {
    case START:
        return is_digit(c) ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : INVALID;
    case SIGN:
        return is_digit(c) ? INTEGER : c == '.' ? POINT : INVALID;
    case POINT:
        return is_digit(c) ? FRACTION : INVALID;
    case INTEGER:
        if (c == '.')
            return FRACTION;
        /* fall through */
    case FRACTION:
        return is_digit(c) ? state : c == 'e' || c == 'E' ? EXPONENT : INVALID;
    case EXPONENT:
        return is_digit(c) ? SCIENTIFIC : c == '+' || c == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN:
    case SCIENTIFIC:
        return is_digit(c) ? SCIENTIFIC : INVALID;
    default:
        return INVALID;
    }
}

static uint16_t states(uint16_t sum, uint32_t seed) {
    static char text[sizeof numbers];
    memcpy(text, numbers, sizeof text);
    /* A sign here and there is spoilt, others every time. */
    for (size_t at = next_random(&seed) >> 28; at + 1 < sizeof text; at += 16)
        text[at] = (char)(text[at] ^ (seed >> 8 & 3));

    uint32_t ends[STATES] = {0}, passed[STATES] = {0};
    enum state state = START;
    for (const char *p = text; *p; p++)
        if (*p == ',') {
            ends[state]++;
            state = START;
        } else {
            enum state next = state == INVALID ? INVALID : step(state, *p);
            passed[next] += next != state;
            state = next;
        }
    ends[state]++;
    for (int i = 0; i < STATES; i++)
        sum = crc(crc(sum, ends[i], 8), passed[i], 8);
    return sum;
}

int main(int argc, char **argv) {
    uint32_t rounds = scale(argc, argv, 10, 10000000);
    uint16_t list = 0xffff, matrix = 0xffff, state = 0xffff;
    for (uint32_t n = 1; n <= rounds; n++) {
        uint32_t seed = n * 0x9e3779b1 | 1;
        list = lists(list, seed);
        matrix = matrices(matrix, seed);
        state = states(state, seed);
    }
    print_dec(rounds);
    print(" rounds: list ");
    print_hex(list, 4);
    print(", matrix ");
    print_hex(matrix, 4);
    print(", state ");
    print_hex(state, 4);
    print("\n");
    return 0;
}
