/* A program to be debugged: its first argument says what it does. real.rs looks for them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct point {
    int x, y;
};

static int total = 7;
static int *nowhere;
static volatile int spinning;

static int add(const struct point *p, int n) {
    int sum = p->x + p->y + n;
    total += sum;
    return sum;
}

static void on_signal(int number) {
    total = number;
}

int main(int argc, char **argv) {
    struct point p = {3, 4};
    const char *what = argc > 1 ? argv[1] : "";
    int sum = add(&p, 5);
    printf("sum %d\n", sum);
    fflush(stdout);
    if (!strcmp(what, "crash"))
        *nowhere = sum; /* the crash */
    if (!strcmp(what, "abort"))
        abort();
    if (!strcmp(what, "raise")) {
        signal(SIGUSR1, on_signal);
        raise(SIGUSR1);
        printf("total %d\n", total);
    }
    if (!strcmp(what, "spin"))
        for (;;)
            spinning++;
    if (!strcmp(what, "sleep"))
        getchar();
    if (!strcmp(what, "fork")) {
        pid_t child = fork();
        int status = -1;
        if (child == 0)
            _exit(add(&p, 6));
        waitpid(child, &status, 0);
        printf("child %d\n", WEXITSTATUS(status));
    }
    return 42;
}
