/* Litmus tests of the memory order of x86 (Volume 3, "Memory Ordering"): several threads, what each loads, and what
 * must never come together. Loads and stores are spelled in assembly, so that only who runs them may reorder them.
 *
 * A round is an array of places. Threads go through it at the same time and keep what they load; then it is looked
 * at. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 512
#define ROUNDS 60

/* Each word has a cache line of its own. */
static struct place {
    _Alignas(64) uint64_t x;
    _Alignas(64) uint64_t y;
} places[PLACES];

/* What thread t loaded at each place. */
static struct loaded {
    uint64_t a, b, c;
} loaded[4][PLACES];

typedef void step(struct place *p, struct loaded *l);

#define STEP(name, ...) \
    static __attribute__((noinline)) void name(struct place *p, struct loaded *l) { \
        uint64_t a = 0, b = 0, c = 0; \
        __asm__ volatile(__VA_ARGS__ \
                         : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c) \
                         : [x] "r"(&p->x), [y] "r"(&p->y), [one] "r"(1L), [two] "r"(2L) \
                         : "memory", "cc", "rax"); \
        l->a = a, l->b = b, l->c = c; \
    }

STEP(store_x_y, "mov %[one], (%[x]); mov %[one], (%[y])")
STEP(store_y_x, "mov %[two], (%[y]); mov %[two], (%[x])")
STEP(store_x_y_in_turn, "mov %[one], (%[x]); mov %[one], (%[y]); mov %[two], (%[x])")
STEP(store_x, "mov %[one], (%[x])")
STEP(store_y, "mov %[one], (%[y])")
STEP(store_twice, "mov %[one], (%[x]); mov %[two], (%[x])")
STEP(load_y_x, "mov (%[y]), %[b]; mov (%[x]), %[a]")
STEP(load_x_y, "mov (%[x]), %[a]; mov (%[y]), %[b]")
STEP(load_x_x, "mov (%[x]), %[a]; mov (%[x]), %[b]")
/* As readers of a sequence lock do. */
STEP(load_x_y_x, "mov (%[x]), %[c]; mov (%[y]), %[b]; mov (%[x]), %[a]")
STEP(load_y_x_y, "mov (%[y]), %[c]; mov (%[x]), %[a]; mov (%[y]), %[b]")
STEP(load_x_store_y, "mov (%[x]), %[a]; mov %[one], (%[y])")
STEP(load_y_store_x, "mov (%[y]), %[b]; mov %[one], (%[x])")
STEP(load_x_y_restore_x, "mov (%[x]), %[a]; mov (%[y]), %[b]; mov %[a], (%[x])")
STEP(store_x_fence_load_y, "mov %[one], (%[x]); mfence; mov (%[y]), %[b]")
STEP(store_y_locked_load_x, "mov %[one], (%[y]); lock addq $0, (%%rsp); mov (%[x]), %[a]")
STEP(store_x_then_load_y, "mov %[one], (%[x]); mov (%[y]), %[b]")
STEP(store_y_then_load_x, "mov %[one], (%[y]); mov (%[x]), %[a]")
STEP(exchange_x_load_y, "mov %[one], %%rax; xchg %%rax, (%[x]); mov (%[y]), %[b]")
STEP(store_x_load_x_y, "mov %[one], (%[x]); mov (%[x]), %[a]; mov (%[y]), %[b]")

static int first(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return l[1]->b && !l[1]->a;
}
static int repeated(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return l[1]->a && !l[1]->b;
}
static int reader(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    /* Where y is seen, x is; and it never goes back. */
    return (l[1]->b && !l[1]->a) || (l[1]->c && !l[1]->a);
}
static int other_reader(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return (l[1]->c && !l[1]->a) || (l[1]->c && !l[1]->b);
}
static int buffering(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return l[0]->a && l[1]->b;
}
static int two_writes(const struct place *p, const struct loaded *l[4]) {
    (void)l;
    return p->x == 1 && p->y == 2;
}
static int restored(const struct place *p, const struct loaded *l[4]) {
    return l[1]->b == 1 && l[1]->a == 0 && p->x == 1;
}
static int both_miss(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return !l[0]->b && !l[1]->a;
}
static int independent(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return l[2]->a && !l[2]->b && l[3]->b && !l[3]->a;
}
static int goes_back(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return l[1]->a > l[1]->b;
}
static int own(const struct place *p, const struct loaded *l[4]) {
    (void)p;
    return !l[0]->a;
}

static const struct test {
    const char *name;
    step *steps[4];
    int (*forbidden)(const struct place *, const struct loaded *[4]);
} tests[] = {
    {"MP: stores are seen in their order", {store_x_y, load_y_x}, first},
    {"MP, x read before", {store_x_y, load_x_y_x}, reader},
    {"MP, y read again", {store_x_y, load_y_x_y}, other_reader},
    {"stores to one place around another", {store_x_y_in_turn, load_y_x_y}, other_reader},
    {"CoRR: loads of one place", {store_x, load_x_x}, repeated},
    {"CoRR of two stores", {store_twice, load_x_x}, goes_back},
    {"LB: no load takes what comes later", {load_x_store_y, load_y_store_x}, buffering},
    {"2+2W", {store_x_y, store_y_x}, two_writes},
    {"a store of what was loaded", {store_x_y, load_x_y_restore_x}, restored},
    {"SB with fences", {store_x_fence_load_y, store_y_locked_load_x}, both_miss},
    {"SB with an exchange", {exchange_x_load_y, store_y_locked_load_x}, both_miss},
    {"own stores are seen", {store_x_load_x_y, store_y_x}, own},
    {"IRIW: all see one order", {store_x, store_y, load_x_y, load_y_x}, independent},
};

static const struct test *running;
static int threads, found;

/* Waits for all threads by spinning, so that they go on at the same time. */
static void meet(void) {
    static atomic_int arrived;
    int round = atomic_fetch_add(&arrived, 1) / threads;
    for (int spins = 0; atomic_load(&arrived) / threads == round; spins++)
        if (spins > 2000)
            sched_yield();
}

static void *run(void *argument) {
    intptr_t t = (intptr_t)argument;
    step *step = running->steps[t];
    for (int round = 0; round < ROUNDS; round++) {
        if (t == 0) {
            memset(places, 0, sizeof places);
            memset(loaded, 0, sizeof loaded);
        }
        meet();
        for (int i = 0; i < PLACES; i++)
            step(&places[i], &loaded[t][i]);
        meet();
        for (int i = 0; t == 0 && i < PLACES; i++) {
            const struct loaded *l[4] = {&loaded[0][i], &loaded[1][i], &loaded[2][i], &loaded[3][i]};
            found += running->forbidden(&places[i], l) != 0;
        }
        meet();
    }
    return NULL;
}

static int count(const struct test *test) {
    pthread_t ids[4];
    running = test;
    threads = test->steps[2] ? 4 : 2;
    found = 0;
    for (intptr_t t = 0; t < threads; t++)
        if (pthread_create(&ids[t], NULL, run, (void *)t))
            exit(1);
    for (int t = 0; t < threads; t++)
        pthread_join(ids[t], NULL);
    return found;
}

/* Two words that only change together, by cmpxchg16b. */
volatile struct {
    _Alignas(16) uint64_t low;
    uint64_t high;
} pair;
#define CHANGES 20000

static void *change(void *argument) {
    uint64_t torn = 0;
    (void)argument;
    for (int i = 0; i < CHANGES; i++) {
        uint64_t low = pair.low, high = pair.high;
        unsigned char done;
        do {
            uint64_t next = low + 1;
            __asm__ volatile("lock cmpxchg16b %[pair]; sete %[done]"
                             : [pair] "+m"(pair), "+a"(low), "+d"(high), [done] "=q"(done)
                             : "b"(next), "c"(~next * 3)
                             : "memory", "cc");
            /* What it tells when it fails is one state, too. */
            torn += !done && low && high != ~low * 3;
        } while (!done);
    }
    return (void *)torn;
}

/* What may happen, and does where threads run at the same time. */
static const struct test allowed = {"SB", {store_x_then_load_y, store_y_then_load_x}, both_miss};

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        printf("%s: %d of %d\n", allowed.name, count(&allowed), PLACES * ROUNDS);
    for (unsigned i = 0; i < sizeof tests / sizeof *tests; i++)
        printf("%s: %d\n", tests[i].name, count(&tests[i]));
    pthread_t ids[3];
    uint64_t torn = 0;
    for (int t = 0; t < 3; t++)
        if (pthread_create(&ids[t], NULL, change, NULL))
            return 1;
    for (int t = 0; t < 3; t++) {
        void *result;
        pthread_join(ids[t], &result);
        torn += (uint64_t)result;
    }
    printf("cmpxchg16b: %lu, together %d, torn %lu\n", pair.low, (pair.high == ~pair.low * 3), torn);
    return 0;
}
