/* A server that gives back what it gets, with epoll, and a client that checks every byte, with poll: over TCP and over
   a unix socket, several connections at once, sent in pieces of odd sizes. The argument is the amount in megabytes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTIONS = 4, ROOM = 1 << 16 };

static void check(int right, const char *what) {
    if (!right) {
        printf("%s: %s\n", what, strerrorname_np(errno));
        exit(1);
    }
}

static int descriptors(void) {
    int count = 0;
    DIR *list = opendir("/proc/self/fd");
    while (list && readdir(list))
        count++;
    closedir(list);
    return count;
}

/* The byte at a place of a connection's stream. */
static unsigned char byte_at(int connection, uint64_t place) {
    uint64_t x = place * 0x9e3779b97f4a7c15u + (uint64_t)connection * 0x2545f491;
    return (unsigned char)(x >> 29 ^ x >> 47);
}

struct buffer {
    int fd;
    unsigned start, end;
    int ended;
    unsigned char bytes[ROOM];
};

/* Gives back what arrives, until all connections have ended. */
static void serve(int listening) {
    static struct buffer buffers[CONNECTIONS];
    int set = epoll_create1(EPOLL_CLOEXEC), accepted = 0, open = 0;
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = CONNECTIONS}, happened[8];
    check(epoll_ctl(set, EPOLL_CTL_ADD, listening, &wanted) == 0, "epoll_ctl");
    while (accepted < CONNECTIONS || open > 0) {
        int count = epoll_wait(set, happened, 8, 60000);
        check(count > 0, "epoll_wait");
        for (int i = 0; i < count; i++) {
            unsigned index = happened[i].data.u32;
            if (index == CONNECTIONS) {
                struct buffer *fresh = &buffers[accepted];
                fresh->fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                check(fresh->fd >= 0, "accept4");
                wanted = (struct epoll_event){.events = EPOLLIN, .data.u32 = accepted++};
                check(epoll_ctl(set, EPOLL_CTL_ADD, fresh->fd, &wanted) == 0, "epoll_ctl");
                open++;
                continue;
            }
            struct buffer *b = &buffers[index];
            if (b->end < ROOM && !b->ended) {
                ssize_t got = recv(b->fd, b->bytes + b->end, ROOM - b->end, 0);
                check(got >= 0 || errno == EAGAIN, "recv");
                b->ended = got == 0;
                b->end += got > 0 ? got : 0;
            }
            if (b->start < b->end) {
                ssize_t put = send(b->fd, b->bytes + b->start, b->end - b->start, MSG_NOSIGNAL);
                check(put >= 0 || errno == EAGAIN, "send");
                b->start += put > 0 ? put : 0;
            }
            if (b->start == b->end) {
                b->start = b->end = 0;
                if (b->ended) {
                    close(b->fd);
                    open--;
                    continue;
                }
            }
            wanted = (struct epoll_event){.data.u32 = index};
            wanted.events = (b->end < ROOM && !b->ended ? EPOLLIN : 0) | (b->start < b->end ? EPOLLOUT : 0);
            check(epoll_ctl(set, EPOLL_CTL_MOD, b->fd, &wanted) == 0, "epoll_ctl");
        }
    }
    close(set);
}

/* Sends `total` bytes over each connection and compares what comes back. */
static void demand(const struct sockaddr *name, socklen_t length, uint64_t total) {
    static unsigned char bytes[ROOM];
    struct pollfd list[CONNECTIONS];
    uint64_t sent[CONNECTIONS] = {0}, received[CONNECTIONS] = {0};
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        check(connect(fd, name, length) == 0, "connect");
        list[i] = (struct pollfd){fd, POLLIN | POLLOUT, 0};
    }
    unsigned odd = 1, open = CONNECTIONS;
    while (open > 0) {
        check(poll(list, CONNECTIONS, 60000) > 0, "poll");
        for (int i = 0; i < CONNECTIONS; i++) {
            if (list[i].revents & POLLOUT) {
                odd = odd * 1103515245 + 12345;
                size_t size = (odd >> 8) % ROOM + 1;
                if (size > total - sent[i])
                    size = total - sent[i];
                for (size_t k = 0; k < size; k++)
                    bytes[k] = byte_at(i, sent[i] + k);
                ssize_t put = send(list[i].fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
                check(put >= 0 || errno == EAGAIN, "send");
                sent[i] += put > 0 ? put : 0;
                if (sent[i] == total) {
                    check(shutdown(list[i].fd, SHUT_WR) == 0, "shutdown");
                    list[i].events = POLLIN;
                }
            }
            if (list[i].revents & (POLLIN | POLLHUP)) {
                ssize_t got = recv(list[i].fd, bytes, ROOM, MSG_DONTWAIT);
                check(got >= 0 || errno == EAGAIN, "recv");
                for (ssize_t k = 0; k < got; k++)
                    if (bytes[k] != byte_at(i, received[i] + k)) {
                        printf("connection %d differs at %" PRIu64 "\n", i, received[i] + k);
                        exit(1);
                    }
                received[i] += got > 0 ? got : 0;
                if (got == 0) {
                    close(list[i].fd);
                    list[i].fd = -1;
                    open--;
                }
            }
        }
    }
    for (int i = 0; i < CONNECTIONS; i++)
        printf("%" PRIu64 " %" PRIu64 "\n", sent[i], received[i]);
}

static void echo(struct sockaddr *name, socklen_t length, uint64_t total) {
    int before = descriptors(), listening = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
    socklen_t room = sizeof(struct sockaddr_storage);
    check(bind(listening, name, length) == 0 && listen(listening, CONNECTIONS) == 0, "bind");
    check(getsockname(listening, name, &room) == 0, "getsockname");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        serve(listening);
        _exit(0);
    }
    close(listening);
    demand(name, room, total / CONNECTIONS);
    check(waitpid(child, &status, 0) == child, "waitpid");
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("%d %d %s\n", status, descriptors() - before, used.ru_maxrss < 256 << 10 ? "small" : "large");
}

int main(int count, char **arguments) {
    uint64_t total = (count > 1 ? strtoull(arguments[1], NULL, 0) : 1) << 20;
    struct sockaddr_storage name = {0};
    struct sockaddr_in internet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memcpy(&name, &internet, sizeof internet);
    echo((struct sockaddr *)&name, sizeof internet, total);
    memset(&name, 0, sizeof name);
    name.ss_family = AF_UNIX;
    echo((struct sockaddr *)&name, sizeof name.ss_family, total);
    return 0;
}
