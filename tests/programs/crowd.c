/* Sixty-four threads that change the same few words atomically, in every way there is; nothing may get lost.
 * The argument is how often, two hundred changes each time. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 64
#define WORDS 8
#define BYTES 16

static _Atomic uint32_t sums[WORDS], bits[WORDS], highest, lock;
static _Atomic uint8_t bytes[BYTES];
static uint32_t guarded;

/* What each thread knows that it did. */
static struct own {
    uint32_t added[WORDS], flipped[WORDS], highest, locked;
    uint8_t bytes[BYTES];
} own[THREADS];

static int rounds = 20;

static void change(struct own *me, uint32_t dice) {
    uint32_t word = dice >> 8 & 7, byte = dice >> 12 & 15, old, free;
    switch (dice & 7) {
    case 0:
        atomic_fetch_add(&sums[word], dice);
        me->added[word] += dice;
        break;
    case 1:
        atomic_fetch_sub(&sums[word], dice);
        me->added[word] -= dice;
        break;
    case 2:
        atomic_fetch_xor(&bits[word], dice);
        me->flipped[word] ^= dice;
        break;
    case 3:
        old = atomic_load(&sums[word]);
        while (!atomic_compare_exchange_weak(&sums[word], &old, old + 7))
            ;
        me->added[word] += 7;
        break;
    case 4:
        for (int tries = 1; free = 0, !atomic_compare_exchange_strong(&lock, &free, 1); tries++)
            if (tries % 50 == 0)
                sched_yield();
        guarded++;
        me->locked++;
        atomic_store(&lock, 0);
        break;
    case 5:
        atomic_fetch_add(&bytes[byte], 3);
        me->bytes[byte] += 3;
        break;
    case 6:
        old = atomic_load(&highest);
        while (old < dice && !atomic_compare_exchange_weak(&highest, &old, dice))
            ;
        if (me->highest < dice)
            me->highest = dice;
        break;
    case 7:
        old = atomic_exchange(&bits[word], 0);
        atomic_fetch_xor(&bits[word], old);
        break;
    }
}

static void *run(void *argument) {
    struct own *me = argument;
    uint32_t dice = (uint32_t)(me - own) * 2654435761u + 1;
    for (int i = 0; i < rounds * 200; i++) {
        dice ^= dice << 13;
        dice ^= dice >> 17;
        dice ^= dice << 5;
        change(me, dice);
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    if (argc > 1)
        rounds = atoi(argv[1]);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, &own[i])) {
            puts("no thread");
            return 1;
        }
    struct own all = {0};
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        for (int k = 0; k < WORDS; k++) {
            all.added[k] += own[i].added[k];
            all.flipped[k] ^= own[i].flipped[k];
        }
        for (int k = 0; k < BYTES; k++)
            all.bytes[k] += own[i].bytes[k];
        all.locked += own[i].locked;
        if (all.highest < own[i].highest)
            all.highest = own[i].highest;
    }
    for (int k = 0; k < WORDS; k++)
        printf("%08x%s %08x%s\n", (unsigned)sums[k], sums[k] == all.added[k] ? "" : " wrong",
               (unsigned)bits[k], bits[k] == all.flipped[k] ? "" : " wrong");
    for (int k = 0; k < BYTES; k++)
        printf("%02x%s\n", bytes[k], bytes[k] == all.bytes[k] ? "" : " wrong");
    printf("%u times locked%s, highest %08x%s\n", (unsigned)guarded, guarded == all.locked ? "" : ": wrong",
           (unsigned)highest, highest == all.highest ? "" : ": wrong");
    return 0;
}
