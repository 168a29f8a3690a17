/* System V IPC and POSIX message queues: shared memory, semaphores, messages, between a process and its children.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void show(const char *what, long result) {
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
}

#define TRY(call) show(#call, (long)(call))

static pid_t start(void) {
    fflush(stdout);
    return fork();
}

static void finish(pid_t child) {
    int status;
    waitpid(child, &status, 0);
    printf("child: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static int attached(int id) {
    struct shmid_ds status;
    return shmctl(id, IPC_STAT, &status) ? -1 : (int)status.shm_nattch;
}

/* A key that nothing has, nor the next one: what a killed process leaves may have those of its number. */
static key_t unused(void) {
    key_t key = 0x50000000 | getpid() << 1;
    while (shmget(key, 0, 0) != -1 || shmget(key + 1, 0, 0) != -1)
        key += 1 << 23; /* above all process numbers */
    return key;
}

static void shared_memory(void) {
    long page = sysconf(_SC_PAGESIZE);
    key_t key = unused();
    int id = shmget(key, 3 * page + 5, IPC_CREAT | IPC_EXCL | 0600);
    printf("%d\n", id >= 0);
    TRY(shmget(key, 1, IPC_CREAT | IPC_EXCL | 0600));
    TRY(shmget(key, 100 * page, 0));
    TRY(shmget(key, 0, 0) == id);
    TRY(shmget(key + 1, 1, 0));
    TRY(shmget(IPC_PRIVATE, 0, 0600));
    char *one = shmat(id, NULL, 0), *two = shmat(id, NULL, SHM_RDONLY);
    printf("%d %d %d\n", one != (void *)-1, two != (void *)-1, one != two);
    TRY(attached(id));
    strcpy(one + page, "shared");
    puts(two + page);
    pid_t child = start();
    if (child == 0) {
        int count = attached(id);
        strcpy(one + 2 * page, two + page);
        one[3 * page + 4] = 'e';
        shmdt(one);
        _exit(count);
    }
    finish(child);
    printf("%s %c\n", two + 2 * page, two[3 * page + 4]);
    TRY(attached(id));

    /* At addresses that were asked for. */
    long unit = SHMLBA; /* a page, but for MIPS */
    char *room = mmap(NULL, 16 * unit, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(room, 16 * unit);
    room += -(uintptr_t)room % unit;
    TRY((char *)shmat(id, room, 0) == room);
    TRY((long)shmat(id, room, 0));
    TRY((char *)shmat(id, room, SHM_REMAP) == room);
    TRY((char *)shmat(id, room + 8 * unit + 17, SHM_RND) == room + 8 * unit);
    TRY((long)shmat(id, room + 17, 0));
    TRY((long)shmat(id, NULL, SHM_REMAP));
    TRY((long)shmat(-1, NULL, 0));
    TRY(attached(id));
    TRY(shmdt(room + page));
    /* A hole in an attachment; what is left goes at once. */
    TRY(munmap(room + page, page));
    TRY(mprotect(room + 2 * page, page, PROT_READ));
    puts(room + 2 * page);
    TRY(shmdt(room));
    TRY(shmdt(room));
    TRY(shmdt(room + 8 * unit));
    TRY(attached(id));

    struct shmid_ds status;
    TRY(shmctl(id, IPC_STAT, &status));
    printf("%ld %o %d %d %d\n", (long)(status.shm_segsz - 3 * page), status.shm_perm.mode & 0777,
           status.shm_perm.uid == getuid(), status.shm_cpid == getpid(), status.shm_perm.__key == key);
    printf("%d %d\n", status.shm_ctime > 1000000000, status.shm_atime >= status.shm_ctime);
    status.shm_perm.mode = 0640;
    TRY(shmctl(id, IPC_SET, &status));
    TRY(shmctl(id, IPC_STAT, &status));
    printf("%o\n", status.shm_perm.mode & 0777);
    struct shminfo limits;
    struct shm_info use;
    TRY(shmctl(0, IPC_INFO, (struct shmid_ds *)&limits) >= 0);
    TRY(shmctl(0, SHM_INFO, (struct shmid_ds *)&use) >= 0);
    printf("%d %d %d\n", (int)limits.shmmin, limits.shmmni > 0, use.used_ids > 0);
    TRY(shmctl(id, 999, NULL));
    TRY(shmctl(id, IPC_STAT, NULL));
    TRY(shmctl(id, IPC_RMID, NULL));
    puts(two + page);
    TRY(shmdt(one));
    TRY(shmdt(two));
    TRY(shmctl(id, IPC_STAT, &status));
}

static void nothing(int number) {
    (void)number;
}

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

static void semaphores(void) {
    int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
    unsigned short values[3] = {5, 0, 7}, told[3] = {0};
    printf("%d\n", id >= 0);
    TRY(semctl(id, 0, SETALL, (union semun){.array = values}));
    TRY(semctl(id, 0, GETALL, (union semun){.array = told}));
    printf("%d %d %d\n", told[0], told[1], told[2]);
    TRY(semctl(id, 1, SETVAL, (union semun){.val = 2}));
    TRY(semctl(id, 1, SETVAL, (union semun){.val = -1}));
    TRY(semctl(id, 1, GETVAL));
    TRY(semctl(id, 3, GETVAL));
    struct sembuf two[] = {{0, -3, 0}, {2, 1, 0}}, none = {1, 0, IPC_NOWAIT}, much = {0, -9, IPC_NOWAIT};
    TRY(semop(id, two, 2));
    TRY(semctl(id, 0, GETVAL));
    TRY(semctl(id, 2, GETVAL));
    TRY(semctl(id, 0, GETPID) == getpid());
    TRY(semop(id, &none, 1));
    TRY(semop(id, &much, 1));
    TRY(semop(id, two, 0));
    TRY(semop(id, NULL, 1));
    TRY(semop(id, two, 100000));
    much.sem_flg = 0;
    struct timespec soon = {0, 10000000};
    TRY(semtimedop(id, &much, 1, &soon));
    /* Neither is restarted, whatever the handler was installed with. */
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    struct itimerval alarm = {{0, 20000}, {0, 20000}}, quiet = {0}; /* again and again, as the first may be too early */
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &alarm, NULL);
    TRY(semop(id, &much, 1));
    setitimer(ITIMER_REAL, &quiet, NULL);
    /* Undone at the end of the process. */
    pid_t child = start();
    if (child == 0) {
        struct sembuf undone = {0, -2, SEM_UNDO};
        _exit(semop(id, &undone, 1) ? 99 : semctl(id, 0, GETVAL));
    }
    finish(child);
    TRY(semctl(id, 0, GETVAL));
    /* A child waits until it is let go. */
    TRY(semctl(id, 1, SETVAL, (union semun){.val = 0}));
    child = start();
    if (child == 0) {
        struct sembuf wait = {1, -1, 0};
        _exit(semop(id, &wait, 1) ? 99 : 3);
    }
    while (semctl(id, 1, GETNCNT) == 0)
        usleep(1000);
    struct sembuf go = {1, 1, 0};
    TRY(semop(id, &go, 1));
    finish(child);
    struct semid_ds status;
    TRY(semctl(id, 0, IPC_STAT, (union semun){.buf = &status}));
    printf("%d %o %d %d\n", (int)status.sem_nsems, status.sem_perm.mode & 0777, status.sem_ctime > 1000000000,
           status.sem_otime >= status.sem_ctime);
    status.sem_perm.mode = 0660;
    TRY(semctl(id, 0, IPC_SET, (union semun){.buf = &status}));
    struct seminfo limits;
    TRY(semctl(0, 0, IPC_INFO, (union semun){.info = &limits}) >= 0);
    printf("%d %d\n", limits.semvmx, limits.semmsl > 0);
    child = start();
    if (child == 0) {
        struct sembuf wait = {0, -100, 0};
        _exit(semop(id, &wait, 1) == -1 && errno == EIDRM ? 4 : 99);
    }
    while (semctl(id, 0, GETNCNT) == 0)
        usleep(1000);
    TRY(semctl(id, 0, IPC_RMID));
    finish(child);
    TRY(semctl(id, 0, GETVAL));
    TRY(semget(IPC_PRIVATE, -1, 0600));
}

struct message {
    long type;
    char text[64];
};

static void messages(void) {
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    struct message m = {3, "third"}, got = {0};
    printf("%d\n", id >= 0);
    TRY(msgsnd(id, &m, 6, 0));
    m = (struct message){1L << 30, "first, and longer"};
    TRY(msgsnd(id, &m, 18, 0));
    m.type = 0;
    TRY(msgsnd(id, &m, 1, 0));
    m.type = 5;
    TRY(msgsnd(id, &m, 0, 0));
    TRY(msgsnd(id, &m, (size_t)-1, 0));
    TRY(msgsnd(id, &m, 1 << 20, 0));
    TRY(msgsnd(id, NULL, 1, 0));
    TRY(msgrcv(id, &got, sizeof got.text, 1L << 30, 0));
    printf("%ld %s\n", got.type, got.text);
    TRY(msgrcv(id, &got, 2, 3, 0));
    TRY(msgrcv(id, &got, 2, 3, MSG_NOERROR));
    printf("%ld %.2s\n", got.type, got.text);
    TRY(msgrcv(id, &got, sizeof got.text, -4, IPC_NOWAIT));
    TRY(msgrcv(id, &got, sizeof got.text, 5, MSG_EXCEPT | IPC_NOWAIT));
    TRY(msgrcv(id, &got, sizeof got.text, -9, 0));
    printf("%ld\n", got.type);
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    struct itimerval alarm = {{0, 20000}, {0, 20000}}, quiet = {0}; /* again and again, as the first may be too early */
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &alarm, NULL);
    TRY(msgrcv(id, &got, sizeof got.text, 0, 0));
    setitimer(ITIMER_REAL, &quiet, NULL);
    pid_t child = start();
    if (child == 0) {
        m = (struct message){2, "from a child"};
        usleep(10000);
        _exit(msgsnd(id, &m, 13, 0) ? 99 : 0);
    }
    TRY(msgrcv(id, &got, sizeof got.text, 0, 0));
    puts(got.text);
    finish(child);
    struct msqid_ds status;
    TRY(msgctl(id, IPC_STAT, &status));
    printf("%d %d %d %d %o\n", (int)status.msg_qnum, status.msg_qbytes > 0, status.msg_lspid == child,
           status.msg_lrpid == getpid(), status.msg_perm.mode & 0777);
    status.msg_qbytes = 100;
    TRY(msgctl(id, IPC_SET, &status));
    memset(&m, 'x', sizeof m);
    TRY(msgsnd(id, &m, 60, IPC_NOWAIT));
    TRY(msgsnd(id, &m, 60, IPC_NOWAIT));
    struct msginfo limits;
    TRY(msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) >= 0);
    printf("%d\n", limits.msgmax > 0);
    TRY(msgctl(id, IPC_RMID, NULL));
    TRY(msgrcv(id, &got, 1, 0, 0));
}

static volatile sig_atomic_t notified, code;

static void notify(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    code = info->si_code;
    notified = info->si_value.sival_int;
}

static pthread_barrier_t done;

static void notify_thread(union sigval value) {
    notified = value.sival_int;
    pthread_barrier_wait(&done);
}

static void queues(void) {
    char name[64];
    snprintf(name, sizeof name, "/portolan-ipc-%d", getpid());
    mq_unlink(name); /* a killed process of the same number may have left one */
    struct mq_attr wanted = {.mq_maxmsg = 2, .mq_msgsize = 16}, told;
    mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &wanted);
    printf("%d\n", queue >= 0);
    TRY(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &wanted));
    TRY(mq_open("/no-such-queue", O_RDWR));
    TRY(mq_open("/a/b", O_CREAT | O_RDWR, 0600, NULL));
    TRY(mq_getattr(queue, &told));
    printf("%d %ld %ld %ld\n", told.mq_flags == O_NONBLOCK, told.mq_maxmsg, told.mq_msgsize, told.mq_curmsgs);
    char text[17] = {0};
    unsigned priority = 0;
    TRY(mq_receive(queue, text, sizeof text, NULL));
    TRY(mq_send(queue, "low", 4, 1));
    TRY(mq_send(queue, "high", 5, 9));
    TRY(mq_send(queue, "more", 5, 2));
    TRY(mq_send(queue, text, 17, 2));
    TRY(mq_receive(queue, text, 3, &priority));
    TRY(mq_receive(queue, text, sizeof text, &priority));
    printf("%s %u\n", text, priority);
    TRY(mq_receive(queue, text, sizeof text, &priority));
    printf("%s %u\n", text, priority);
    told.mq_flags = 0;
    TRY(mq_setattr(queue, &told, &wanted));
    TRY(mq_getattr(queue, &told));
    printf("%d %ld\n", wanted.mq_flags == O_NONBLOCK, told.mq_flags);
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    TRY(mq_timedreceive(queue, text, sizeof text, NULL, &deadline));
    deadline.tv_nsec = -1;
    TRY(mq_timedreceive(queue, text, sizeof text, NULL, &deadline));

    struct sigaction action = {.sa_sigaction = notify, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    event.sigev_value.sival_int = 42;
    TRY(mq_notify(queue, &event));
    TRY(mq_notify(queue, &event));
    TRY(mq_send(queue, "tell", 5, 0));
    while (!notified)
        usleep(1000);
    printf("%d %d\n", notified, code == SI_MESGQ);
    TRY(mq_receive(queue, text, sizeof text, NULL));
    pthread_barrier_init(&done, NULL, 2);
    event = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notify_thread};
    event.sigev_value.sival_int = 43;
    TRY(mq_notify(queue, &event));
    TRY(mq_send(queue, "tell", 5, 0));
    pthread_barrier_wait(&done);
    printf("%d\n", notified);
    TRY(mq_notify(queue, NULL));
    TRY(mq_unlink(name));
    TRY(mq_unlink(name));
    TRY(mq_close(queue));
    TRY(mq_send(queue, "x", 1, 0));
    TRY(mq_getattr(0, &told));
}

int main(void) {
    shared_memory();
    semaphores();
    messages();
    queues();
    return 0;
}
