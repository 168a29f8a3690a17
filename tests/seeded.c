/* Tells everything that differs from run to run on a real system: tests/seeded.rs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void bytes(const char *name, const unsigned char *from, int count)
{
    printf("%s ", name);
    while (count--)
        printf("%02x", *from++);
    puts("");
}

static long long now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void random_bytes(void)
{
    unsigned char buffer[64] = "";
    bytes("AT_RANDOM", (void *)getauxval(AT_RANDOM), 16);
    getrandom(buffer, 16, 0);
    bytes("getrandom", buffer, 16);
    getentropy(buffer, 16);
    bytes("getentropy", buffer, 16);
    FILE *file = fopen("/dev/urandom", "r");
    fread(buffer, 1, 16, file);
    bytes("urandom", buffer, 16);
    int fd = dup(open("/dev/random", O_RDONLY));
    struct iovec parts[2] = {{buffer, 8}, {buffer + 40, 8}};
    printf("readv %zd\n", readv(fd, parts, 2));
    bytes("random", buffer, 48);
    printf("pread %zd\n", pread(fd, buffer, 16, 0));
    bytes("random", buffer, 16);
    printf("bad %d\n", (int)read(fd, (void *)8, 16));
    char uuid[64] = "";
    fgets(uuid, sizeof uuid, fopen("/proc/sys/kernel/random/uuid", "r"));
    printf("uuid %s", uuid);
    char name[] = "temporary-XXXXXX";
    unlink((close(mkstemp(name)), name));
    puts(name);
}

static void clocks(const char *when)
{
    struct timeval day;
    struct tms used;
    struct rusage usage;
    gettimeofday(&day, NULL);
    printf("%s: real %lld mono %lld boot %lld cpu %lld thread %lld", when, now(CLOCK_REALTIME), now(CLOCK_MONOTONIC),
        now(CLOCK_BOOTTIME), now(CLOCK_PROCESS_CPUTIME_ID), now(CLOCK_THREAD_CPUTIME_ID));
    printf(" day %ld.%ld time %ld", (long)day.tv_sec, (long)day.tv_usec, (long)time(NULL));
    printf(" times %ld", (long)times(&used));
    getrusage(RUSAGE_SELF, &usage);
    printf(" used %ld %ld.%ld clock %ld\n", (long)used.tms_utime, (long)usage.ru_utime.tv_sec,
        (long)usage.ru_utime.tv_usec, (long)clock());
    struct sysinfo info;
    sysinfo(&info);
    printf("up %ld procs %d free %lu\n", info.uptime, info.procs, info.freeram);
#ifdef __riscv
    unsigned long ticks, cycles, retired;
    asm volatile("rdtime %0; rdcycle %1; rdinstret %2" : "=r"(ticks), "=r"(cycles), "=r"(retired));
    printf("rdtime %lu rdcycle %lu rdinstret %lu\n", ticks, cycles, retired);
#endif
}

static void sleeps(void)
{
    long long before = now(CLOCK_MONOTONIC);
    sleep(3600);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3600;
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
    poll(NULL, 0, 3600 * 1000);
    select(0, NULL, NULL, NULL, &(struct timeval){3600, 0});
    printf("slept %lld hours\n", (now(CLOCK_MONOTONIC) - before) / 3600000000000ll);
    printf("bad sleep %d\n", clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){1, 0}, NULL));
}

static volatile sig_atomic_t caught;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    caught = (number == SIGUSR1) * 100000 + (info->si_pid == getpid());
}

static void pids(void)
{
    printf("pid %d tid %d parent %d group %d session %d\n", getpid(), gettid(), getppid(), getpgrp(), getsid(0));
    sigaction(SIGUSR1, &(struct sigaction){.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO}, NULL);
    kill(getpid(), SIGUSR1);
    printf("kill %d", caught);
    raise(SIGUSR1);
    printf(" raise %d", caught);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1});
    printf(" sigqueue %d\n", caught);
    char path[64], link[64] = "";
    sprintf(path, "/proc/%d/comm", getpid());
    printf("own directory %d\n", access(path, R_OK));
    sprintf(path, "/proc/%d/exe", getpid());
    printf("exe %d\n", readlink(path, link, sizeof link) > 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        printf("child %d of %d in group %d at %ld\n", getpid(), getppid(), getpgrp(), (long)time(NULL));
        unsigned char buffer[8];
        getrandom(buffer, 8, 0);
        bytes("its own", buffer, 8);
        fflush(stdout);
        _exit(getpgid(0) != getpid());
    }
    int status;
    struct rusage usage;
    pid_t waited = wait4(child, &status, 0, &usage);
    printf("waited for %d: %d, status %d\n", child, waited == child, status);
    siginfo_t info;
    pid_t other = fork();
    if (other == 0) {
        pause();
        _exit(1);
    }
    setpgid(other, other);
    kill(-other, SIGKILL);
    waitid(P_PID, other, &info, WEXITED);
    printf("waitid %d %d\n", info.si_pid == other, info.si_status);
}

int main(int count, char **words)
{
    int local;
    void *mapped = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("main %p stack %p heap %p mapped %p\n", (void *)main, (void *)&local, malloc(1), mapped);
    clocks("start");
    random_bytes();
    if (count > 1) {
        pids();
        sleeps();
    }
    clocks("end");
    if (count > 1 && !strcmp(words[1], "exec")) {
        fflush(stdout);
        pid_t child = vfork();
        if (child == 0) {
            execl(words[0], words[0], NULL);
            _exit(1);
        }
        int status;
        pid_t ended = waitpid(child, &status, 0);
        printf("vfork %d %d\n", ended == child, status);
        fflush(stdout);
        execl(words[0], words[0], NULL);
    }
    return 0;
}
