/* A thread that waits, a child, and another program: tests/strace/main.rs. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void *waits(void *unused)
{
    char bytes[4];
    read(ends[0], bytes, sizeof bytes);
    return unused;
}

int main(int count, char **words)
{
    if (count > 2) {
        write(1, words[2], 5);
        return 4;
    }
    pthread_t thread;
    pipe(ends);
    pthread_create(&thread, NULL, waits, NULL);
    usleep(300000);
    write(ends[1], "abc", 3);
    pthread_join(thread, NULL);
    if (fork() == 0) {
        /* What the child does with its standard error is its own business. */
        dup2(open("/dev/null", O_WRONLY), 2);
        execl(words[0], words[0], "-", "child", NULL);
    }
    /* The child holds the pipe open until it ends: after that, wait need not wait. */
    close(ends[1]);
    while (read(ends[0], words[0], 1) != 0)
        ;
    wait(NULL);
    exit(3);
}
