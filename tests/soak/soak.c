/* soak ROUNDS SECONDS: rounds of processes, threads, signals and mappings, at least so many and for at least so long.
 * What each round counts must be right; what the process has (memory, descriptors, threads) must not grow. Under an
 * emulator /proc/self is about the emulator.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "round %d, line %d: not %s (errno %d)\n", round_number, __LINE__, #condition, errno);      \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

static int round_number;

/* 300 processes at the same time, each of which answers and waits for the end. */
static void storm(void) {
    enum { PROCESSES = 300 };
    int gate[2], answers[2];
    CHECK(!pipe(gate) && !pipe(answers));
    pid_t children[PROCESSES];
    for (int n = 0; n < PROCESSES; n++) {
        CHECK((children[n] = fork()) >= 0);
        if (children[n] == 0) {
            close(gate[1]);
            char byte;
            CHECK(write(answers[1], &n, sizeof n) == sizeof n);
            CHECK(read(gate[0], &byte, 1) == 0);
            _exit(n % 251);
        }
    }
    long sum = 0;
    for (int n = 0, answer; n < PROCESSES; n++) {
        CHECK(read(answers[0], &answer, sizeof answer) == sizeof answer);
        sum += answer;
    }
    CHECK(sum == (long)PROCESSES * (PROCESSES - 1) / 2);
    close(gate[0]), close(gate[1]), close(answers[0]), close(answers[1]);
    for (int n = 0; n < PROCESSES; n++) {
        int status;
        CHECK(waitpid(children[n], &status, 0) == children[n] && WIFEXITED(status) && WEXITSTATUS(status) == n % 251);
    }
}

enum { THREADS = 64, TIMES = 2000 };
static atomic_ulong sum, product_of_ones, swapped;
static atomic_uint bits, largest;
static atomic_ushort small;
static atomic_uchar tiny[8];
static unsigned long guarded;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;

static void *mix(void *argument) {
    unsigned long number = (unsigned long)argument;
    pthread_barrier_wait(&barrier);
    for (unsigned i = 0; i < TIMES; i++) {
        atomic_fetch_add(&sum, number);
        atomic_fetch_sub(&product_of_ones, 1);
        atomic_fetch_xor(&bits, 1u << (number + i) % 32);
        atomic_fetch_add(&small, 3);
        atomic_fetch_add(&tiny[number % 8], 1);
        unsigned seen = atomic_load(&largest);
        while (seen < number * TIMES + i && !atomic_compare_exchange_weak(&largest, &seen, number * TIMES + i))
            ;
        number ^= atomic_exchange(&swapped, number) ^ number; /* all numbers stay among the threads and this place */
        if (i % 16 == 0) {
            pthread_mutex_lock(&mutex);
            guarded++;
            pthread_mutex_unlock(&mutex);
        }
    }
    return (void *)number;
}

static void atomics(void) {
    pthread_t threads[THREADS];
    sum = product_of_ones = guarded = bits = largest = small = swapped = 0;
    memset((void *)tiny, 0, sizeof tiny);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (unsigned long n = 0; n < THREADS; n++)
        CHECK(!pthread_create(&threads[n], NULL, mix, (void *)(n + 1)));
    unsigned long left = swapped, all = 0;
    for (int n = 0; n < THREADS; n++) {
        void *number;
        CHECK(!pthread_join(threads[n], &number));
        all += (unsigned long)number;
    }
    left = swapped;
    CHECK(all + left == (unsigned long)THREADS * (THREADS + 1) / 2);
    CHECK(product_of_ones == -(unsigned long)THREADS * TIMES);
    CHECK(guarded == THREADS * TIMES / 16 && small == (unsigned short)(3 * THREADS * TIMES));
    CHECK(largest < (THREADS + 1) * TIMES);
    pthread_barrier_destroy(&barrier);
}

static atomic_int handled, values;
static __thread int depth;
static void handle(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    depth++;
    atomic_fetch_add(&handled, 1);
    atomic_fetch_add(&values, info->si_value.sival_int);
    depth--;
}

static atomic_int stop;
static void *work(void *argument) {
    volatile unsigned long number = 1;
    while (!stop) {
        for (int i = 0; i < 1000; i++)
            number = number * 6364136223846793005u + 1442695040888963407u;
        if (argument)
            sched_yield();
    }
    return NULL;
}

/* 10,000 queued signals, to the process and to its threads, while those compute and make calls. */
static void signals(void) {
    enum { SIGNALS = 10000, WORKERS = 4 };
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART};
    CHECK(!sigaction(SIGRTMIN + 1, &action, NULL));
    handled = values = stop = 0;
    pthread_t workers[WORKERS];
    for (long n = 0; n < WORKERS; n++)
        CHECK(!pthread_create(&workers[n], NULL, work, (void *)(n & 1)));
    for (int n = 0; n < SIGNALS; n++) {
        union sigval value = {.sival_int = n % 7};
        int failed;
        do
            failed = n % 2 ? pthread_sigqueue(workers[n % WORKERS], SIGRTMIN + 1, value)
                           : sigqueue(getpid(), SIGRTMIN + 1, value) ? errno : 0;
        while (failed == EAGAIN);
        CHECK(!failed);
    }
    for (int waited = 0; handled < SIGNALS; waited++) {
        struct timespec moment = {0, 1000000};
        nanosleep(&moment, NULL);
        CHECK(waited < 60000);
    }
    stop = 1;
    for (int n = 0; n < WORKERS; n++)
        CHECK(!pthread_join(workers[n], NULL));
    int expected = 0;
    for (int n = 0; n < SIGNALS; n++)
        expected += n % 7;
    CHECK(handled == SIGNALS && values == expected && depth == 0);
}

static void *come_and_go(void *argument) {
    void *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    memset(memory, 1, 1 << 20);
    CHECK(!munmap(memory, 1 << 20));
    free(malloc(100000));
    return argument;
}

static void fork_with_threads(void) {
    stop = 0;
    pthread_t worker;
    CHECK(!pthread_create(&worker, NULL, work, NULL));
    for (int n = 0; n < 20; n++) {
        pid_t child = fork();
        if (child == 0) {
            pthread_t thread;
            CHECK(!pthread_create(&thread, NULL, come_and_go, NULL));
            CHECK(!pthread_join(thread, NULL));
            exit(n);
        }
        int status;
        CHECK(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == n);
    }
    stop = 1;
    CHECK(!pthread_join(worker, NULL));
}

static void threads_and_programs(const char *self) {
    for (int n = 0; n < 200; n++) {
        pthread_t thread;
        CHECK(!pthread_create(&thread, NULL, come_and_go, NULL));
        CHECK(!pthread_join(thread, NULL));
    }
    extern char **environ;
    for (int n = 0; n < 5; n++) {
        char *arguments[] = {(char *)self, "0", "0", NULL};
        pid_t child;
        int status;
        CHECK(!posix_spawn(&child, self, NULL, NULL, arguments, environ));
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
}

struct has {
    long kilobytes, descriptors, threads;
};

static long entries(const char *path) {
    DIR *directory = opendir(path);
    long number = 0;
    CHECK(directory);
    while (readdir(directory))
        number++;
    closedir(directory);
    return number - 2;
}

static struct has has(void) {
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%ld %ld", &pages, &resident) == 2);
    fclose(file);
    return (struct has){resident * (sysconf(_SC_PAGESIZE) / 1024), entries("/proc/self/fd") - 1,
                        entries("/proc/self/task")};
}

int main(int count, char **arguments) {
    int rounds = count > 1 ? atoi(arguments[1]) : 1, seconds = count > 2 ? atoi(arguments[2]) : 0;
    struct has first = {0}, now = {0};
    time_t end = time(NULL) + seconds;
    for (round_number = 1; round_number <= rounds || time(NULL) < end; round_number++) {
        storm();
        atomics();
        signals();
        fork_with_threads();
        threads_and_programs(arguments[0]);
        now = has();
        /* The first rounds warm up allocators and caches. */
        if (round_number <= 2)
            first = now;
        if (seconds)
            fprintf(stderr, "round %d: %ld KB, %ld descriptors, %ld threads\n", round_number, now.kilobytes,
                    now.descriptors, now.threads);
        /* What 64 threads had may stay with the allocator, half a megabyte each, or not. */
        CHECK(now.kilobytes < first.kilobytes + (32 << 10));
        CHECK(now.descriptors == first.descriptors);
        CHECK(now.threads == 1);
    }
    return 0;
}
