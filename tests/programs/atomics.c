/* <stdatomic.h> in one thread: every width and operation, every memory order, and locks and lists built of them. What
 * they do among threads is another test's matter: here each must do what the plain operation does, and return what was.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

static uint64_t hash;

static void mix(uint64_t value) {
    hash = (hash ^ value) * 0x100000001b3;
    hash ^= hash >> 29;
}

/* The order is a constant in each use: every one has instructions of its own. */
#define WITH(T, order)                                                                                                 \
    mix((uint64_t)atomic_fetch_add_explicit(p, (T)(0x0123456789abcdef >> i), order));                                  \
    mix((uint64_t)atomic_fetch_sub_explicit(p, (T)(0x1111111111111111u * i), order));                                  \
    mix((uint64_t)atomic_fetch_xor_explicit(p, (T)(0xa5a5a5a5a5a5a5a5 >> i), order));                                  \
    mix((uint64_t)atomic_fetch_or_explicit(p, (T)(1ull << i * 5 % (8 * sizeof(T))), order));                           \
    mix((uint64_t)atomic_fetch_and_explicit(p, (T) ~(1ull << i * 3 % (8 * sizeof(T))), order));                        \
    mix((uint64_t)atomic_exchange_explicit(p, (T)(i * 0x9e3779b97f4a7c15), order))

/* The neighbours tell whether a narrow operation, made of wide ones on many ISAs, leaves them alone. */
#define TEST(T)                                                                                                        \
    __attribute__((noinline)) static void test_##T(void) {                                                             \
        struct {                                                                                                       \
            T before;                                                                                                  \
            _Atomic T v;                                                                                               \
            T after;                                                                                                   \
        } place = {(T)0x5a, 0, (T)0x7e};                                                                               \
        _Atomic T *p = &place.v;                                                                                       \
        hash = 1;                                                                                                      \
        for (unsigned i = 0; i < 60; i++) {                                                                            \
            WITH(T, memory_order_relaxed);                                                                             \
            WITH(T, memory_order_acquire);                                                                             \
            WITH(T, memory_order_release);                                                                             \
            WITH(T, memory_order_acq_rel);                                                                             \
            WITH(T, memory_order_seq_cst);                                                                             \
            T seen = atomic_load_explicit(p, memory_order_acquire);                                                    \
            mix(atomic_compare_exchange_strong(p, &seen, (T)((uint64_t)seen + 1)));                                    \
            mix(atomic_compare_exchange_strong_explicit(p, &seen, 99, memory_order_release, memory_order_relaxed));    \
            mix((uint64_t)seen);                                                                                       \
            while (!atomic_compare_exchange_weak_explicit(p, &seen, (T)((uint64_t)seen * 3), memory_order_acq_rel,     \
                                                          memory_order_acquire))                                       \
                ;                                                                                                      \
            mix((uint64_t)seen), mix((uint64_t)atomic_load(p));                                                        \
            atomic_store_explicit(p, (T)(seen ^ (T)i), memory_order_release);                                          \
            atomic_thread_fence(memory_order_seq_cst);                                                                 \
        }                                                                                                              \
        printf("%-8s %016" PRIx64 " neighbours %s\n", #T, hash,                                                        \
               place.before == (T)0x5a && place.after == (T)0x7e ? "kept" : "OVERWRITTEN");                            \
    }

TEST(uint8_t)
TEST(uint16_t)
TEST(uint32_t)
TEST(uint64_t)
TEST(int8_t)
TEST(int16_t)
TEST(int32_t)
TEST(int64_t)

/* A stack without locks, of indices with a generation, so that a node that came back is not taken for what it was. */
struct node {
    uint32_t next, value;
};
static struct node nodes[64];
static _Atomic uint64_t top; /* generation << 32 | index + 1 */

static void push(uint32_t index) {
    uint64_t old = atomic_load(&top), new;
    do {
        nodes[index].next = (uint32_t)old;
        new = ((old >> 32) + 1) << 32 | (index + 1);
    } while (!atomic_compare_exchange_weak(&top, &old, new));
}

static int pop(void) {
    uint64_t old = atomic_load(&top), new;
    do {
        if (!(uint32_t)old)
            return -1;
        new = ((old >> 32) + 1) << 32 | nodes[(uint32_t)old - 1].next;
    } while (!atomic_compare_exchange_weak(&top, &old, new));
    return (int)(uint32_t)old - 1;
}

static atomic_flag spin = ATOMIC_FLAG_INIT;
static atomic_uint next_ticket, now_serving;
static unsigned guarded;

static void locked(unsigned n) {
    while (atomic_flag_test_and_set_explicit(&spin, memory_order_acquire))
        ;
    guarded += n;
    atomic_flag_clear_explicit(&spin, memory_order_release);

    unsigned mine = atomic_fetch_add(&next_ticket, 1);
    while (atomic_load_explicit(&now_serving, memory_order_acquire) != mine)
        ;
    guarded = guarded * 3 ^ mine;
    atomic_fetch_add_explicit(&now_serving, 1, memory_order_release);
}

static _Atomic double sum;
static _Atomic(const char *) name = "nobody";
static atomic_bool ready;
struct small {
    uint16_t a, b;
};
static _Atomic struct small both;

int main(void) {
    test_uint8_t(), test_uint16_t(), test_uint32_t(), test_uint64_t();
    test_int8_t(), test_int16_t(), test_int32_t(), test_int64_t();

    uint64_t order = 0;
    for (uint32_t round = 0; round < 20; round++) {
        for (uint32_t i = 0; i < 64; i++)
            nodes[i].value = i * round, push(i);
        for (int i, n = 0; n < 64 && (i = pop()) >= 0; n++) {
            order = order * 31 + nodes[i].value;
            if (n == 20)
                push((uint32_t)i);
        }
        while (pop() >= 0)
            ;
    }
    printf("stack %016" PRIx64 ", generation %u, empty %s\n", order, (unsigned)(atomic_load(&top) >> 32),
           pop() < 0 ? "yes" : "no");

    for (unsigned i = 0; i < 1000; i++)
        locked(i);
    printf("guarded %u, tickets %u %u\n", guarded, atomic_load(&next_ticket), atomic_load(&now_serving));

    for (int i = 1; i <= 100; i++)
        sum += 1.0 / i; /* a loop of compare and exchange */
    const char *was = atomic_exchange(&name, "somebody");
    bool before = atomic_exchange(&ready, true);
    for (int i = 0; i < 10; i++) {
        struct small s = atomic_load(&both), t;
        do
            t = (struct small){(uint16_t)(s.a + 1), (uint16_t)(s.b + s.a)};
        while (!atomic_compare_exchange_strong(&both, &s, t));
    }
    struct small s = atomic_load(&both);
    printf("sum %.15f, %s then %s, %d then %d, %u %u\n", atomic_load(&sum), was, atomic_load(&name), before,
           atomic_load(&ready), s.a, s.b);

    _Atomic(int *) cursor;
    int array[10] = {0};
    atomic_init(&cursor, array);
    for (int i = 0; i < 10; i++) {
        int *at = atomic_load(&cursor);
        while (!atomic_compare_exchange_weak(&cursor, &at, at + 1))
            ;
        *at = i * i;
    }
    printf("cursor at %td, last %d\n", atomic_load(&cursor) - array, array[9]);

    int plain = 5; /* the older built-ins */
    int a = __sync_fetch_and_add(&plain, 3), b = __sync_bool_compare_and_swap(&plain, 8, 10);
    int c = __sync_val_compare_and_swap(&plain, 8, 11), d = __atomic_nand_fetch(&plain, 6, __ATOMIC_SEQ_CST);
    __sync_synchronize();
    printf("%d %d %d %d %d\n", a, b, c, d, __sync_lock_test_and_set(&plain, 1));

    printf("lock-free: %d %d %d %d\n", ATOMIC_CHAR_LOCK_FREE > 0, atomic_is_lock_free(&next_ticket),
           atomic_is_lock_free(&top) || sizeof top > sizeof(void *), atomic_is_lock_free(&cursor));
    return 0;
}
