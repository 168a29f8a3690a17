/* Files, directories, memory and what the kernel tells about the process: system calls that return at once. Each line
 * is a call with its result, or the name of its error; a directory of its own keeps runs apart.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void show(const char *what, long result) {
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
}

/* One call; the text is the call itself. */
#define TRY(call) show(#call, (long)(call))
/* Where only success or failure is the same everywhere. */
#define SUCCEEDS(call) show(#call, (long)(call) == -1 ? -1 : 0)

static void files(void) {
    char text[64] = {0}, other[8] = {0};
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
    TRY(write(fd, "0123456789", 10));
    TRY(pread(fd, text, 4, 3));
    puts(text);
    struct iovec parts[] = {{text, 2}, {other, 3}};
    TRY(preadv(fd, parts, 2, 1));
    printf("%.2s %.3s\n", text, other);
    TRY(pwrite(fd, "ab", 2, 20));
    TRY(lseek(fd, 0, SEEK_END));
    TRY(lseek(fd, -1, SEEK_SET));
    TRY(ftruncate(fd, 5));
    struct stat info;
    TRY(fstat(fd, &info));
    printf("%o %ld %ld\n", info.st_mode, (long)info.st_size, (long)info.st_nlink);
    TRY(fcntl(fd, F_GETFL) & O_ACCMODE);
    TRY(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
    TRY((fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK)) == (O_APPEND | O_NONBLOCK));
    TRY(dup2(fd, 50));
    TRY(fcntl(50, F_GETFD));
    TRY(fcntl(fcntl(fd, F_DUPFD_CLOEXEC, 60), F_GETFD));
    struct timespec times[] = {{1000, 5}, {2000, 6}};
    TRY(futimens(fd, times));
    TRY(stat("f", &info));
    printf("%ld %ld %ld\n", (long)info.st_atime, (long)info.st_mtime, info.st_mtim.tv_nsec);
    TRY(chmod("f", 0400));
    TRY(access("f", X_OK));
    TRY(unlink("/"));
    TRY(symlink("f", "l"));
    TRY(readlink("l", text, sizeof text));
    TRY(lstat("l", &info));
    printf("%d\n", S_ISLNK(info.st_mode));
    TRY(open("l", O_NOFOLLOW));
    TRY(link("f", "h"));
    TRY(stat("h", &info));
    printf("%ld\n", (long)info.st_nlink);
    TRY(mkfifo("p", 0600));
    TRY(open("p", O_WRONLY | O_NONBLOCK));
    int to = open("g", O_RDWR | O_CREAT | O_TRUNC, 0600);
    off_t offset = 1;
    TRY(sendfile(to, fd, &offset, 3));
    printf("%ld\n", (long)offset);
    TRY(copy_file_range(fd, &(loff_t){0}, to, 0, 2, 0));
    TRY(memfd_create("memory", MFD_CLOEXEC) >= 0);
    TRY(flock(fd, LOCK_EX | LOCK_NB));
    TRY(ioctl(fd, TCGETS, text));
    void *volatile nowhere = (void *)1;
    TRY(write(1, nowhere, 5));
    TRY(open(nowhere, 0));
    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    TRY(open(longest, 0));
    struct statfs system;
    TRY(statfs("/proc", &system));
    printf("%lx\n", (long)system.f_type);

    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
    TRY(fcntl(fd, F_SETLK, &lock));
    fflush(stdout);
    if (fork() == 0) {
        TRY(fcntl(fd, F_GETLK, &lock));
        printf("%d %ld %ld %d\n", lock.l_type, (long)lock.l_start, (long)lock.l_len, lock.l_pid == getppid());
        lock.l_type = F_WRLCK;
        TRY(fcntl(fd, F_SETLK, &lock));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void directories(void) {
    TRY(mkdir("d", 0700));
    for (int i = 0; i < 200; i++) {
        char name[40];
        snprintf(name, sizeof name, "d/some-long-name-%d", i);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    char *names[300];
    int count = 0;
    DIR *directory = opendir("d");
    for (struct dirent *entry; (entry = readdir(directory));)
        names[count++] = strdup(entry->d_name);
    qsort(names, count, sizeof *names, by_name);
    printf("%d %s %s\n", count, names[0], names[count - 1]);
    rewinddir(directory);
    TRY(readdir(directory) != NULL);
    closedir(directory);
    TRY(rename("d/some-long-name-7", "d/renamed"));
    TRY(renameat2(AT_FDCWD, "d/renamed", AT_FDCWD, "d/some-long-name-8", RENAME_NOREPLACE));
    TRY(rmdir("d"));
    TRY(chdir("d"));
    TRY(access("renamed", F_OK));
    char path[PATH_MAX];
    TRY(getcwd(path, sizeof path) != NULL);
    puts(strrchr(path, '/'));
    TRY(getcwd(path, 2) ? 0 : -1);
    TRY(chdir(".."));
}

static void memory(void) {
    long page = sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(map, "hello");
    map = mremap(map, 3 * page, 64 * page, MREMAP_MAYMOVE);
    puts(map);
    strcpy(map + 63 * page, "tail");
    TRY(madvise(map, page, MADV_DONTNEED));
    printf("%d %s\n", map[0], map + 63 * page);
    TRY(mremap(map, 64 * page, page, 0) == map);
    TRY(msync(map, page, MS_SYNC));
    TRY(mprotect(map, page, PROT_READ));
    TRY(munmap(map, page));
    TRY(mprotect(map, page, PROT_READ));
    TRY(munmap(map, 0));
    TRY(mmap(NULL, page, PROT_READ, MAP_PRIVATE, 99, 0));
    TRY(mmap(NULL, page, PROT_READ, MAP_PRIVATE, 1, 5));
    TRY(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

    char *shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fflush(stdout);
    if (fork() == 0) {
        strcpy(shared, "from the child");
        _exit(0);
    }
    wait(NULL);
    puts(shared);
    TRY(mmap(shared, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    int fd = open("m", O_RDWR | O_CREAT | O_TRUNC, 0600);
    TRY(ftruncate(fd, 2 * page));
    char *file = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    strcpy(file + page, "through the mapping");
    char text[20];
    TRY(pread(fd, text, sizeof text, page));
    puts(text);

    struct rlimit limit;
    TRY(getrlimit(RLIMIT_AS, &limit));
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 64 << 20;
    TRY(setrlimit(RLIMIT_AS, &limit));
    TRY(mmap(NULL, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    limit.rlim_cur = before;
    TRY(setrlimit(RLIMIT_AS, &limit));
    char *heap = sbrk(0);
    TRY(brk(heap + 100000));
    heap[99999] = 1;
    TRY((char *)sbrk(0) - heap);
}

static void process(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 100;
    TRY(setrlimit(RLIMIT_NOFILE, &limit));
    TRY(getrlimit(RLIMIT_NOFILE, &limit));
    printf("%ld\n", (long)limit.rlim_cur);
    TRY(dup2(1, 100));
    struct rusage usage;
    TRY(getrusage(RUSAGE_SELF, &usage));
    struct tms ticks;
    SUCCEEDS(times(&ticks));
    struct sysinfo system;
    TRY(sysinfo(&system));
    printf("%d\n", (uint64_t)system.totalram * system.mem_unit > 1 << 20);
    TRY(setpriority(PRIO_PROCESS, 0, 3));
    TRY(getpriority(PRIO_PROCESS, 0));
    char name[17] = {0};
    TRY(prctl(PR_SET_NAME, "renamed"));
    TRY(prctl(PR_GET_NAME, name));
    puts(name);
    cpu_set_t processors;
    SUCCEEDS(sched_getaffinity(0, sizeof processors, &processors));
    printf("%d\n", CPU_COUNT(&processors));
    TRY(sched_getscheduler(0));
    TRY(sched_get_priority_max(SCHED_FIFO));
    struct utsname uname_;
    TRY(uname(&uname_));
    puts(uname_.sysname);
    TRY(getauxval(AT_PAGESZ));
    TRY(getauxval(AT_RANDOM) != 0);
    TRY(getrandom(name, sizeof name, 0));
    struct timespec time;
    TRY(clock_gettime(CLOCK_MONOTONIC, &time));
    TRY(clock_gettime(77, &time));
    TRY(clock_getres(CLOCK_REALTIME, &time));
    printf("%ld\n", time.tv_nsec);
    TRY(syscall(9999));
    FILE *maps = fopen("/proc/self/maps", "r");
    int stack = 0, heap = 0;
    for (char line[500]; fgets(line, sizeof line, maps);) {
        stack += strstr(line, "[stack]") != NULL;
        heap += strstr(line, "[heap]") != NULL;
    }
    printf("%d %d\n", stack, heap);
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    printf("%d\n", length > 0 && path[0] == '/' && access("/proc/self/exe", X_OK) == 0);
}

int main(void) {
    char directory[] = "/tmp/portolan-calls-XXXXXX";
    if (!mkdtemp(directory) || chdir(directory))
        return 1;
    files();
    directories();
    memory();
    process();
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}
