/* POSIX timers: made, set, asked and removed; what their signals carry; signals for one thread; overruns.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static void show(const char *what, long result) {
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
}

#define TRY(call) show(#call, (long)(call))

static volatile sig_atomic_t handled, code, value, overrun;

static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    handled = number;
    code = info->si_code;
    value = info->si_value.sival_int;
    overrun = info->si_overrun;
}

static struct itimerspec after(long milliseconds, long interval) {
    return (struct itimerspec){{interval / 1000, interval % 1000 * 1000000},
                               {milliseconds / 1000, milliseconds % 1000 * 1000000}};
}

static void signals(void) {
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
    sigset_t none;
    sigemptyset(&none);
    int numbers[] = {SIGUSR1, SIGRTMIN + 3};
    for (int i = 0; i < 2; i++) {
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = numbers[i]};
        event.sigev_value.sival_int = 0x1234567 + i;
        sigset_t mask, old;
        timer_t timer;
        sigaction(numbers[i], &action, NULL);
        sigemptyset(&mask);
        sigaddset(&mask, numbers[i]);
        sigprocmask(SIG_BLOCK, &mask, &old);
        TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
        struct itimerspec once = after(5, 0), left;
        TRY(timer_gettime(timer, &left));
        printf("%ld %ld\n", (long)left.it_value.tv_sec, left.it_value.tv_nsec);
        TRY(timer_settime(timer, 0, &once, NULL));
        TRY(sigsuspend(&old));
        printf("%d %d %x %d\n", handled == numbers[i], code == SI_TIMER, (unsigned)value, overrun);

        /* A signal that nobody takes counts how often it would have come again. */
        struct itimerspec often = after(1, 1);
        TRY(timer_settime(timer, 0, &often, NULL));
        usleep(20000);
        siginfo_t info;
        TRY(sigwaitinfo(&mask, &info) == numbers[i]);
        printf("%d %d %x\n", info.si_code == SI_TIMER, info.si_overrun > 0, (unsigned)info.si_value.sival_int);
        TRY(timer_getoverrun(timer) == info.si_overrun);
        struct itimerspec stop = {0}, before;
        TRY(timer_settime(timer, 0, &stop, &before));
        printf("%ld %d\n", before.it_interval.tv_nsec, before.it_value.tv_nsec > 0);
        struct timespec soon = {0, 1000000};
        while (sigtimedwait(&mask, &info, &soon) > 0)
            ;
        TRY(timer_delete(timer));
        TRY(timer_gettime(timer, &left));
        sigprocmask(SIG_SETMASK, &old, NULL);
    }
    (void)none;
}

static void clocks(void) {
    timer_t timer;
    struct sigevent quiet = {.sigev_notify = SIGEV_NONE};
    int ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (int i = 0; i < 5; i++) {
        TRY(timer_create(ids[i], &quiet, &timer));
        struct itimerspec far = after(100000, 2500), left;
        TRY(timer_settime(timer, 0, &far, NULL));
        TRY(timer_gettime(timer, &left));
        printf("%d %ld %ld\n", left.it_value.tv_sec >= 98 && left.it_value.tv_sec <= 100, (long)left.it_interval.tv_sec,
               left.it_interval.tv_nsec);
        TRY(timer_delete(timer));
    }
    TRY(timer_create(1234, &quiet, &timer));
    struct sigevent wrong = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99};
    TRY(timer_create(CLOCK_MONOTONIC, &wrong, &timer));
    wrong = (struct sigevent){.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    wrong.sigev_notify_thread_id = 1;
    TRY(timer_create(CLOCK_MONOTONIC, &wrong, &timer));
    TRY(timer_create(CLOCK_MONOTONIC, &quiet, &timer));
    struct itimerspec value = {.it_value = {0, 1000000000}};
    TRY(timer_settime(timer, 0, &value, NULL));
    value.it_value.tv_nsec = -1;
    TRY(timer_settime(timer, 0, &value, NULL));
    /* A point in time that has passed. */
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    value.it_value = (struct timespec){now.tv_sec > 1 ? now.tv_sec - 1 : 0, 1};
    TRY(timer_settime(timer, TIMER_ABSTIME, &value, NULL));
    TRY(timer_gettime(timer, &value));
    printf("%ld\n", (long)value.it_value.tv_sec);

    /* A child has none of its parent's timers. */
    fflush(stdout);
    pid_t child = fork();
    int status;
    if (child == 0)
        _exit(timer_gettime(timer, &value) == -1 && errno == EINVAL ? 7 : 8);
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
    TRY(timer_delete(timer));
}

static volatile pid_t told;

static void note_thread(int number) {
    (void)number;
    told = gettid();
}

static pthread_barrier_t ready;

static void *wait_for_signal(void *argument) {
    pid_t *tid = argument;
    *tid = gettid();
    pthread_barrier_wait(&ready);
    while (!told)
        usleep(1000);
    return NULL;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int expired;

static void expire(union sigval value) {
    pthread_mutex_lock(&lock);
    expired = value.sival_int;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void threads(void) {
    pthread_t thread;
    pid_t tid = 0;
    signal(SIGUSR2, note_thread);
    pthread_barrier_init(&ready, NULL, 2);
    pthread_create(&thread, NULL, wait_for_signal, &tid);
    pthread_barrier_wait(&ready);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
    event.sigev_notify_thread_id = tid;
    timer_t timer;
    TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec once = after(3, 0);
    TRY(timer_settime(timer, 0, &once, NULL));
    pthread_join(thread, NULL);
    printf("%d\n", told == tid && told != getpid());
    TRY(timer_delete(timer));

    /* The C library's own thread for expirations. */
    event = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_notify_function = expire};
    event.sigev_value.sival_int = 77;
    TRY(timer_create(CLOCK_REALTIME, &event, &timer));
    TRY(timer_settime(timer, 0, &once, NULL));
    pthread_mutex_lock(&lock);
    while (!expired)
        pthread_cond_wait(&changed, &lock);
    printf("%d\n", expired);
    pthread_mutex_unlock(&lock);
    TRY(timer_delete(timer));
}

/* A signal of the kernel's choice, whose value is the timer's number; and the end that it brings. */
static void fatal(void) {
    int status, id = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        sigset_t mask;
        siginfo_t info;
        struct itimerspec once = after(2, 0);
        sigemptyset(&mask);
        sigaddset(&mask, SIGALRM);
        sigprocmask(SIG_BLOCK, &mask, NULL);
        if (syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id) || syscall(SYS_timer_settime, id, 0, &once, NULL))
            _exit(1);
        if (sigwaitinfo(&mask, &info) != SIGALRM || info.si_timerid != id || info.si_value.sival_int != id)
            _exit(2);
        sigprocmask(SIG_UNBLOCK, &mask, NULL);
        syscall(SYS_timer_settime, id, 0, &once, NULL);
        for (;;)
            pause();
    }
    waitpid(child, &status, 0);
    printf("%d %d\n", WIFSIGNALED(status), WTERMSIG(status));
}

int main(void) {
    signals();
    clocks();
    threads();
    fatal();
    return 0;
}
