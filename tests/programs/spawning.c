/* Processes: fork, vfork, exec, wait, and pipes between them. The program starts itself again, by its own name in
 * /proc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int status_of(pid_t child) {
    int status;
    fflush(stdout);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void spawn(const char *what, const char *path, posix_spawn_file_actions_t *actions,
                  posix_spawnattr_t *attributes) {
    char *arguments[] = {"a name", "7", "given by spawn", NULL};
    pid_t child;
    fflush(stdout);
    int error = posix_spawn(&child, path, actions, attributes, arguments, environ);
    if (error)
        printf("%s: %s\n", what, strerrorname_np(error));
    else
        printf("%s: exits with %d\n", what, status_of(child));
}

static void spawning(void) {
    spawn("spawn what is missing", "/nonexistent/program", NULL, NULL);
    spawn("spawn a directory", "/tmp", NULL, NULL);
    spawn("spawn what is not executable", "/etc/passwd", NULL, NULL);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 5, "/nonexistent/file", 0, 0);
    spawn("spawn with a file that is missing", "/proc/self/exe", &actions, NULL);
    posix_spawnattr_t attributes;
    sigset_t set;
    posix_spawnattr_init(&attributes);
    sigfillset(&set);
    posix_spawnattr_setsigdefault(&attributes, &set);
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes, &set);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    spawn("spawn itself", "/proc/self/exe", NULL, &attributes);
}

static void forking(void) {
    static volatile int shared = 1;
    fflush(stdout);
    pid_t child = vfork();
    if (child == 0) {
        execl("/nonexistent/program", "program", NULL);
        shared = errno;
        _exit(2);
    }
    printf("vfork: exits with %d, told %s\n", status_of(child), strerrorname_np(shared));
    child = fork();
    if (child == 0) {
        shared = 99;
        _exit(3);
    }
    int status = status_of(child);
    printf("fork: exits with %d, told %s\n", status, strerrorname_np(shared));
    int children = 0, sum = 0;
    for (int i = 0; i < 40; i++)
        if (fork() == 0)
            _exit(i);
    for (; wait(&status) > 0; children++)
        sum += WEXITSTATUS(status);
    printf("%d children exit with %d together\n", children, sum);
    errno = 0;
    int none = wait(NULL);
    printf("no child left: %d %s\n", none, strerrorname_np(errno));
    siginfo_t info;
    child = fork();
    if (child == 0)
        _exit(8);
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    printf("waitid: code %d, status %d, child %d\n", info.si_code, info.si_status, info.si_pid == child);
    printf("still there: %d\n", status_of(child));
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        _exit(getpgrp() != getpid() || getsid(0) == getpid());
    }
    printf("a group of its own: %d\n", status_of(child));
    child = fork();
    if (child == 0)
        _exit(setsid() != getpid());
    printf("a session of its own: %d\n", status_of(child));
}

static void executing(void) {
    char line[100] = {0};
    fflush(stdout);
    int status = system("exit 6");
    printf("system: %d\n", WEXITSTATUS(status));
    FILE *pipe_ = popen("echo through a pipe; exit 4", "r");
    printf("popen: %s", fgets(line, sizeof line, pipe_));
    status = pclose(pipe_);
    printf("pclose: %d\n", WEXITSTATUS(status));

    char script[] = "/tmp/portolan-script-XXXXXX";
    int fd = mkstemp(script);
    dprintf(fd, "#!/proc/self/exe 9\nnot for a shell\n");
    fchmod(fd, 0700);
    close(fd);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execl(script, "script", "more", NULL);
        _exit(errno);
    }
    printf("a script: exits with %d\n", status_of(child));
    unlink(script);

    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) || pipe2(output, O_CLOEXEC))
        exit(1);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        dup2(input[0], 0);
        dup2(output[1], 1);
        execlp("tr", "tr", "a-z", "A-Z", NULL);
        _exit(errno);
    }
    close(input[0]);
    close(output[1]);
    dprintf(input[1], "a program of the host's\n");
    close(input[1]);
    FILE *answer = fdopen(output[0], "r");
    printf("tr: %s", fgets(line, sizeof line, answer));
    printf("tr: exits with %d\n", status_of(child));
    char *bare[] = {NULL};
    child = fork();
    if (child == 0) {
        execve("/nonexistent", bare, bare);
        _exit(errno == ENOENT ? 0 : 1);
    }
    printf("no arguments: %d\n", status_of(child));
}

int main(int count, char **arguments) {
    if (count > 1) {
        /* A script's name is the second argument; it is different each time. */
        const char *script = count > 2 && strncmp(arguments[2], "/tmp/", 5) == 0 ? ", for a script" : "";
        printf("again: %d arguments, the last is %s%s\n", count, arguments[count - 1], script);
        return atoi(arguments[1]);
    }
    spawning();
    forking();
    executing();
    fflush(stdout);
    execl("/proc/self/exe", "at last", "0", NULL);
    return 1;
}
