/* The calls of x86-64: those that newer instruction sets do without, and what only this one has. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static long call(const char *what, long result) {
    if (result < 0)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
    return result;
}

/* For results that differ from run to run. */
static long fine(const char *what, long result) {
    if (result < 0)
        return call(what, result);
    printf("%s: fine\n", what);
    return result;
}

#define CALL(name, ...) call(#name, syscall(SYS_##name, ##__VA_ARGS__))
#define FINE(name, ...) fine(#name, syscall(SYS_##name, ##__VA_ARGS__))

static void files(void) {
    char path[] = "/tmp/portolan-callsXXXXXX";
    if (!mkdtemp(path) || chdir(path))
        exit(1);
    umask(022);
    long fd = FINE(creat, "file", 0640);
    call("write", write(fd, "hello", 5));
    close(fd);
    fd = FINE(open, "file", O_RDWR | O_APPEND);
    printf("flags %x\n", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_LARGEFILE));
    CALL(open, "nothing", O_RDONLY);
    CALL(open, "file", O_RDONLY | O_DIRECTORY);
    CALL(link, "file", "second");
    CALL(symlink, "file", "link");
    CALL(open, "link", O_RDONLY | O_NOFOLLOW);
    char text[16] = "";
    CALL(readlink, "link", text, sizeof text);
    printf("%s\n", text);
    CALL(chmod, "file", 0604);
    CALL(utime, "file", (&(struct utimbuf){.actime = 1000, .modtime = 2000}));
    struct stat about;
    CALL(stat, "link", &about);
    printf("%o %ld %ld %ld %ld\n", about.st_mode, (long)about.st_nlink, (long)about.st_size, about.st_atime,
           about.st_mtime);
    CALL(utimes, "file", ((struct timeval[]){{3000, 5}, {4000, 6}}));
    CALL(lstat, "link", &about);
    printf("%o %ld\n", about.st_mode & S_IFMT, (long)about.st_size);
    CALL(futimesat, AT_FDCWD, "second", ((struct timeval[]){{3001, 7}, {4001, 8}}));
    CALL(fstat, fd, &about);
    printf("%ld.%09ld %ld.%09ld\n", about.st_atim.tv_sec, about.st_atim.tv_nsec, about.st_mtim.tv_sec,
           about.st_mtim.tv_nsec);
    CALL(stat, "/dev/null", &about);
    printf("%o %u %u\n", about.st_mode & S_IFMT, major(about.st_rdev), minor(about.st_rdev));
    CALL(access, "file", R_OK);
    CALL(access, "nothing", F_OK);
    CALL(rename, "second", "third");
    CALL(mkdir, "directory", 0700);
    CALL(mknod, "pipe", S_IFIFO | 0600, 0);
    CALL(chown, "file", -1, -1);
    CALL(lchown, "link", -1, -1);
    CALL(rmdir, "file");
    CALL(truncate, "file", 3);

    long directory = FINE(open, ".", O_RDONLY | O_DIRECTORY);
    char entries[1024];
    long length = syscall(SYS_getdents, directory, entries, sizeof entries);
    int seen = 0, good = 0;
    for (long at = 0; at < length;) {
        struct {
            unsigned long inode, next;
            unsigned short length;
            char name[];
        } *entry = (void *)(entries + at);
        seen++;
        unsigned char type = entries[at + entry->length - 1];
        good += !strcmp(entry->name, "directory") && type == DT_DIR;
        good += !strcmp(entry->name, "link") && type == DT_LNK;
        good += !strcmp(entry->name, "pipe") && type == DT_FIFO;
        at += entry->length;
    }
    printf("getdents: %d entries, %d of a known type\n", seen, good);
    CALL(rmdir, "directory");
    for (const char **name = (const char *[]){"file", "third", "link", "pipe", NULL}; *name; name++)
        CALL(unlink, *name);
    if (chdir("/") || rmdir(path))
        exit(1);
}

static void events(void) {
    int ends[2];
    CALL(pipe, ends);
    FINE(dup2, ends[0], 50);
    CALL(poll, (&(struct pollfd){.fd = 50, .events = POLLIN}), 1, 0);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(50, &set);
    struct timeval wait = {0, 1000};
    CALL(select, 51, &set, NULL, NULL, &wait);
    printf("left %ld\n", wait.tv_usec);
    long queue = FINE(epoll_create, 1);
    CALL(epoll_create, 0);
    struct epoll_event wanted[] = {{.events = EPOLLIN, .data.u64 = 0x1122334455667788},
                                   {.events = EPOLLOUT, .data.u64 = 0x99aabbccddeeff00}};
    CALL(epoll_ctl, queue, EPOLL_CTL_ADD, 50, &wanted[0]);
    CALL(epoll_ctl, queue, EPOLL_CTL_ADD, ends[1], &wanted[1]);
    if (write(ends[1], "x", 1) != 1)
        exit(1);
    struct epoll_event found[4];
    long count = CALL(epoll_wait, queue, found, 4, 0);
    uint64_t all = 0;
    for (long i = 0; i < count; i++)
        all += found[i].data.u64 * found[i].events;
    printf("found %lx, each of %zu bytes\n", (long)all, sizeof *found);
    long event = FINE(eventfd, 7);
    uint64_t value = 0;
    call("read", read(event, &value, 8));
    printf("value %ld\n", (long)value);
    uint64_t mask = 1ul << (SIGUSR1 - 1);
    sigprocmask(SIG_BLOCK, (sigset_t *)&mask, NULL);
    long signals = FINE(signalfd, -1, &mask, 8);
    raise(SIGUSR1);
    uint32_t told[32];
    call("read", read(signals, told, sizeof told));
    printf("signal %u\n", told[0]);
    FINE(inotify_init);
    CALL(alarm, 100);
    CALL(alarm, 0);
    for (int fd = 3; fd < 60; fd++)
        close(fd);
}

static void processes(void) {
    for (int kind = 0; kind < 2; kind++) {
        long child = kind ? vfork() : syscall(SYS_fork);
        if (child == 0)
            _exit(3 + kind);
        int status;
        printf("waited %d", syscall(SYS_wait4, child, &status, 0, NULL) == child);
        printf(" status %d\n", WEXITSTATUS(status));
    }
    printf("getpgrp %d\n", syscall(SYS_getpgrp) == getpgid(0));
    time_t now;
    long other = syscall(SYS_time, &now);
    printf("time %d\n", other == now && time(NULL) - now < 5);
    struct utsname name;
    uname(&name);
    printf("%s\n", name.machine);
    CALL(sched_yield);
    CALL(getpmsg);
    CALL(tuxcall);
    CALL(epoll_wait_old);
    call("no such call", syscall(5000));
}

static int of_thread(void *value) {
    uintptr_t base;
    syscall(SYS_arch_prctl, ARCH_GET_FS, &base);
    uint64_t through;
    __asm__("mov %%fs:0, %0" : "=r"(through));
    *(int *)value = through == 0x1234 && base != 0;
    syscall(SYS_exit, 0);
    return 0;
}

static void bases(void) {
    static uint64_t area[] = {0x1122, 0x3344};
    CALL(arch_prctl, ARCH_SET_GS, area);
    uint64_t second;
    __asm__("mov %%gs:8, %0" : "=r"(second));
    printf("gs:8 %lx\n", (long)second);
    uint64_t base = 0;
    CALL(arch_prctl, ARCH_GET_GS, &base);
    printf("%d\n", base == (uintptr_t)area);
    CALL(arch_prctl, ARCH_GET_FS, &base);
    uint64_t self;
    __asm__("mov %%fs:0, %0" : "=r"(self));
    printf("%d\n", base == self);
    CALL(arch_prctl, ARCH_SET_FS, 0x7ffffffff000);
    CALL(arch_prctl, ARCH_SET_GS, -1L);
    CALL(arch_prctl, ARCH_GET_FS, 8);
    CALL(arch_prctl, 0x9999, 0);
    int tsc = 0;
    CALL(prctl, PR_GET_TSC, &tsc);
    printf("tsc %d\n", tsc);

    static uint64_t storage = 0x1234;
    static char stack[16384];
    static volatile int good = -1;
    clone(of_thread, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM
              | CLONE_SETTLS, (void *)&good, NULL, &storage);
    while (good < 0)
        sched_yield();
    printf("a thread's fs %d\n", good);

    /* syscall leaves the address after it, and the flags. */
    uint64_t next, flags, after, rax = SYS_getppid;
    __asm__ volatile("stc; lea 1f(%%rip), %2; syscall; 1: mov %%rcx, %0; mov %%r11, %1"
                     : "=&r"(next), "=&r"(flags), "=&r"(after), "+a"(rax)
                     :
                     : "rcx", "r11", "cc", "memory");
    printf("rcx %d CF %d\n", next == after, (int)(flags & 1));
}

static void memory(void) {
    char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    printf("low %d\n", low != MAP_FAILED && (uintptr_t)low < 1ul << 31);
    char *high = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("high %d\n", (uintptr_t)high >= 1ul << 32);
    call("beyond", (long)mmap((void *)0x800000000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    files();
    events();
    processes();
    bases();
    memory();
    return 0;
}
