/* A program with threads to be debugged: its first argument says what it does. threads.rs looks
   for its lines. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *what = "";
static int *nowhere;
static volatile int sum, spinning;
static pthread_barrier_t all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void add(int number) {
    int twice = number * 2; /* the addition */
    pthread_mutex_lock(&lock);
    sum += twice;
    pthread_mutex_unlock(&lock);
}

static void spin(void) {
    for (;;)
        spinning++;
}

static void *work(void *argument) {
    int number = *(int *)argument;
    char name[16];
    snprintf(name, sizeof name, "worker-%d", number);
    pthread_setname_np(pthread_self(), name);
    pthread_barrier_wait(&all);
    if (!strcmp(what, "crash") && number == 2)
        *nowhere = number; /* the crash */
    if (!strcmp(what, "crash") || !strcmp(what, "sleep"))
        pause();
    if (!strcmp(what, "spin"))
        spin();
    if (!strcmp(what, "exit") && number == 3)
        exit(7);
    add(number);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[3];
    int numbers[3] = {1, 2, 3};
    if (argc > 1)
        what = argv[1];
    pthread_barrier_init(&all, NULL, 4);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, work, &numbers[i]);
    pthread_barrier_wait(&all);
    printf("started\n");
    fflush(stdout);
    if (!strcmp(what, "leave"))
        pthread_exit(NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    printf("sum %d\n", sum); /* the end */
    return sum;
}
