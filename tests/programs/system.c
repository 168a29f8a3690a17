/* What programs for administrators and debuggers ask of the kernel: their own memory by process, comparing processes,
   namespaces, handles of files, locked memory, moving pages; and the rest of fcntl.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static void show(const char *what, long result) {
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
}

#define TRY(call) show(#call, (long)(call))

static void memory(void) {
    char from[] = "one two three", to[16] = {0};
    struct iovec local[] = {{to, 4}, {to + 4, 12}}, remote[] = {{from + 4, 4}, {from, 4}, {(void *)8, 4}};
    TRY(process_vm_readv(getpid(), local, 2, remote, 2, 0));
    puts(to);
    TRY(process_vm_writev(getpid(), remote, 1, local, 1, 0));
    TRY(process_vm_readv(getpid(), local, 2, remote, 3, 0));
    TRY(process_vm_readv(getpid(), local, 2, remote + 2, 1, 0));
    TRY(process_vm_readv(getpid(), local, 2, remote, 1, 1));
    TRY(process_vm_readv(-5, local, 2, remote, 1, 0));

    size_t page = sysconf(_SC_PAGESIZE);
    char *old = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(old, 'm', 3 * page);
    char *moved = mremap(old, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    printf("%d %c %d %c\n", moved != MAP_FAILED && moved != old, moved[page], old[page], old[2 * page]);
    old[0] = 'n';
    printf("%c %c\n", old[0], moved[0]);
    TRY(mremap(old, page, 2 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL) == MAP_FAILED && errno == EINVAL);
    TRY(mremap(old, page, page, MREMAP_DONTUNMAP, NULL) == MAP_FAILED && errno == EINVAL);
    TRY(mlock(old, page));
    TRY(mlock2(old, page, MLOCK_ONFAULT));
    TRY(munlock(old, page));
    TRY(mlockall(0));
    TRY(mlockall(64));
    TRY(mlockall(MCL_ONFAULT));
    TRY(munlockall());
    TRY(madvise(old, page, MADV_POPULATE_WRITE));
    TRY(madvise(old, page, MADV_DONTNEED));
    printf("%d\n", old[0]);
    TRY(madvise(old, page, 12345));
    munmap(old, 3 * page);
    munmap(moved, 2 * page);
}

static void processes(void) {
    int ends[2], status;
    if (pipe(ends))
        exit(1);
    int copy = dup(ends[0]);
    TRY(syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, ends[0], copy));
    TRY(syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, ends[0], ends[1]) > 0);
    TRY(syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, ends[0], 999));
    TRY(syscall(SYS_kcmp, getpid(), getpid(), KCMP_VM, 0, 0));
    TRY(syscall(SYS_kcmp, getpid(), getpid(), 99, 0, 0));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 ? byte : 99);
    }
    int process = syscall(SYS_pidfd_open, child, 0);
    int own = syscall(SYS_pidfd_getfd, process, ends[0], 0);
    printf("%d\n", own > 0);
    TRY(syscall(SYS_kcmp, getpid(), child, KCMP_FILE, own, ends[0]));
    TRY(syscall(SYS_pidfd_getfd, process, 999, 0));
    TRY(syscall(SYS_pidfd_getfd, ends[0], 0, 0));
    TRY(syscall(SYS_pidfd_send_signal, process, 0, NULL, 0));
    TRY(write(ends[1], "\7", 1));
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
    TRY(syscall(SYS_pidfd_send_signal, process, 0, NULL, 0));
    TRY(unshare(0));
    TRY(unshare(1));
    TRY(setns(ends[0], 0));
    TRY(setns(999, 0));
    TRY(prctl(PR_GET_TIMING, 0, 0, 0, 0));
    TRY(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
    TRY(prctl(123456, 0, 0, 0, 0));
    for (int fd = ends[0]; fd < 32; fd++)
        close(fd);
}

static void files(void) {
    char path[] = "/tmp/portolan-system-XXXXXX", wrong[] = "/tmp/portolan-system-none/x";
    int fd = mkstemp(path), mount = -1;
    union {
        struct file_handle head;
        char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } handle = {.head = {.handle_bytes = 0}};
    TRY(name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0));
    printf("%d\n", handle.head.handle_bytes > 0);
    handle.head.handle_bytes = MAX_HANDLE_SZ;
    TRY(name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0));
    printf("%d %d\n", handle.head.handle_bytes > 0, mount >= 0);
    TRY(name_to_handle_at(AT_FDCWD, wrong, &handle.head, &mount, 0));
    handle.head.handle_bytes = MAX_HANDLE_SZ + 1;
    TRY(name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0));

    TRY(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
    TRY(fcntl(fd, F_GETSIG) == SIGRTMIN + 1);
    TRY(fcntl(fd, F_SETSIG, 129));
    TRY(fcntl(fd, F_SETOWN, getpid()));
    TRY(fcntl(fd, F_GETOWN) == getpid());
    struct f_owner_ex owner = {F_OWNER_TID, getpid()}, told = {0};
    TRY(fcntl(fd, F_SETOWN_EX, &owner));
    TRY(fcntl(fd, F_GETOWN_EX, &told));
    printf("%d %d\n", told.type, told.pid == getpid());
    TRY(fcntl(fd, F_GETLEASE));
    close(fd);
    fd = open(path, O_RDONLY);
    TRY(fcntl(fd, F_SETLEASE, F_RDLCK));
    TRY(fcntl(fd, F_GETLEASE));
    TRY(fcntl(fd, F_SETLEASE, F_UNLCK));
    TRY(fcntl(fd, F_SETLEASE, 77));
    TRY(fcntl(fd, 4321, 0));
    TRY(fcntl(999, 4321, 0));
    int sealed = memfd_create("sealed", MFD_ALLOW_SEALING);
    TRY(fcntl(sealed, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK));
    TRY(fcntl(sealed, F_GET_SEALS));
    TRY(ftruncate(sealed, 100));
    TRY(fcntl(fd, F_GET_SEALS));
    close(sealed);
    close(fd);
    unlink(path);
}

int main(void) {
    memory();
    processes();
    files();
    return 0;
}
