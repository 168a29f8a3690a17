/* System calls with arguments of every kind, made by number so that both sides make the same: tests/strace/main.rs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CALL(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

static void on_signal(int number) { (void)number; }

static void files(void)
{
    char buffer[4096];
    int fd = CALL(openat, AT_FDCWD, "file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    CALL(write, fd, "plain\n", 6);
    CALL(write, fd, "a \"quoted\" \\ text\twith\r\v\f \1\0012\3778\0end", 40);
    CALL(write, fd, "exactly thirty-two bytes of text", 32);
    CALL(write, fd, "exactly thirty-three bytes of text", 33);
    CALL(pwrite64, fd, "xyz", 3, 5L);
    CALL(lseek, fd, 0L, SEEK_SET);
    CALL(read, fd, buffer, 6);
    CALL(pread64, fd, buffer, 100, 4L);
    CALL(read, fd, buffer, 0);
    CALL(read, -1, buffer, 10);
    CALL(read, fd, NULL, 10);
    struct iovec parts[3] = {{"one", 3}, {"two two", 7}, {NULL, 0}};
    CALL(writev, fd, parts, 3);
    char first[4], second[64];
    struct iovec into[2] = {{first, 4}, {second, 64}};
    CALL(lseek, fd, 0L, SEEK_SET);
    CALL(readv, fd, into, 2);
    CALL(writev, fd, parts, 0);
    CALL(writev, fd, NULL, 2);
    CALL(ftruncate, fd, 10L);
    CALL(fallocate, fd, FALLOC_FL_KEEP_SIZE, 0L, 4096L);
    CALL(fsync, fd);
    CALL(flock, fd, LOCK_EX | LOCK_NB);
    CALL(flock, fd, LOCK_UN);
    int copy = CALL(dup, fd);
    CALL(dup3, fd, copy, O_CLOEXEC);
    CALL(dup3, fd, fd, 0);
    CALL(fcntl, fd, F_GETFD);
    CALL(fcntl, fd, F_SETFD, 0);
    CALL(fcntl, fd, F_GETFD);
    CALL(fcntl, fd, F_SETFD, FD_CLOEXEC);
    CALL(fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK);
    CALL(fcntl, fd, F_DUPFD, 50);
    CALL(fcntl, fd, F_DUPFD_CLOEXEC, 60);
    struct flock lock = {F_WRLCK, SEEK_SET, 0, 10, 0};
    CALL(fcntl, fd, F_SETLK, &lock);
    lock.l_type = F_RDLCK;
    CALL(fcntl, fd, F_GETLK, &lock);
    CALL(close, copy);
    CALL(close, 999);
    CALL(openat, AT_FDCWD, "missing", O_RDONLY);
    CALL(openat, AT_FDCWD, "missing", O_WRONLY | O_DIRECTORY | O_NOFOLLOW);
    CALL(openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600);
    CALL(openat, fd, "relative", O_RDONLY | O_PATH);
    CALL(openat, AT_FDCWD, NULL, O_RDONLY);
    CALL(fadvise64, fd, 0L, 0L, POSIX_FADV_SEQUENTIAL);
    CALL(close_range, 100, 200, 0);
    int ends[2];
    CALL(pipe2, ends, O_CLOEXEC | O_NONBLOCK);
    CALL(pipe2, NULL, 0);
    CALL(read, ends[0], buffer, 10);
    CALL(splice, ends[0], NULL, ends[1], NULL, 10L, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    CALL(sendfile, ends[1], fd, NULL, 4L);
    CALL(read, ends[0], buffer, 10);
    CALL(memfd_create, "name", MFD_CLOEXEC);
    CALL(umask, 027);
    CALL(umask, 022);
    CALL(ioctl, fd, TCGETS, buffer);
    CALL(ioctl, fd, FIONREAD, buffer);
    CALL(ioctl, ends[0], FIONREAD, buffer);
    CALL(copy_file_range, fd, NULL, fd, NULL, 0L, 0);
}

static void names(void)
{
    char buffer[8192];
    struct stat status;
    struct statx extended;
    CALL(mkdirat, AT_FDCWD, "directory", 0755);
    CALL(mkdirat, AT_FDCWD, "directory", 01777);
    CALL(symlinkat, "target", AT_FDCWD, "link");
    CALL(linkat, AT_FDCWD, "file", AT_FDCWD, "hard", 0);
    CALL(linkat, AT_FDCWD, "nothing", AT_FDCWD, "hard", AT_SYMLINK_FOLLOW);
    CALL(readlinkat, AT_FDCWD, "link", buffer, sizeof buffer);
    CALL(readlinkat, AT_FDCWD, "file", buffer, sizeof buffer);
    CALL(renameat2, AT_FDCWD, "hard", AT_FDCWD, "harder", RENAME_NOREPLACE);
    CALL(unlinkat, AT_FDCWD, "harder", 0);
    CALL(unlinkat, AT_FDCWD, "directory", 0);
    CALL(newfstatat, AT_FDCWD, "file", &status, 0);
    CALL(newfstatat, AT_FDCWD, "link", &status, AT_SYMLINK_NOFOLLOW);
    CALL(newfstatat, AT_FDCWD, "/dev/null", &status, 0);
    CALL(newfstatat, AT_FDCWD, "missing", &status, 0);
    CALL(newfstatat, AT_FDCWD, "directory", &status, AT_NO_AUTOMOUNT);
    CALL(fstat, 0, &status);
    CALL(statx, AT_FDCWD, "file", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, &extended);
    CALL(statx, AT_FDCWD, "missing", AT_SYMLINK_NOFOLLOW, STATX_ALL, &extended);
    CALL(statx, 1, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE | STATX_INO, &extended);
    CALL(faccessat, AT_FDCWD, "file", R_OK | W_OK);
    CALL(faccessat, AT_FDCWD, "file", F_OK);
    CALL(faccessat, AT_FDCWD, "missing", X_OK);
    CALL(fchmodat, AT_FDCWD, "file", 04755);
    CALL(fchmod, 999, 0);
    CALL(fchownat, AT_FDCWD, "file", -1, -1, AT_SYMLINK_NOFOLLOW);
    CALL(chdir, "directory");
    CALL(getcwd, buffer, sizeof buffer);
    CALL(getcwd, buffer, 1);
    CALL(chdir, "..");
    struct timespec times[2] = {{1000000000, 5}, {0, UTIME_OMIT}};
    CALL(utimensat, AT_FDCWD, "file", times, 0);
    CALL(utimensat, AT_FDCWD, "file", NULL, AT_SYMLINK_NOFOLLOW);
    CALL(mknodat, AT_FDCWD, "fifo", S_IFIFO | 0600, 0);
    CALL(truncate, "file", 5L);
    int fd = CALL(openat, AT_FDCWD, "directory", O_RDONLY | O_DIRECTORY);
    CALL(getdents64, fd, buffer, sizeof buffer);
    CALL(getdents64, fd, buffer, sizeof buffer);
    CALL(fchdir, fd);
    CALL(chdir, "..");
    CALL(statfs, "/proc", buffer);
    CALL(getxattr, "file", "user.none", buffer, sizeof buffer);
    CALL(unlinkat, AT_FDCWD, "directory", AT_REMOVEDIR);
    CALL(chdir, "a path that is rather longer than the thirty-two bytes that strings have");
}

static void memory(void)
{
    char *page = (char *)CALL(mmap, NULL, 8192L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    CALL(mprotect, page, 4096L, PROT_NONE);
    CALL(mprotect, page, 4096L, PROT_READ | PROT_EXEC);
    CALL(madvise, page, 4096L, MADV_DONTNEED);
    CALL(msync, page, 4096L, MS_SYNC | MS_INVALIDATE);
    CALL(mremap, page, 8192L, 4096L, MREMAP_MAYMOVE);
    CALL(munmap, page, 4096L);
    CALL(munmap, (void *)1L, 4096L);
    CALL(mmap, NULL, 0L, PROT_READ, MAP_SHARED, 999, 0L);
    CALL(mmap, (void *)0x10000000L, 4096L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0L);
    CALL(munmap, (void *)0x10000000L, 4096L);
    CALL(mlock, (void *)1L, 1L);
}

static void waiting(void)
{
    int ends[2];
    struct timespec soon = {0, 1000}, bad = {0, -1};
    CALL(pipe2, ends, 0);
    struct pollfd list[3] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT | POLLERR, 0}, {-1, POLLIN, 0}};
    CALL(ppoll, list, 1, &soon, NULL, 0L);
    CALL(ppoll, list + 1, 2, NULL, NULL, 0L);
    CALL(write, ends[1], "x", 1);
    CALL(ppoll, list, 3, NULL, NULL, 0L);
    CALL(ppoll, list, 3, &bad, NULL, 0L);
    fd_set reading;
    FD_ZERO(&reading);
    FD_SET(ends[0], &reading);
    CALL(pselect6, ends[0] + 1, &reading, NULL, NULL, NULL, NULL);
    int set = CALL(epoll_create1, EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 7}, events[4];
    CALL(epoll_ctl, set, EPOLL_CTL_ADD, ends[0], &event);
    CALL(epoll_ctl, set, EPOLL_CTL_ADD, ends[0], &event);
    CALL(epoll_pwait, set, events, 4, 1000, NULL, 8L);
    CALL(epoll_pwait, set, events, 4, 0, NULL, 8L);
    CALL(epoll_ctl, set, EPOLL_CTL_DEL, ends[0], NULL);
    CALL(eventfd2, 3, EFD_NONBLOCK | EFD_CLOEXEC);
    int timer = CALL(timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec timing = {{1, 0}, {2, 500}};
    CALL(timerfd_settime, timer, 0, &timing, NULL);
    CALL(timerfd_settime, timer, TFD_TIMER_ABSTIME, &timing, NULL);
    struct itimerval interval = {{0, 0}, {1000, 0}}, none = {{0, 0}, {0, 0}};
    CALL(setitimer, ITIMER_VIRTUAL, &interval, NULL);
    CALL(setitimer, ITIMER_VIRTUAL, &none, NULL);
    CALL(getitimer, ITIMER_PROF, &interval);
    CALL(nanosleep, &soon, NULL);
    CALL(nanosleep, &bad, NULL);
    CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, &soon, NULL);
    CALL(clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &soon, NULL);
    CALL(clock_getres, CLOCK_MONOTONIC, &soon);
    CALL(clock_gettime, 77, &soon);
    int word = 3;
    CALL(futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 4, NULL);
    CALL(futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
    soon.tv_nsec = 1000;
    CALL(futex, &word, FUTEX_WAIT, 3, &soon);
    CALL(futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME, 4, NULL, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void process(void)
{
    struct rlimit limit = {0, 0};
    struct utsname name;
    struct rusage usage;
    int status;
    CALL(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
    limit.rlim_cur = 1000;
    CALL(prlimit64, 0, RLIMIT_CORE, &limit, NULL);
    CALL(prlimit64, 0, RLIMIT_CPU, NULL, &limit);
    CALL(uname, &name);
    CALL(getpgid, 0);
    CALL(getuid);
    CALL(setpgid, 0, 12345678);
    CALL(prctl, PR_SET_NAME, "a name", 0, 0, 0);
    CALL(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
    CALL(getpriority, PRIO_PROCESS, 0);
    CALL(sched_yield);
    CALL(sched_getscheduler, 0);
    CALL(getrandom, &status, 0, GRND_NONBLOCK);
    CALL(getrusage, 99, &usage);
    CALL(kill, 12345678, SIGTERM);
    CALL(wait4, -1, &status, WNOHANG, NULL);
    CALL(waitid, P_ALL, 0, NULL, WEXITED | WNOHANG, NULL);
    CALL(getgroups, 0, NULL);
    CALL(getresuid, &status, &status, &status);
    CALL(execve, "missing", ((char *[]){"missing", "with", "words", NULL}), ((char *[]){"A=1", "B=2", NULL}));
    CALL(execve, "missing", NULL, NULL);
    CALL(set_robust_list, NULL, 24L);
    CALL(setuid, -1);
    pid_t child = fork();
    if (child == 0)
        _exit(3);
    CALL(wait4, child, &status, 0, NULL);
    child = fork();
    if (child == 0) {
        CALL(kill, getpid(), SIGKILL);
    }
    CALL(wait4, -1, &status, __WALL, NULL);
}

static void signals(void)
{
    sigset_t set;
    siginfo_t info;
    struct timespec none = {0, 0};
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal, .sa_flags = SA_RESTART}, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    CALL(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8L);
    CALL(kill, getpid(), SIGUSR1);
    CALL(rt_sigpending, &set, 8L);
    CALL(rt_sigtimedwait, &set, &info, &none, 8L);
    CALL(rt_sigtimedwait, &set, NULL, &none, 8L);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
    sigfillset(&set);
    CALL(rt_sigprocmask, SIG_SETMASK, &set, NULL, 8L);
    sigdelset(&set, SIGUSR2);
    CALL(rt_sigprocmask, SIG_SETMASK, &set, NULL, 8L);
    CALL(rt_sigtimedwait, &set, &info, &none, 8L);
    sigemptyset(&set);
    CALL(rt_sigprocmask, SIG_SETMASK, &set, NULL, 8L);
    CALL(rt_sigprocmask, 77, &set, NULL, 8L);
    CALL(kill, getpid(), SIGUSR1);
    raise(SIGUSR1);
    CALL(kill, getpid(), 0);
    CALL(sigaltstack, &(stack_t){.ss_flags = SS_DISABLE}, NULL);
    CALL(sigaltstack, NULL, NULL);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    CALL(rt_sigaction, 99, NULL, NULL, 8L);
}

int main(int count, char **words)
{
    CALL(write, 1, "begin\n", 6);
    files();
    names();
    memory();
    waiting();
    process();
    signals();
    if (count > 1 && !strcmp(words[1], "crash"))
        *(volatile int *)0x10 = 1;
    if (count > 1 && !strcmp(words[1], "exec"))
        execl(words[0], words[0], "crash", NULL);
    CALL(exit_group, 7);
}
