/* Threads: mutexes, condition variables, barriers, cancellation, their own data, signals to one of them, what happens
 * to them at fork and exec, and how a process ends that has several.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY 64

static void milliseconds(long number) {
    struct timespec time = {number / 1000, number % 1000 * 1000000};
    while (nanosleep(&time, &time) && errno == EINTR)
        ;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counter;
static atomic_long total;
static atomic_int bits;
static _Atomic unsigned char small;
static pthread_barrier_t barrier;

static void *hammer(void *argument) {
    long number = (long)argument;
    pthread_barrier_wait(&barrier);
    for (int round = 0; round < 500; round++) {
        atomic_fetch_add(&total, number);
        atomic_fetch_xor(&bits, 1 << number % 31);
        atomic_fetch_add(&small, 1);
        long seen = atomic_load(&total);
        while (!atomic_compare_exchange_weak(&total, &seen, seen + 1))
            ;
        pthread_mutex_lock(&mutex);
        counter += 3;
        pthread_mutex_unlock(&mutex);
    }
    return (void *)(number * number);
}

static void hammering(void) {
    pthread_t threads[MANY];
    long squares = 0;
    pthread_barrier_init(&barrier, NULL, MANY);
    for (long number = 0; number < MANY; number++)
        if (pthread_create(&threads[number], NULL, hammer, (void *)number))
            printf("no thread %ld\n", number);
    for (int number = 0; number < MANY; number++) {
        void *result;
        pthread_join(threads[number], &result);
        squares += (long)result;
    }
    printf("64 threads: counter %ld, total %ld, bits %d, small %d, squares %ld\n", counter, atomic_load(&total),
           atomic_load(&bits), atomic_load(&small), squares);
}

/* A queue of one place between producers and consumers. */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int place, full, sum, taken;

static void *produce(void *argument) {
    for (int number = 1; number <= 200; number++) {
        pthread_mutex_lock(&mutex);
        while (full)
            pthread_cond_wait(&changed, &mutex);
        place = number, full = 1;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
    }
    return argument;
}

static void *consume(void *argument) {
    for (int number = 1; number <= 200; number++) {
        pthread_mutex_lock(&mutex);
        while (!full)
            pthread_cond_wait(&changed, &mutex);
        sum += place, taken++, full = 0;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
    }
    return argument;
}

static void conditions(void) {
    pthread_t threads[6];
    for (int index = 0; index < 6; index++)
        pthread_create(&threads[index], NULL, index % 2 ? consume : produce, NULL);
    for (int index = 0; index < 6; index++)
        pthread_join(threads[index], NULL);
    printf("queue: %d taken, sum %d\n", taken, sum);

    struct timespec soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 20000000;
    if (soon.tv_nsec >= 1000000000)
        soon.tv_sec++, soon.tv_nsec -= 1000000000;
    pthread_mutex_lock(&mutex);
    printf("nobody signals: %s\n", strerrorname_np(pthread_cond_timedwait(&changed, &mutex, &soon)));
    pthread_mutex_unlock(&mutex);
}

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int left, right, torn, readers_most;
static atomic_int readers;

static void *read_or_write(void *argument) {
    for (int round = 0; round < 200; round++) {
        if ((round + (long)argument) % 4) {
            pthread_rwlock_rdlock(&lock);
            torn += left != right;
            pthread_rwlock_unlock(&lock);
        } else {
            pthread_rwlock_wrlock(&lock);
            left++, right++;
            pthread_rwlock_unlock(&lock);
        }
    }
    return NULL;
}

static void *read_together(void *argument) {
    pthread_rwlock_rdlock(&lock);
    int now = atomic_fetch_add(&readers, 1) + 1;
    pthread_barrier_wait(argument);
    if (now > readers_most && now == 4)
        readers_most = now;
    pthread_rwlock_unlock(&lock);
    return NULL;
}

static void readers_and_writers(void) {
    pthread_t threads[8];
    for (long index = 0; index < 8; index++)
        pthread_create(&threads[index], NULL, read_or_write, (void *)index);
    for (int index = 0; index < 8; index++)
        pthread_join(threads[index], NULL);
    printf("read and written: %d, torn %d\n", left, torn);

    pthread_barrier_t all;
    pthread_barrier_init(&all, NULL, 4);
    for (int index = 0; index < 4; index++)
        pthread_create(&threads[index], NULL, read_together, &all);
    for (int index = 0; index < 4; index++)
        pthread_join(threads[index], NULL);
    printf("readers at once: %d\n", readers_most);
}

static __thread int own = 7;
static pthread_key_t key;
static atomic_int destroyed;

static void destroy(void *value) { atomic_fetch_add(&destroyed, *(int *)value), free(value); }

static void *keep(void *argument) {
    int *value = malloc(sizeof *value);
    *value = (int)(long)argument;
    pthread_setspecific(key, value);
    own += *value;
    sched_yield();
    errno = *value;
    sched_yield();
    return (void *)(long)(own * 1000 + *(int *)pthread_getspecific(key) + (errno == *value));
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int times;
static void first_time(void) { atomic_fetch_add(&times, 1); }
static void *only_once(void *argument) { return pthread_once(&once, first_time), argument; }

static void data(void) {
    pthread_t threads[10];
    pthread_key_create(&key, destroy);
    for (long index = 0; index < 10; index++)
        pthread_create(&threads[index], NULL, keep, (void *)(index + 1));
    for (int index = 0; index < 10; index++) {
        void *result;
        pthread_join(threads[index], &result);
        printf("%ld ", (long)result);
    }
    printf("own %d, destroyed %d\n", own, atomic_load(&destroyed));
    for (int index = 0; index < 10; index++)
        pthread_create(&threads[index], NULL, only_once, NULL);
    for (int index = 0; index < 10; index++)
        pthread_join(threads[index], NULL);
    printf("once: %d\n", atomic_load(&times));
}

static atomic_int cleaned;
static void clean(void *argument) { atomic_fetch_add(&cleaned, *(int *)argument); }
static int pipe_ends[2];
static sem_t ready;

static void *sleep_on(void *argument) {
    int one = 1;
    char byte;
    pthread_cleanup_push(clean, &one);
    sem_post(&ready);
    switch ((long)argument) {
    case 0: read(pipe_ends[0], &byte, 1); break;
    case 1: milliseconds(1000000); break;
    case 2:
        pthread_mutex_lock(&mutex);
        pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, &mutex);
        for (;;)
            pthread_cond_wait(&changed, &mutex);
        pthread_cleanup_pop(1);
        break;
    case 3:
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
        for (volatile long spin = 0;; spin++)
            ;
    case 4:
        for (;;)
            pthread_testcancel();
    default: pause();
    }
    pthread_cleanup_pop(1);
    return NULL;
}

static void cancelling(void) {
    pthread_t thread;
    int cancelled = 0;
    pipe(pipe_ends);
    sem_init(&ready, 0, 0);
    for (long how = 0; how < 6; how++) {
        void *result;
        pthread_create(&thread, NULL, sleep_on, (void *)how);
        while (sem_wait(&ready))
            ;
        milliseconds(how);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        cancelled += result == PTHREAD_CANCELED;
    }
    printf("cancelled %d, cleaned up %d\n", cancelled, atomic_load(&cleaned));
}

static __thread int is_target;
static atomic_int hits, strays;
static void hit(int number) {
    (void)number;
    atomic_fetch_add(is_target ? &hits : &strays, 1);
}

static void *be_target(void *argument) {
    sigset_t set, was;
    sigemptyset(&set), sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, &was);
    is_target = 1;
    sem_post(&ready);
    while (atomic_load(&hits) < 200)
        milliseconds(1);
    int number;
    sigwait(&set, &number);
    pthread_sigmask(SIG_BLOCK, NULL, &was);
    return (void *)(long)(number * 10 + sigismember(&was, SIGUSR2));
    (void)argument;
}

static void signals(void) {
    struct sigaction action = {.sa_handler = hit};
    sigaction(SIGUSR1, &action, NULL), sigaction(SIGUSR2, &action, NULL), sigaction(SIGSEGV, &action, NULL);
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, be_target, NULL);
    while (sem_wait(&ready))
        ;
    for (int round = 0; round < 200; round++) {
        int before = atomic_load(&hits);
        pthread_kill(thread, round % 10 ? SIGUSR1 : SIGSEGV);
        while (atomic_load(&hits) == before)
            sched_yield();
    }
    pthread_kill(thread, SIGUSR2);
    pthread_join(thread, &result);
    printf("hit %d, strayed %d, waited for %d\n", atomic_load(&hits), atomic_load(&strays),
           (int)(long)result - SIGUSR2 * 10);
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    printf("blocked here: %d\n", sigismember(&set, SIGUSR2));
    signal(SIGSEGV, SIG_DFL), signal(SIGUSR1, SIG_DFL), signal(SIGUSR2, SIG_DFL);
}

/* Each thread faults on its own alternate stack. */
static __thread char *alternate;
static atomic_int on_alternate;
static void caught(int number, siginfo_t *info, void *context) {
    char here;
    (void)number, (void)context;
    if (&here > alternate && &here < alternate + 65536)
        atomic_fetch_add(&on_alternate, 1);
    mmap((void *)((unsigned long)info->si_addr & -4096ul), 4096, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void *fault(void *argument) {
    stack_t stack = {.ss_sp = alternate = malloc(65536), .ss_size = 65536}, was;
    sigaltstack(&stack, &was);
    int clear = was.ss_flags == SS_DISABLE;
    *(volatile char *)argument = 5;
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, NULL);
    free(alternate);
    return (void *)(long)clear;
}

static void faults(void) {
    struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    char *pages = mmap(NULL, 8 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_t threads[8];
    int clear = 0, set = 0;
    for (int index = 0; index < 8; index++)
        pthread_create(&threads[index], NULL, fault, pages + index * 4096 + 8);
    for (int index = 0; index < 8; index++) {
        void *result;
        pthread_join(threads[index], &result);
        clear += (int)(long)result;
        set += pages[index * 4096 + 8] == 5;
    }
    printf("faults: %d on their own stacks, %d fresh, %d mended\n", atomic_load(&on_alternate), clear, set);
    signal(SIGSEGV, SIG_DFL);
}

static void *die_holding(void *argument) { return pthread_mutex_lock(argument), NULL; }

static void robust(void) {
    pthread_mutexattr_t attributes;
    pthread_mutex_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(shared, &attributes);
    pthread_t thread;
    pthread_create(&thread, NULL, die_holding, shared);
    int error = pthread_mutex_lock(shared);
    if (!error) {
        /* This thread was quicker. */
        pthread_mutex_unlock(shared);
        pthread_join(thread, NULL);
        error = pthread_mutex_lock(shared);
    } else
        pthread_join(thread, NULL);
    printf("the owner: %s\n", strerrorname_np(error));
    pthread_mutex_consistent(shared);
    pthread_mutex_unlock(shared);

    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        pthread_mutex_lock(shared);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    printf("the owning process: %s\n", strerrorname_np(pthread_mutex_lock(shared)));
}

static void *wait_forever(void *argument) {
    sem_post(&ready);
    for (;;)
        pause();
    return argument;
}

static void *spin_forever(void *argument) {
    sem_post(&ready);
    for (volatile long spin = 0;; spin++)
        ;
    return argument;
}

static void idle_threads(void) {
    pthread_t thread;
    for (int index = 0; index < 4; index++) {
        pthread_create(&thread, NULL, index % 2 ? wait_forever : spin_forever, NULL);
        pthread_detach(thread);
        while (sem_wait(&ready))
            ;
    }
}

static void status_of(const char *what, pid_t child) {
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status))
        printf("%s: %d\n", what, WEXITSTATUS(status));
    else
        printf("%s: %s\n", what, sigabbrev_np(WTERMSIG(status)));
    fflush(stdout);
}

static void *fork_here(void *argument) {
    pid_t child = fork();
    if (!child) {
        pthread_t thread;
        void *result;
        /* The child can start threads of its own. */
        pthread_create(&thread, NULL, only_once, (void *)5);
        pthread_join(thread, &result);
        _exit((int)(long)result + 10 * (getpid() == syscall(SYS_gettid)));
    }
    int status;
    waitpid(child, &status, 0);
    return (void *)(long)(argument ? status : WEXITSTATUS(status));
}

static void *fail(void *argument) { return *(volatile long *)argument = 1, NULL; }
static void *leave(void *argument) { exit((int)(long)argument); }
static pthread_t initial;
/* exit must not take away what pthread_exit unwinds the stack with. */
static void *leave_last(void *argument) { pthread_join(initial, NULL), exit((int)(long)argument); }
static void *leave_later(void *argument) {
    pthread_join(initial, NULL);
    printf("the others left\n");
    return argument;
}
static void *execute(void *argument) {
    pid_t before = getpid();
    char number[16];
    snprintf(number, sizeof number, "%d", before);
    execl("/proc/self/exe", "threads", number, (char *)NULL);
    return argument;
}
static void *kill_all(void *argument) { return raise(SIGTERM), argument; }
static void *raw_exit(void *argument) {
    milliseconds(20);
    syscall(SYS_exit, 9);
    return argument;
}

static void ends(void) {
    static const struct {
        const char *what;
        void *(*start)(void *);
        void *argument;
        int idle, first;
    } cases[] = {
        {"a thread exits", leave, (void *)3, 1, 0},
        {"the first thread returns", NULL, NULL, 1, 0},
        {"the first thread leaves", leave_later, NULL, 0, 1},
        {"a thread exits when the first has left", leave_last, (void *)4, 1, 1},
        {"a thread faults", fail, (void *)8, 1, 0},
        {"a thread is killed", kill_all, NULL, 1, 0},
        {"a thread executes", execute, NULL, 1, 0},
        {"the first thread calls exit itself", raw_exit, NULL, 0, 2},
    };
    for (unsigned index = 0; index < sizeof cases / sizeof *cases; index++) {
        fflush(stdout);
        pid_t child = fork();
        if (!child) {
            pthread_t thread;
            initial = pthread_self();
            /* What an emulator has to say about a fault. */
            dup2(open("/dev/null", O_WRONLY), 2);
            if (cases[index].idle)
                idle_threads();
            if (cases[index].start)
                pthread_create(&thread, NULL, cases[index].start, cases[index].argument);
            if (cases[index].first == 1)
                pthread_exit(NULL);
            if (cases[index].first == 2)
                syscall(SYS_exit, 9);
            if (cases[index].start)
                pthread_join(thread, NULL);
            exit(2);
        }
        status_of(cases[index].what, child);
    }
}

static void *count_down(void *argument) {
    if (atomic_fetch_sub((atomic_int *)argument, 1) == 1)
        sem_post(&ready);
    return NULL;
}

static void detaching(void) {
    static atomic_int open_threads = 300;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = 0;
    for (int index = 0; index < 300; index++) {
        pthread_t thread;
        while (pthread_create(&thread, &attributes, count_down, &open_threads))
            failed = 1, milliseconds(1);
    }
    while (sem_wait(&ready))
        ;
    printf("detached: %d left, %s\n", atomic_load(&open_threads), failed ? "some late" : "none late");
}

int main(int count, char **arguments) {
    if (count > 1)
        return atoi(arguments[1]) == getpid() && getpid() == syscall(SYS_gettid) ? 21 : 22;
    hammering();
    conditions();
    readers_and_writers();
    data();
    cancelling();
    signals();
    faults();
    robust();
    detaching();

    pthread_t threads[4];
    fflush(stdout);
    for (int index = 0; index < 4; index++)
        pthread_create(&threads[index], NULL, fork_here, NULL);
    for (int index = 0; index < 4; index++) {
        void *result;
        pthread_join(threads[index], &result);
        printf("a thread's child: %d\n", (int)(long)result);
    }
    ends();

    /* The process ends while threads sleep and run. */
    idle_threads();
    printf("done\n");
    return 0;
}
