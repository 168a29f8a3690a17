/* Signals: dispositions, masks, stacks, what interrupts what and what goes on afterwards, and what a process dies of.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t count, number, code, value, on_alternate;
static char *volatile address;
static char alternate[1 << 16];
static sigjmp_buf back;

static void simple(int signal) {
    count++;
    number = signal;
}

static void full(int signal, siginfo_t *info, void *context) {
    char here;
    (void)context;
    count++;
    number = signal;
    code = info->si_code;
    value = info->si_value.sival_int;
    on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
}

static void faulted(int signal, siginfo_t *info, void *context) {
    (void)context;
    number = signal;
    code = info->si_code;
    address = info->si_addr;
    siglongjmp(back, 1);
}

static void handle(int signal, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(signal, &action, NULL);
}

static void handle_fully(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
    sigaction(signal, &action, NULL);
}

static void alarm_in(int milliseconds) {
    struct itimerval timer = {{0, 0}, {0, milliseconds * 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* The name of a signal, whose number is not the same everywhere. */
static const char *named(int signal) {
    const char *name = sigabbrev_np(signal);
    return name ? name : signal > SIGRTMIN ? "real-time" : "none";
}

/* A call and how it came out. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        count = 0;                                                                                                     \
        long result = (call);                                                                                          \
        printf("%s: %ld %s, %d handled\n", #call, result, errno ? strerrorname_np(errno) : "-", (int)count);           \
    } while (0)

static pid_t child_ending_in(int milliseconds, int status) {
    pid_t child = fork();
    if (child == 0) {
        usleep(milliseconds * 1000);
        _exit(status);
    }
    return child;
}

static void sending(void) {
    handle(SIGUSR1, simple, 0);
    TRY(raise(SIGUSR1));
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    TRY(sigaltstack(&stack, NULL));
    handle_fully(SIGUSR2, full, SA_ONSTACK);
    TRY(kill(getpid(), SIGUSR2));
    printf("code %d, on the alternate stack: %d\n", (int)code, (int)on_alternate);
    TRY(sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 42}));
    printf("code %d, value %d\n", (int)code, (int)value);
    handle(SIGUSR1, simple, SA_RESETHAND);
    TRY(raise(SIGUSR1));
    struct sigaction action;
    TRY(sigaction(SIGUSR1, NULL, &action));
    printf("default again: %d\n", action.sa_handler == SIG_DFL);
    TRY(kill(getpid(), 0));
    TRY(kill(99999999, SIGTERM));
    TRY(sigaction(SIGKILL, &action, NULL));
}

static void masks(void) {
    sigset_t mask, before, pending;
    handle(SIGUSR1, simple, 0);
    handle(SIGRTMIN + 1, simple, 0);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGRTMIN + 1);
    TRY(sigprocmask(SIG_BLOCK, &mask, &before));
    TRY(raise(SIGUSR1) + raise(SIGUSR1));
    for (int i = 0; i < 5; i++)
        sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i});
    sigpending(&pending);
    printf("pending: %d\n", sigismember(&pending, SIGUSR1));
    TRY(sigprocmask(SIG_SETMASK, &before, NULL));
}

static void interrupting(void) {
    struct timespec second = {1, 0}, rest;
    int ends[2];
    char byte;
    if (pipe(ends))
        exit(1);
    struct pollfd list = {ends[0], POLLIN, 0};

    handle(SIGALRM, simple, 0);
    alarm_in(20);
    TRY(pause());
    alarm_in(20);
    TRY(read(ends[0], &byte, 1));
    alarm_in(20);
    TRY(nanosleep(&second, &rest));
    printf("something is left: %d\n", rest.tv_sec == 0 && rest.tv_nsec > 0);

    handle(SIGALRM, simple, SA_RESTART);
    alarm_in(20);
    if (fork() == 0) {
        usleep(100000);
        _exit(write(ends[1], "x", 1) != 1);
    }
    TRY(read(ends[0], &byte, 1));
    wait(NULL);
    alarm_in(20);
    TRY(poll(&list, 1, 1000));
    alarm_in(20);
    TRY(select(0, NULL, NULL, NULL, &(struct timeval){1, 0}));
}

static void waiting(void) {
    sigset_t mask, before, none, now;
    struct timespec long_enough = {10, 0};
    siginfo_t info;
    int status;
    sigemptyset(&none);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    handle(SIGCHLD, simple, 0);
    sigprocmask(SIG_BLOCK, &mask, &before);

    pid_t child = child_ending_in(0, 9);
    TRY(sigsuspend(&none));
    sigprocmask(SIG_SETMASK, NULL, &now);
    printf("blocked again: %d\n", sigismember(&now, SIGCHLD));
    TRY(waitpid(child, &status, 0) == child);
    printf("status %x\n", status);
    child = child_ending_in(20, 0);
    TRY(ppoll(NULL, 0, &long_enough, &none));
    wait(NULL);
    child = child_ending_in(20, 0);
    TRY(pselect(0, NULL, NULL, NULL, &long_enough, &none));
    wait(NULL);
    child = child_ending_in(20, 5);
    TRY(sigtimedwait(&mask, &info, &long_enough) == SIGCHLD);
    printf("code %d, status %d, child %d\n", info.si_code, info.si_status, info.si_pid == child);
    wait(NULL);
    TRY(sigtimedwait(&mask, &info, &(struct timespec){0, 1000}));
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void faults(void) {
    long page = sysconf(_SC_PAGESIZE);
    for (int i = 0; i < 3; i++)
        handle_fully((int[]){SIGSEGV, SIGBUS, SIGILL}[i], faulted, SA_ONSTACK);
    if (!sigsetjmp(back, 1))
        *(volatile int *)16 = 1;
    printf("signal %s, code %d, address %p\n", named(number), (int)code, (void *)address);
    char *readable = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!sigsetjmp(back, 1))
        *(volatile char *)(readable + 5) = 1;
    printf("signal %s, code %d, offset %ld\n", named(number), (int)code, (long)(address - readable));
    FILE *file = tmpfile();
    fputs("x", file);
    fflush(file);
    char *map = mmap(NULL, 2 * page, PROT_READ, MAP_PRIVATE, fileno(file), 0);
    if (!sigsetjmp(back, 1))
        (void)*(volatile char *)(map + page + 3);
    printf("signal %s, code %d, offset %ld\n", named(number), (int)code, (long)(address - map));
}

static void deaths(void) {
    int signals[] = {SIGTERM, SIGKILL, SIGABRT, SIGSEGV, SIGUSR1, SIGPIPE, SIGRTMIN + 3}, status;
    fflush(stdout);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (fork() == 0) {
            signal(signals[i], SIG_DFL);
            kill(getpid(), signals[i]);
            _exit(0);
        }
        wait(&status);
        printf("died of %s: %d\n", named(signals[i]), WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
        fflush(stdout);
    }
    if (fork() == 0) {
        signal(SIGSEGV, SIG_DFL);
        *(volatile int *)0 = 0;
        _exit(0);
    }
    wait(&status);
    printf("died of a fault: %s\n", named(WIFSIGNALED(status) ? WTERMSIG(status) : 0));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(3);
    }
    waitpid(child, &status, WUNTRACED);
    printf("stopped by %s\n", named(WIFSTOPPED(status) ? WSTOPSIG(status) : 0));
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    printf("went on to exit with %d\n", WEXITSTATUS(status));
}

/* Signals that come at any instruction and any call must be lost nowhere and break nothing. */
static void storm(void) {
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    handle(SIGALRM, simple, 0);
    count = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    unsigned long sum = 0;
    double half = 0;
    while (count < 300) {
        for (int i = 0; i < 1000; i++) {
            sum += getpid() == 0;
            half += 0.5;
        }
        if (half != (double)(long)half)
            sum++;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    printf("storm: %lu wrong\n", sum);

    /* Waiting for each of many signals, which come whenever they like. */
    handle(SIGUSR1, simple, 0);
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    fflush(stdout);
    int ends[2];
    if (pipe(ends))
        exit(1);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        char byte;
        for (int i = 0; i < 500 && read(ends[0], &byte, 1) == 1; i++)
            kill(parent, SIGUSR1);
        _exit(0);
    }
    sigprocmask(SIG_BLOCK, &mask, &before);
    count = 0;
    for (int i = 0; i < 500; i++) {
        if (write(ends[1], "x", 1) != 1)
            exit(1);
        while (count == i)
            sigsuspend(&before);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    wait(NULL);
    printf("met %d times\n", (int)count);
}

int main(void) {
    sending();
    masks();
    fflush(stdout);
    interrupting();
    fflush(stdout);
    waiting();
    faults();
    deaths();
    storm();
    return 0;
}
