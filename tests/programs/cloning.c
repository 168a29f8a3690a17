/* The clone family without the C library's help: what parents and children share, descriptors of processes, handlers
 * that are forgotten, what is refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[64 << 10] __attribute__((aligned(16)));

static const char *name(int error) {
    switch (error) {
    case 0: return "0";
    case E2BIG: return "E2BIG";
    case ECHILD: return "ECHILD";
    case EFAULT: return "EFAULT";
    case EINVAL: return "EINVAL";
    case ENOSYS: return "ENOSYS";
    default: return strerror(error);
    }
}

static void told(const char *what, long result) {
    const char *error = result == -1 ? name(errno) : "";
    printf("%s %s%s\n", what, result < 0 ? "fails with " : "is done", error);
}

static int status_of(pid_t child, int options) {
    int status = -1;
    if (waitpid(child, &status, options) != child)
        return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static volatile int seen, notices;
static void note(int number) { seen = number, notices++; }

static int change(void *argument) {
    chdir("/");
    close(*(int *)argument);
    seen = 42;
    return 5;
}

static void sharing(void) {
    static const struct {
        const char *name;
        int flags;
    } kinds[] = {
        {"nothing", SIGCHLD},
        {"files", CLONE_FILES | SIGCHLD},
        {"directory", CLONE_FS | SIGCHLD},
        {"both", CLONE_FILES | CLONE_FS | SIGCHLD},
        {"memory", CLONE_VM | CLONE_VFORK | SIGCHLD},
        {"all three", CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS | SIGCHLD},
    };
    for (unsigned kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        int file = open("/dev/null", O_RDONLY);
        chdir("/tmp");
        seen = 0;
        int child = clone(change, stack + sizeof stack, kinds[kind].flags, &file);
        int status = status_of(child, 0);
        char here[100];
        getcwd(here, sizeof here);
        printf("%s: status %d, file %s, directory %s, memory %d\n", kinds[kind].name, status,
               fcntl(file, F_GETFD) < 0 ? "closed" : "open", strcmp(here, "/") ? "kept" : "changed", seen);
        close(file);
    }
}

static pid_t word;
static int own_file;
static int in_thread(void *argument) {
    (void)argument;
    chdir("/");
    close(own_file);
    seen = getpid() == word;
    syscall(SYS_exit, 0);
    return 0;
}

/* Threads that share less than those of the C library do. They do without it, too. */
static void threads(void) {
    static const int kinds[] = {CLONE_FS | CLONE_FILES | CLONE_SYSVSEM, CLONE_FS, CLONE_FILES, 0};
    for (int kind = 0; kind < 4; kind++) {
        own_file = open("/dev/null", O_RDONLY);
        chdir("/tmp");
        word = getpid();
        seen = 0;
        static volatile pid_t left;
        left = 1;
        int flags = kinds[kind] | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID;
        int thread = clone(in_thread, stack + sizeof stack, flags, NULL, NULL, NULL, &left);
        while (thread > 0 && left)
            sched_yield();
        char here[100];
        getcwd(here, sizeof here);
        printf("thread: file %s, directory %s, memory %d\n", fcntl(own_file, F_GETFD) < 0 ? "closed" : "open",
               strcmp(here, "/") ? "kept" : "changed", seen);
        close(own_file);
    }
    pid_t child = fork();
    if (child == 0) {
        told("unsharing", unshare(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM));
        told("unsharing what is none", unshare(0x00000001));
        _exit(0);
    }
    status_of(child, 0);
}

static int end(void *argument) { return (int)(intptr_t)argument; }

static void ends(void) {
    signal(SIGUSR1, note);
    seen = notices = 0;
    int child = clone(end, stack + sizeof stack, SIGUSR1, (void *)6);
    int usual = status_of(child, WNOHANG), status = status_of(child, __WCLONE);
    printf("with SIGUSR1: %s to wait, __WCLONE %d, told %d\n", name(-usual), status, seen == SIGUSR1);
    child = clone(end, stack + sizeof stack, 0, (void *)7);
    printf("silent: __WALL %d, told %d\n", status_of(child, __WALL), notices);
    signal(SIGUSR1, SIG_DFL);
}

static long clone3(struct clone_args *arguments, size_t size) { return syscall(SYS_clone3, arguments, size); }

static void descriptors(void) {
    int descriptor = -1;
    struct clone_args arguments = {
        .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&descriptor, .exit_signal = SIGCHLD};
    long child = clone3(&arguments, sizeof arguments);
    if (child == 0)
        _exit(8);
    struct pollfd list = {descriptor, POLLIN, 0};
    printf("descriptor: ends %d, closes on exec %d", poll(&list, 1, 20000), fcntl(descriptor, F_GETFD));
    siginfo_t info = {0};
    int done = waitid(P_PIDFD, descriptor, &info, WEXITED);
    printf(", wait %d status %d, same %d\n", done, info.si_status, info.si_pid == child);
    close(descriptor);
    pid_t parent = 0, own = 0;
    child = syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, NULL, &parent, 0, 0);
    if (child == 0)
        _exit(9);
    printf("number told: %d, status %d\n", parent == child, status_of(child, 0));
    pid_t *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    arguments = (struct clone_args){
        .flags = CLONE_CHILD_SETTID, .child_tid = (uintptr_t)word, .exit_signal = SIGCHLD};
    child = clone3(&arguments, sizeof arguments);
    if (child == 0)
        _exit(own = 10);
    int status = status_of(child, 0);
    printf("number in the child: status %d, same %d\n", status, *word == child);
}

static void handlers(void) {
    signal(SIGUSR1, note);
    signal(SIGUSR2, SIG_IGN);
    for (int clear = 0; clear < 2; clear++) {
        struct clone_args arguments = {.flags = clear ? CLONE_CLEAR_SIGHAND : 0, .exit_signal = SIGCHLD};
        long child = clone3(&arguments, sizeof arguments);
        if (child == 0) {
            struct sigaction one, two;
            sigaction(SIGUSR1, NULL, &one);
            sigaction(SIGUSR2, NULL, &two);
            kill(getpid(), SIGUSR2);
            if (one.sa_handler == SIG_DFL && two.sa_handler == SIG_IGN)
                kill(getpid(), SIGUSR1);
            _exit(one.sa_handler == note ? 11 : 12);
        }
        int expected = clear ? 1000 + SIGUSR1 : 11;
        printf("handlers %s: %d\n", clear ? "forgotten" : "kept", status_of(child, 0) == expected);
    }
    pid_t child;
    char *arguments[] = {"sh", "-c", "kill -USR1 $$; exit 3", NULL}, *none[] = {NULL};
    int failed = posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, none);
    int status = status_of(child, 0);
    printf("spawned: %s, killed by its signal %d\n", name(failed), status == 1000 + SIGUSR1);
    failed = posix_spawn(&child, "/nowhere", NULL, NULL, arguments, none);
    printf("spawning nothing: %s\n", failed == ENOENT ? "ENOENT" : name(failed));
}

static void refused(void) {
    told("a thread without handlers", syscall(SYS_clone, CLONE_THREAD, stack, 0, 0, 0));
    told("handlers without memory", syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
    told("a name space and its directory", syscall(SYS_clone, CLONE_NEWNS | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
    told("a descriptor and a number", syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, 0, 0, 0));
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    told("too few arguments", clone3(&arguments, 63));
    told("no arguments", clone3(NULL, sizeof arguments));
    struct {
        struct clone_args known;
        uint64_t unknown[4];
    } later = {.known = {.exit_signal = SIGCHLD}, .unknown = {0, 0, 0, 1}};
    told("arguments of tomorrow", clone3(&later.known, sizeof later));
    told("too many arguments", clone3(&arguments, 5000));
    arguments.exit_signal = 129; /* there are 64, and 128 on MIPS */
    told("no such signal", clone3(&arguments, sizeof arguments));
    arguments = (struct clone_args){.flags = SIGCHLD};
    told("a signal in the flags", clone3(&arguments, sizeof arguments));
    arguments = (struct clone_args){.stack = (uintptr_t)stack, .exit_signal = SIGCHLD};
    told("a stack of no size", clone3(&arguments, sizeof arguments));
    arguments = (struct clone_args){.flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD};
    told("handlers shared and forgotten", clone3(&arguments, sizeof arguments));
    arguments = (struct clone_args){.flags = CLONE_PARENT, .exit_signal = SIGCHLD};
    told("a sibling with a signal", clone3(&arguments, sizeof arguments));
    printf("no child is left: %s\n", name(waitpid(-1, NULL, __WALL) < 0 ? errno : 0));
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(100);
    sharing();
    threads();
    ends();
    descriptors();
    handlers();
    refused();
    return 0;
}
