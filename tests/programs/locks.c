/* Kinds of mutexes and condition variables, and the futexes below them: error checking, recursion, inherited priority,
 * owners that die (in a thread, in a process, at exec), both clocks, cancellation at any instruction, sigwait.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct timespec after(clockid_t clock, long milliseconds) {
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += milliseconds * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static void milliseconds(long number) {
    struct timespec time = {number / 1000, number % 1000 * 1000000};
    while (nanosleep(&time, &time) && errno == EINTR)
        ;
}

static const char *name(int error) {
    switch (error) {
    case 0: return "0";
    case EAGAIN: return "EAGAIN";
    case EBUSY: return "EBUSY";
    case EDEADLK: return "EDEADLK";
    case EFAULT: return "EFAULT";
    case EINTR: return "EINTR";
    case EINVAL: return "EINVAL";
    case ENOSYS: return "ENOSYS";
    case ENOTRECOVERABLE: return "ENOTRECOVERABLE";
    case EOWNERDEAD: return "EOWNERDEAD";
    case EPERM: return "EPERM";
    case ESRCH: return "ESRCH";
    case ETIMEDOUT: return "ETIMEDOUT";
    default: return strerror(error);
    }
}

/* The result, before anything is printed that changes errno. */
static void told(const char *what, long result) {
    const char *error = result == -1 ? name(errno) : "";
    printf("%s %ld %s\n", what, result, error);
}

struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_barrier_t barrier;
    sem_t ready;
    long counter;
    int stage;
};

static void make(struct shared *at, int type, int protocol, int robust) {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, type);
    pthread_mutexattr_setprotocol(&kind, protocol);
    pthread_mutexattr_setrobust(&kind, robust);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setpshared(&clock, PTHREAD_PROCESS_SHARED);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    printf("made %s\n", name(pthread_mutex_init(&at->mutex, &kind)));
    pthread_cond_init(&at->changed, &clock);
    sem_init(&at->ready, 1, 0);
    at->counter = at->stage = 0;
}

static void *add(void *argument) {
    struct shared *at = argument;
    for (int i = 0; i < 400; i++) {
        pthread_mutex_lock(&at->mutex);
        at->counter++;
        pthread_mutex_unlock(&at->mutex);
    }
    return NULL;
}

static void *try_it(void *argument) { return (void *)(intptr_t)pthread_mutex_trylock(argument); }
static void *unlock_it(void *argument) { return (void *)(intptr_t)pthread_mutex_unlock(argument); }
static void *lock_and_die(void *argument) { return pthread_mutex_lock(argument), NULL; }

static int elsewhere(void *(*body)(void *), void *argument) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, body, argument);
    pthread_join(thread, &result);
    return (int)(intptr_t)result;
}

static void kinds(struct shared *at) {
    static const struct {
        const char *name;
        int type, protocol;
    } kinds[] = {
        {"normal", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE},
        {"error checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE},
        {"recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE},
        {"inheriting", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT},
        {"inheriting, error checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT},
        {"inheriting, recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_INHERIT},
    };
    for (unsigned kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        printf("%s: ", kinds[kind].name);
        make(at, kinds[kind].type, kinds[kind].protocol, PTHREAD_MUTEX_STALLED);
        pthread_t threads[8];
        for (int i = 0; i < 8; i++)
            pthread_create(&threads[i], NULL, add, at);
        for (int i = 0; i < 8; i++)
            pthread_join(threads[i], NULL);
        printf("  counter %ld", at->counter);
        pthread_mutex_lock(&at->mutex);
        printf(", elsewhere %s", name(elsewhere(try_it, &at->mutex)));
        if (kinds[kind].type != PTHREAD_MUTEX_NORMAL)
            printf(" %s", name(elsewhere(unlock_it, &at->mutex)));
        if (kinds[kind].type != PTHREAD_MUTEX_NORMAL) {
            int again = pthread_mutex_lock(&at->mutex);
            printf(", again %s", name(again));
            if (!again)
                pthread_mutex_unlock(&at->mutex);
        } else {
            struct timespec soon = after(CLOCK_REALTIME, 20);
            printf(", again %s", name(pthread_mutex_timedlock(&at->mutex, &soon)));
        }
        printf(", given up %s\n", name(pthread_mutex_unlock(&at->mutex)));
        pthread_mutex_destroy(&at->mutex);
    }
}

static void *wait_turn(void *argument) {
    struct shared *at = argument;
    pthread_mutex_lock(&at->mutex);
    sem_post(&at->ready);
    while (!at->stage)
        pthread_cond_wait(&at->changed, &at->mutex);
    at->counter++;
    pthread_mutex_unlock(&at->mutex);
    return NULL;
}

static void conditions(struct shared *at) {
    static const int protocols[] = {PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT};
    for (int i = 0; i < 2; i++) {
        make(at, PTHREAD_MUTEX_NORMAL, protocols[i], PTHREAD_MUTEX_STALLED);
        pthread_mutex_lock(&at->mutex);
        struct timespec soon = after(CLOCK_MONOTONIC, 20), past = {1, 0};
        int late = pthread_cond_timedwait(&at->changed, &at->mutex, &soon);
        struct timespec now = after(CLOCK_MONOTONIC, 0);
        int whole = now.tv_sec > soon.tv_sec || (now.tv_sec == soon.tv_sec && now.tv_nsec >= soon.tv_nsec);
        printf("monotonic %s, %s; past %s", name(late), whole ? "whole" : "short",
               name(pthread_cond_timedwait(&at->changed, &at->mutex, &past)));
        pthread_cond_t usual = PTHREAD_COND_INITIALIZER;
        soon = after(CLOCK_REALTIME, 20);
        printf("; real time %s\n", name(pthread_cond_timedwait(&usual, &at->mutex, &soon)));
        pthread_mutex_unlock(&at->mutex);
        pthread_t threads[10];
        for (int n = 0; n < 10; n++)
            pthread_create(&threads[n], NULL, wait_turn, at);
        for (int n = 0; n < 10; n++)
            sem_wait(&at->ready);
        pthread_mutex_lock(&at->mutex);
        at->stage = 1;
        pthread_cond_broadcast(&at->changed);
        pthread_mutex_unlock(&at->mutex);
        for (int n = 0; n < 10; n++)
            pthread_join(threads[n], NULL);
        printf("woken %ld\n", at->counter);
    }
    struct timespec soon = after(CLOCK_REALTIME, 10);
    sem_t none;
    sem_init(&none, 0, 0);
    told("semaphore", sem_timedwait(&none, &soon));
    told("try", sem_trywait(&none));
}

static void *hold_until_told(void *argument) {
    struct shared *at = argument;
    pthread_mutex_lock(&at->mutex);
    sem_post(&at->ready);
    milliseconds(30);
    return NULL;
}

/* What the next one to lock a mutex is told whose owner is gone. */
static void take_over(struct shared *at) {
    int found = pthread_mutex_lock(&at->mutex);
    printf("%s", name(found));
    if (found == EOWNERDEAD) {
        pthread_mutex_consistent(&at->mutex);
        printf(", unlock %s", name(pthread_mutex_unlock(&at->mutex)));
        found = pthread_mutex_lock(&at->mutex);
        printf(", then %s", name(found));
    }
    pthread_mutex_unlock(&at->mutex);
    puts("");
}

static void *unlock_inconsistent(void *argument) {
    pthread_mutex_lock(argument);
    return (void *)(intptr_t)pthread_mutex_unlock(argument);
}

static void robust(struct shared *at, const char *self) {
    static const int protocols[] = {PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT};
    for (int i = 0; i < 2; i++) {
        printf("robust%s: ", i ? ", inheriting" : "");
        make(at, PTHREAD_MUTEX_NORMAL, protocols[i], PTHREAD_MUTEX_ROBUST);
        elsewhere(lock_and_die, &at->mutex);
        printf("  after a thread: ");
        take_over(at);

        pthread_t holder;
        pthread_create(&holder, NULL, hold_until_told, at);
        sem_wait(&at->ready);
        printf("  waiting for a thread: ");
        take_over(at);
        pthread_join(holder, NULL);

        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            pthread_mutex_lock(&at->mutex);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        printf("  after a process: ");
        take_over(at);

        fflush(stdout);
        if ((child = fork()) == 0) {
            pthread_t thread;
            pthread_create(&thread, NULL, hold_until_told, at);
            sem_wait(&at->ready);
            execl(self, "locks", "nothing", (char *)NULL);
            _exit(1);
        }
        int status;
        waitpid(child, &status, 0);
        printf("  after exec with status %d: ", status);
        take_over(at);

        elsewhere(lock_and_die, &at->mutex);
        printf("  given up as it was: %s", name(elsewhere(unlock_inconsistent, &at->mutex)));
        printf(", then %s\n", name(pthread_mutex_lock(&at->mutex)));
    }
}

static long futex(void *word, int operation, unsigned value, uintptr_t time, void *second, unsigned third) {
    return syscall(SYS_futex, word, operation, value, time, second, third);
}

static _Atomic uint32_t words[4];
static void *wait_on(void *argument) {
    return (void *)(intptr_t)(futex(argument, FUTEX_WAIT_PRIVATE, 0, 0, NULL, 0) ? errno : 0);
}

static void *wait_and_take(void *argument) {
    long done = futex(&words[0], FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, 0, &words[1], 0);
    int found = done ? errno : 0;
    if (!found && (words[1] & FUTEX_TID_MASK) == (uint32_t)syscall(SYS_gettid)) {
        atomic_fetch_add((_Atomic int *)argument, 1);
        futex(&words[1], FUTEX_UNLOCK_PI_PRIVATE, 0, 0, NULL, 0);
    }
    return (void *)(intptr_t)found;
}

static void *wait_for_any(void *argument) {
    struct futex_waitv list[3] = {0};
    for (int i = 0; i < 3; i++)
        list[i].uaddr = (uintptr_t)&words[i], list[i].flags = FUTEX_32 | FUTEX_PRIVATE_FLAG;
    return (void *)syscall(SYS_futex_waitv, list, 3, 0, argument, CLOCK_MONOTONIC);
}

static void raw(void) {
    struct timespec soon = {0, 10000000};
    told("unequal", futex(&words[0], FUTEX_WAIT, 1, 0, NULL, 0));
    told("timeout", futex(&words[0], FUTEX_WAIT, 0, (uintptr_t)&soon, NULL, 0));
    told("crooked", futex((char *)&words[0] + 1, FUTEX_WAIT, 0, 0, NULL, 0));
    told("nowhere", futex((void *)8, FUTEX_WAIT, 0, 0, NULL, 0));
    told("no bits", futex(&words[0], FUTEX_WAIT_BITSET, 0, 0, NULL, 0));

    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, wait_on, &words[0]);
    milliseconds(30); /* a thread that still is woken for what it did before would wait on the first word again */
    int moved = 0;
    while (moved < 6) /* none is woken, all are moved */
        moved += futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 0, 10, &words[1], 0);
    printf("moved %d\n", moved);
    told("nobody left", futex(&words[0], FUTEX_WAKE_PRIVATE, 10, 0, NULL, 0));
    /* *second += 5, and if it was 0, two are woken there */
    int operation = FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0);
    told("woken", futex(&words[2], FUTEX_WAKE_OP_PRIVATE, 1, 2, &words[1], operation));
    told("the rest", futex(&words[1], FUTEX_WAKE_PRIVATE, 10, 0, NULL, 0));
    printf("word %u\n", words[1]);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);

    uint32_t self = syscall(SYS_gettid);
    words[0] = words[1] = 0;
    told("lock", futex(&words[1], FUTEX_LOCK_PI_PRIVATE, 0, 0, NULL, 0));
    told("again", futex(&words[1], FUTEX_LOCK_PI_PRIVATE, 0, 0, NULL, 0));
    told("try", futex(&words[1], FUTEX_TRYLOCK_PI_PRIVATE, 0, 0, NULL, 0));
    printf("mine %d\n", words[1] == self);
    static _Atomic int owned;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, wait_and_take, (void *)&owned);
    for (moved = 0; moved < 4;)
        moved += futex(&words[0], FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 10, &words[1], 0);
    futex(&words[1], FUTEX_UNLOCK_PI_PRIVATE, 0, 0, NULL, 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("requeued %d, owned %d, word %u\n", moved, owned, words[1]);
    told("not mine", futex(&words[1], FUTEX_UNLOCK_PI_PRIVATE, 0, 0, NULL, 0));

    words[0] = words[1] = words[2] = 0;
    pthread_create(&threads[0], NULL, wait_for_any, NULL);
    while (futex(&words[2], FUTEX_WAKE_PRIVATE, 1, 0, NULL, 0) == 0)
        ;
    void *which;
    pthread_join(threads[0], &which);
    soon = after(CLOCK_MONOTONIC, 10);
    struct {
        int64_t seconds, nanoseconds; /* the kernel's for new calls, whatever the C library's is */
    } past = {soon.tv_sec, soon.tv_nsec};
    printf("any: %ld\n", (long)(intptr_t)which);
    told("late", (long)wait_for_any(&past));
    words[1] = 1;
    told("unequal", (long)wait_for_any(NULL));
    told("none", syscall(SYS_futex_waitv, words, 0, 0, NULL, 0));
    void *head = NULL;
    size_t length = 0;
    told("robust list", syscall(SYS_get_robust_list, 0, &head, &length));
    printf("words %zu\n", length / sizeof(void *));
    told("of nobody", syscall(SYS_get_robust_list, 0x3ffffff0, &head, &length));
}

static _Atomic int started;
static void *spin(void *argument) {
    int old;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    atomic_fetch_add(&started, 1);
    for (;;)
        ;
    return argument;
}

static void *shielded(void *argument) {
    int old;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    atomic_fetch_add(&started, 1);
    sem_wait(argument);
    pthread_testcancel();
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
    pthread_testcancel();
    return "not cancelled";
}

static pthread_mutex_t guarded = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static void unlock(void *argument) { pthread_mutex_unlock(argument); }
static void *wait_cancelled(void *argument) {
    pthread_mutex_lock(&guarded);
    pthread_cleanup_push(unlock, &guarded);
    atomic_fetch_add(&started, 1);
    for (;;)
        pthread_cond_wait(&never, &guarded);
    pthread_cleanup_pop(1);
    return argument;
}

static void cancellation(void) {
    pthread_t threads[3];
    sem_t gate;
    sem_init(&gate, 0, 0);
    pthread_create(&threads[0], NULL, spin, NULL);
    pthread_create(&threads[1], NULL, shielded, &gate);
    pthread_create(&threads[2], NULL, wait_cancelled, NULL);
    while (started < 3)
        sched_yield();
    for (int i = 0; i < 3; i++)
        pthread_cancel(threads[i]);
    sem_post(&gate);
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(threads[i], &result);
        printf("%s ", result == PTHREAD_CANCELED ? "cancelled" : "returned");
    }
    printf("and free %s\n", name(pthread_mutex_trylock(&guarded)));
}

static void *take_signals(void *argument) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN + 3);
    sigaddset(&set, SIGTERM);
    long *counts = argument;
    for (int number = 0; number != SIGTERM;) {
        sigwait(&set, &number);
        counts[number == SIGTERM ? 0 : number == SIGUSR1 ? 1 : 2]++;
    }
    return NULL;
}

static void *send(void *argument) {
    for (int i = 0; i < 50; i++)
        sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = i});
    return argument;
}

static void waiting_for_signals(void) {
    sigset_t set, old;
    sigfillset(&set);
    pthread_sigmask(SIG_SETMASK, &set, &old);
    long counts[3] = {0};
    pthread_t taker, senders[4];
    pthread_create(&taker, NULL, take_signals, counts);
    for (int i = 0; i < 4; i++)
        pthread_create(&senders[i], NULL, send, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(senders[i], NULL);
    pthread_kill(taker, SIGUSR1);
    kill(getpid(), SIGTERM);
    pthread_join(taker, NULL);
    /* Signals of lower numbers overtake queued ones. */
    struct timespec now = {0, 0};
    while (sigtimedwait(&set, NULL, &now) > 0)
        counts[2]++;
    printf("signals: %ld queued, %ld to the thread, %ld to end\n", counts[2], counts[1], counts[0]);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static _Atomic int queued[3];
static void note_queued(int number, siginfo_t *info, void *context) {
    (void)context;
    int index = number == SIGSEGV ? 0 : number == SIGBUS ? 1 : 2;
    atomic_fetch_add(&queued[index], info->si_code == SI_QUEUE ? info->si_value.sival_int : 1000);
}

static _Atomic int finish, runner;
static void *run_until_told(void *argument) {
    runner = syscall(SYS_gettid);
    while (!finish)
        sched_yield();
    return argument;
}

static void queue(pid_t thread, int number, int value) {
    siginfo_t info = {.si_code = SI_QUEUE};
    info.si_pid = getpid(), info.si_uid = getuid(), info.si_value.sival_int = value;
    syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, number, &info);
}

/* Also signals that usually mean a fault. */
static void queueing(void) {
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGUSR2};
    struct sigaction action = {.sa_sigaction = note_queued, .sa_flags = SA_SIGINFO};
    pthread_t thread;
    pthread_create(&thread, NULL, run_until_told, NULL);
    while (!runner)
        sched_yield();
    for (int i = 0; i < 3; i++) {
        sigaction(numbers[i], &action, NULL);
        queue(runner, numbers[i], 1);
        while (queued[i] != 1)
            sched_yield();
        queue(syscall(SYS_gettid), numbers[i], 20);
        sigqueue(getpid(), numbers[i], (union sigval){.sival_int = 300});
        while (queued[i] != 321)
            sched_yield();
        signal(numbers[i], SIG_DFL);
    }
    finish = 1;
    pthread_join(thread, NULL);
    puts("signals with values: to a thread, to this one, to the process");
    siginfo_t info = {.si_code = SI_USER};
    told("as if by kill", syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), SIGUSR1, &info));
    told("to nobody", syscall(SYS_rt_tgsigqueueinfo, 0, 1, SIGUSR1, &info));
    told("from nowhere", syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, NULL));
}

static struct shared *forked;
static void before(void) { pthread_mutex_lock(&guarded), forked->stage |= 1; }
static void in_parent(void) { forked->stage |= 2, pthread_mutex_unlock(&guarded); }
static void in_child(void) { forked->stage |= 4, pthread_mutex_unlock(&guarded); }
static void *churn(void *argument) {
    _Atomic int *stop = argument;
    while (!*stop) {
        free(malloc(rand() % 5000));
        pthread_mutex_lock(&guarded);
        pthread_mutex_unlock(&guarded);
    }
    return NULL;
}

static void forking(struct shared *at) {
    pthread_mutex_unlock(&guarded);
    forked = at;
    at->stage = 0;
    pthread_atfork(before, in_parent, in_child);
    static _Atomic int stop;
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, churn, (void *)&stop);
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            void *memory = malloc(100000);
            int free_now = pthread_mutex_trylock(&guarded);
            free(memory);
            _exit(free_now ? 99 : i);
        }
        int status;
        waitpid(child, &status, 0);
        sum += WEXITSTATUS(status);
    }
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    printf("forked: %d, handlers %d\n", sum, at->stage);
}

int main(int count, char **arguments) {
    if (count > 1)
        return 0;
    alarm(100);
    struct shared *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    kinds(at);
    conditions(at);
    robust(at, arguments[0]);
    raw();
    cancellation();
    waiting_for_signals();
    queueing();
    forking(at);
    return 0;
}
