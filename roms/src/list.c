/* A linked list of four MB in no order of memory: every load waits for the one before it. Scale: how often it is
 * walked. */
#include "rt.h"

enum { NODES = 1 << 16, LINE = 64 };

/* A cache line each, whatever the size of a pointer. */
static struct node {
    struct node *next;
    uint32_t value;
} __attribute__((aligned(LINE))) nodes[NODES];

/* One ring through all of them: a random permutation with one cycle, by Sattolo's algorithm. */
static void link_nodes(void) {
    static uint32_t order[NODES];
    uint32_t state = 1516;
    for (uint32_t i = 0; i < NODES; i++)
        order[i] = i;
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t j = (uint32_t)((uint64_t)next_random(&state) * i >> 32), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (uint32_t i = 0; i < NODES; i++) {
        nodes[i].next = &nodes[order[i]];
        nodes[i].value = next_random(&state);
    }
}

int main(int argc, char **argv) {
    uint32_t rounds = scale(argc, argv, 1, 100000), order = 0, larger = 0, steps = 0;
    link_nodes();
    for (uint32_t n = rounds; n--;) {
        const struct node *node = nodes;
        do {
            const struct node *next = node->next;
            order = order * 31 + node->value; /* tells every position */
            larger += next->value > node->value;
            steps++;
            node = next;
        } while (node != nodes);
    }
    print_dec(steps);
    print(" steps, ");
    print_dec(larger);
    print(" of them to a larger number, sum ");
    print_hex(order, 8);
    print("\n");
    return 0;
}
