/* Sockets: names, streams and datagrams, messages with control data, options, signals while waiting, interfaces.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
}

#define TRY(call) show(#call, (long)(call))

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
}

/* A socket bound to a free port of this machine; its name is filled in. */
static int bound(int type, struct sockaddr_in *name) {
    socklen_t length = sizeof *name;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    *name = loopback(0);
    TRY(bind(fd, (struct sockaddr *)name, length));
    TRY(getsockname(fd, (struct sockaddr *)name, &length));
    printf("%d %d\n", (int)length, ntohs(name->sin_port) != 0);
    return fd;
}

static void pairs(void) {
    int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int i = 0; i < 3; i++) {
        int ends[2];
        char text[16] = {0};
        TRY(socketpair(AF_UNIX, types[i] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
        TRY(fcntl(ends[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
        TRY(fcntl(ends[0], F_GETFD));
        TRY(read(ends[0], text, sizeof text));
        TRY(write(ends[1], "abcd", 4));
        TRY(send(ends[1], "efgh", 4, MSG_NOSIGNAL));
        TRY(recv(ends[0], text, 2, MSG_PEEK));
        TRY(recv(ends[0], text, 2, MSG_TRUNC));
        TRY(recv(ends[0], text, sizeof text, 0));
        puts(text);
        int type = 0, domain = 0, protocol = -1;
        socklen_t length = sizeof type;
        TRY(getsockopt(ends[0], SOL_SOCKET, SO_TYPE, &type, &length));
        TRY(getsockopt(ends[0], SOL_SOCKET, SO_DOMAIN, &domain, &length));
        TRY(getsockopt(ends[0], SOL_SOCKET, SO_PROTOCOL, &protocol, &length));
        printf("%d %d %d\n", type == types[i], domain == AF_UNIX, protocol);
        TRY(shutdown(ends[1], SHUT_WR));
        close(ends[1]);
        TRY(recv(ends[0], text, sizeof text, 0));
        TRY(send(ends[0], "x", 1, MSG_NOSIGNAL));
        close(ends[0]);
    }
    int ends[2];
    TRY(socketpair(AF_INET, SOCK_STREAM, 0, ends));
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 99, ends));
    TRY(socket(AF_INET, SOCK_STREAM | 0x40000000, 0));
    TRY(socket(12345, SOCK_STREAM, 0));
    TRY(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
}

static void names(void) {
    char directory[] = "/tmp/portolan-sockets-XXXXXX";
    if (!mkdtemp(directory))
        exit(1);
    struct sockaddr_un name = {.sun_family = AF_UNIX}, seen;
    snprintf(name.sun_path, sizeof name.sun_path, "%s/s", directory);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name.sun_path) + 1, got;
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(client, (struct sockaddr *)&name, length));
    TRY(bind(server, (struct sockaddr *)&name, length));
    TRY(bind(server, (struct sockaddr *)&name, length));
    TRY(connect(client, (struct sockaddr *)&name, length));
    TRY(listen(server, 5));
    TRY(connect(client, (struct sockaddr *)&name, length));
    got = sizeof seen;
    int peer = accept4(server, (struct sockaddr *)&seen, &got, SOCK_CLOEXEC);
    printf("%d %d %d\n", peer > 0, (int)got, seen.sun_family == AF_UNIX);
    got = sizeof seen;
    TRY(getpeername(client, (struct sockaddr *)&seen, &got));
    printf("%d %d\n", got == length, strcmp(seen.sun_path, name.sun_path));
    got = 4;
    memset(&seen, '.', sizeof seen);
    TRY(getsockname(server, (struct sockaddr *)&seen, &got));
    printf("%d %.4s\n", got == length, seen.sun_path);
    struct ucred who = {0};
    got = sizeof who;
    TRY(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &got));
    printf("%d %d %d\n", who.pid == getpid(), who.uid == getuid(), who.gid == getgid());
    int listening = 0;
    got = sizeof listening;
    TRY(getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, &listening, &got));
    printf("%d\n", listening);
    close(peer);
    close(client);
    close(server);
    unlink(name.sun_path);

    /* A relative name is reported as it was given. */
    char *here = getcwd(NULL, 0);
    TRY(chdir(directory));
    server = socket(AF_UNIX, SOCK_DGRAM, 0);
    strcpy(name.sun_path, "relative");
    TRY(bind(server, (struct sockaddr *)&name, sizeof name));
    got = sizeof seen;
    TRY(getsockname(server, (struct sockaddr *)&seen, &got));
    printf("%d %s\n", (int)got, seen.sun_path);
    close(server);
    TRY(unlink("relative"));
    TRY(chdir(here));
    free(here);
    rmdir(directory);

    /* Abstract names, and one of the kernel's choice. */
    server = socket(AF_UNIX, SOCK_DGRAM, 0);
    client = socket(AF_UNIX, SOCK_DGRAM, 0);
    memset(name.sun_path, 0, sizeof name.sun_path);
    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "portolan %d", getpid());
    length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name.sun_path + 1);
    TRY(bind(server, (struct sockaddr *)&name, length));
    TRY(bind(client, (struct sockaddr *)&name, length));
    TRY(bind(client, (struct sockaddr *)&name, sizeof(sa_family_t)));
    got = sizeof seen;
    TRY(getsockname(client, (struct sockaddr *)&seen, &got));
    printf("%d %d\n", (int)got, seen.sun_path[0]);
    TRY(sendto(client, "from", 4, 0, (struct sockaddr *)&name, length));
    char text[16] = {0};
    struct sockaddr_un from;
    got = sizeof from;
    TRY(recvfrom(server, text, sizeof text, 0, (struct sockaddr *)&from, &got));
    printf("%s %d\n", text, memcmp(&from, &seen, got));
    TRY(bind(server, (struct sockaddr *)&name, 200));
    TRY(connect(server, (struct sockaddr *)&name, (socklen_t)-1));
    close(client);
    close(server);
}

/* Sends one byte with control messages, and tells what arrives in `room` bytes for them. */
static void control(int descriptors, int credentials, size_t room) {
    int ends[2], one = 1;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (credentials)
        setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one);
    _Alignas(struct cmsghdr) char buffer[256] = {0};
    char byte = 'c';
    struct iovec contents = {&byte, 1};
    struct msghdr message = {.msg_iov = &contents, .msg_iovlen = 1, .msg_control = buffer};
    message.msg_controllen = sizeof buffer;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    size_t used = 0;
    if (descriptors) {
        int list[] = {0, 1, ends[0]};
        *head = (struct cmsghdr){CMSG_LEN(sizeof list), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(head), list, sizeof list);
        used += CMSG_SPACE(sizeof list);
        head = CMSG_NXTHDR(&message, head);
    }
    if (credentials) {
        struct ucred who = {getpid(), getuid(), getgid()};
        *head = (struct cmsghdr){CMSG_LEN(sizeof who), SOL_SOCKET, SCM_CREDENTIALS};
        memcpy(CMSG_DATA(head), &who, sizeof who);
        used += CMSG_SPACE(sizeof who);
    }
    message.msg_controllen = used;
    TRY(sendmsg(ends[0], &message, 0));
    memset(buffer, 0, sizeof buffer);
    message.msg_controllen = room;
    message.msg_flags = 0x1234;
    TRY(recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC));
    /* The head of a message and what it is aligned to are as long as a size_t asks for. */
    size_t data = 0, end = 0;
    for (head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        data += head->cmsg_len - CMSG_LEN(0);
        end = (char *)head + head->cmsg_len - buffer;
    }
    int whole = message.msg_controllen >= end && message.msg_controllen <= CMSG_ALIGN(end);
    printf("%c %zu %d %x\n", byte, data, whole, message.msg_flags);
    for (head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        printf("  %d %d %zu:", head->cmsg_level == SOL_SOCKET, head->cmsg_type, count);
        if (head->cmsg_type == SCM_CREDENTIALS) {
            struct ucred who;
            memcpy(&who, CMSG_DATA(head), sizeof who);
            printf(" %d %d %d", who.pid == getpid(), who.uid == getuid(), who.gid == getgid());
        } else {
            int list[8];
            memcpy(list, CMSG_DATA(head), count * sizeof(int));
            for (size_t i = 0; i < count; i++) {
                printf(" %d", fcntl(list[i], F_GETFD));
                close(list[i]);
            }
        }
        puts("");
    }
    close(ends[0]);
    close(ends[1]);
    /* No descriptor is left over. */
    int next = dup(0);
    printf("%d\n", next);
    close(next);
}

static void messages(void) {
    control(1, 0, 256);
    control(0, 1, 256);
    control(1, 1, 256);
    control(1, 0, CMSG_LEN(2 * sizeof(int)));
    control(1, 0, CMSG_LEN(0));
    control(1, 0, 0);
    control(0, 1, CMSG_LEN(4));

    int ends[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    struct iovec parts[3] = {{"ab", 2}, {"", 0}, {"cde", 3}};
    struct mmsghdr list[3] = {0};
    for (int i = 0; i < 3; i++) {
        list[i].msg_hdr.msg_iov = parts;
        list[i].msg_hdr.msg_iovlen = i + 1;
    }
    TRY(sendmmsg(ends[0], list, 3, 0));
    printf("%u %u %u\n", list[0].msg_len, list[1].msg_len, list[2].msg_len);
    char texts[4][4] = {0};
    struct iovec rooms[4];
    struct mmsghdr received[4] = {0};
    for (int i = 0; i < 4; i++) {
        rooms[i] = (struct iovec){texts[i], sizeof texts[i]};
        received[i].msg_hdr.msg_iov = &rooms[i];
        received[i].msg_hdr.msg_iovlen = 1;
    }
    struct timespec soon = {1, 0};
    TRY(recvmmsg(ends[1], received, 4, MSG_WAITFORONE, &soon));
    for (int i = 0; i < 3; i++)
        printf("%u %.4s %x\n", received[i].msg_len, texts[i], received[i].msg_hdr.msg_flags);
    TRY(recvmmsg(ends[1], received, 4, MSG_DONTWAIT, NULL));
    soon.tv_nsec = 1000000000;
    TRY(recvmmsg(ends[1], received, 4, 0, &soon));
    TRY(sendmmsg(ends[0], list, 0, 0));
    TRY(sendmmsg(0, list, 1, 0));
    struct msghdr wrong = {.msg_iov = parts, .msg_iovlen = 1025};
    TRY(sendmsg(ends[0], &wrong, 0));
    wrong.msg_iovlen = 1;
    wrong.msg_control = texts;
    wrong.msg_controllen = sizeof texts;
    TRY(sendmsg(ends[0], &wrong, 0));
    TRY(sendmsg(ends[0], NULL, 0));
    TRY(sendmsg(99, NULL, 0));
    TRY(recvmsg(0, NULL, 0));
    close(ends[0]);
    close(ends[1]);
}

/* What an option is before and after it is set to 1. */
static void option(const char *name, int fd, int level, int number, int value) {
    int before = -1, after = -1;
    socklen_t length = sizeof before;
    int asked = getsockopt(fd, level, number, &before, &length);
    int set = setsockopt(fd, level, number, &value, sizeof value);
    int wrong = set ? errno : 0;
    getsockopt(fd, level, number, &after, &length);
    printf("%s: %d %d %s %d\n", name, asked, before, wrong ? strerrorname_np(wrong) : "set", after);
}

static void options(void) {
    int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
    int six = socket(AF_INET6, SOCK_DGRAM, 0);
    option("REUSEADDR", tcp, SOL_SOCKET, SO_REUSEADDR, 1);
    option("REUSEPORT", tcp, SOL_SOCKET, SO_REUSEPORT, 1);
    option("KEEPALIVE", tcp, SOL_SOCKET, SO_KEEPALIVE, 1);
    option("OOBINLINE", tcp, SOL_SOCKET, SO_OOBINLINE, 1);
    option("RCVLOWAT", tcp, SOL_SOCKET, SO_RCVLOWAT, 7);
    option("BROADCAST", udp, SOL_SOCKET, SO_BROADCAST, 1);
    option("PRIORITY", udp, SOL_SOCKET, SO_PRIORITY, 3);
    int type = 0;
    TRY(getsockopt(udp, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type}));
    printf("%d\n", type == SOCK_DGRAM);
    TRY(setsockopt(udp, SOL_SOCKET, SO_TYPE, &type, sizeof type));
    option("ERROR", udp, SOL_SOCKET, SO_ERROR, 1);
    option("unknown", udp, SOL_SOCKET, 12345, 1);
    option("level", udp, 12345, 1, 1);
    option("NODELAY", tcp, IPPROTO_TCP, TCP_NODELAY, 1);
    option("KEEPIDLE", tcp, IPPROTO_TCP, TCP_KEEPIDLE, 77);
    option("CORK", tcp, IPPROTO_TCP, TCP_CORK, 1);
    option("USER_TIMEOUT", tcp, IPPROTO_TCP, TCP_USER_TIMEOUT, 1234);
    option("TOS", tcp, IPPROTO_IP, IP_TOS, IPTOS_LOWDELAY);
    option("TTL", tcp, IPPROTO_IP, IP_TTL, 33);
    option("MULTICAST_TTL", udp, IPPROTO_IP, IP_MULTICAST_TTL, 2);
    option("MTU_DISCOVER", udp, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    option("V6ONLY", six, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    option("UNICAST_HOPS", six, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9);
    option("RECVPKTINFO", six, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);

    struct linger linger = {1, 9}, left = {0};
    socklen_t length = sizeof left;
    TRY(setsockopt(tcp, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    TRY(getsockopt(tcp, SOL_SOCKET, SO_LINGER, &left, &length));
    printf("%d %d %d\n", left.l_onoff, left.l_linger, (int)length);
    struct timeval time = {2, 250000}, told = {0};
    length = sizeof told;
    TRY(setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    TRY(getsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &told, &length));
    printf("%ld %ld %d\n", (long)told.tv_sec, (long)told.tv_usec, length == sizeof told);
    time.tv_usec = 1000000;
    TRY(setsockopt(tcp, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time));
    TRY(setsockopt(tcp, SOL_SOCKET, SO_SNDTIMEO, &time, 3));
    TRY(setsockopt(tcp, SOL_SOCKET, SO_KEEPALIVE, &time, 3));
    TRY(setsockopt(tcp, SOL_SOCKET, SO_KEEPALIVE, NULL, 4));
    TRY(setsockopt(99, SOL_SOCKET, SO_KEEPALIVE, NULL, 4));
    TRY(setsockopt(0, SOL_SOCKET, SO_KEEPALIVE, &time, 4));
    TRY(setsockopt(tcp, SOL_SOCKET, SO_KEEPALIVE, &time, (socklen_t)-1));
    char name[32] = {0};
    length = sizeof name;
    TRY(getsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, name, &length));
    printf("%d\n", name[0] != 0);
    unsigned char byte = 99;
    length = 1;
    TRY(getsockopt(tcp, IPPROTO_IP, IP_TTL, &byte, &length));
    printf("%d %d\n", byte, (int)length);
    byte = 44;
    TRY(setsockopt(tcp, IPPROTO_IP, IP_TTL, &byte, 1));
    length = 0;
    TRY(getsockopt(tcp, IPPROTO_IP, IP_TTL, &byte, &length));
    struct tcp_info info;
    length = sizeof info;
    TRY(getsockopt(tcp, IPPROTO_TCP, TCP_INFO, &info, &length));
    printf("%d\n", info.tcpi_state == TCP_CLOSE);

    struct ip_mreqn group = {.imr_ifindex = if_nametoindex("lo")};
    inet_pton(AF_INET, "239.1.2.3", &group.imr_multiaddr);
    TRY(setsockopt(udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group));
    TRY(setsockopt(udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group));
    TRY(setsockopt(udp, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof group));
    TRY(setsockopt(udp, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof group));
    struct group_req request = {.gr_interface = if_nametoindex("lo")};
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr = group.imr_multiaddr};
    memcpy(&request.gr_group, &where, sizeof where);
    TRY(setsockopt(udp, IPPROTO_IP, MCAST_JOIN_GROUP, &request, sizeof request));
    TRY(setsockopt(udp, IPPROTO_IP, MCAST_LEAVE_GROUP, &request, sizeof request));
    close(tcp);
    close(udp);
    close(six);
}

static void streams(void) {
    struct sockaddr_in name, seen;
    socklen_t length = sizeof seen;
    int server = bound(SOCK_STREAM, &name), client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    TRY(accept(server, NULL, NULL));
    TRY(listen(server, 1));
    TRY(connect(client, (struct sockaddr *)&name, sizeof name));
    int peer = accept(server, (struct sockaddr *)&seen, &length);
    printf("%d %d %x\n", peer > 0, (int)length, ntohl(seen.sin_addr.s_addr));
    struct pollfd ready = {client, POLLOUT | POLLIN, 0};
    TRY(poll(&ready, 1, 1000));
    printf("%x\n", ready.revents);
    TRY(connect(client, (struct sockaddr *)&name, sizeof name));
    TRY(connect(client, (struct sockaddr *)&name, sizeof name));
    length = sizeof seen;
    TRY(getpeername(client, (struct sockaddr *)&seen, &length));
    printf("%d %s\n", memcmp(&name, &seen, sizeof name), inet_ntoa(seen.sin_addr));
    char text[64] = {0};
    TRY(recv(client, text, sizeof text, 0));
    TRY(write(peer, "stream", 6));
    TRY(send(peer, "!", 1, MSG_OOB));
    ready.events = POLLIN | POLLPRI;
    while (poll(&ready, 1, 1000) == 1 && (ready.revents & (POLLIN | POLLPRI)) != (POLLIN | POLLPRI))
        ;
    int amount = 0, mark = -1;
    TRY(ioctl(client, FIONREAD, &amount));
    TRY(ioctl(client, SIOCATMARK, &mark));
    printf("%d %d\n", amount, mark);
    TRY(recv(client, text, sizeof text, 0));
    TRY(ioctl(client, SIOCATMARK, &mark));
    TRY(recv(client, text + 32, 1, MSG_OOB));
    printf("%s %d %c\n", text, mark, text[32]);
    struct iovec parts[] = {{"one ", 4}, {"two", 3}};
    TRY(writev(peer, parts, 2));
    TRY(fcntl(client, F_SETFL, 0));
    memset(text, 0, sizeof text);
    TRY(recv(client, text, 7, MSG_WAITALL));
    puts(text);

    /* From a file, and through a pipe. */
    char path[] = "/tmp/portolan-sockets-XXXXXX";
    int file = mkstemp(path), pipes[2];
    unlink(path);
    TRY(write(file, "from a file", 11));
    off_t offset = 5;
    TRY(sendfile(peer, file, &offset, 100));
    printf("%ld\n", (long)offset);
    TRY(pipe(pipes));
    TRY(splice(client, NULL, pipes[1], NULL, 3, 0));
    TRY(read(pipes[0], text, sizeof text));
    TRY(recv(client, text + 3, sizeof text, 0));
    printf("%.6s\n", text);
    TRY(shutdown(peer, SHUT_WR));
    TRY(recv(client, text, sizeof text, 0));
    TRY(send(client, "late", 4, 0));
    TRY(recv(peer, text, sizeof text, 0));
    struct linger now = {1, 0};
    TRY(setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now));
    close(client);
    TRY(recv(peer, text, sizeof text, 0));
    TRY(send(peer, "x", 1, MSG_NOSIGNAL));
    TRY(shutdown(peer, SHUT_RDWR));
    TRY(shutdown(server, 3));
    close(peer);
    close(server);
    client = socket(AF_INET, SOCK_STREAM, 0);
    TRY(connect(client, (struct sockaddr *)&name, sizeof name));
    TRY(connect(client, (struct sockaddr *)&name, 3));
    TRY(getpeername(client, (struct sockaddr *)&seen, &length));
    TRY(listen(0, 1));
    TRY(bind(client, NULL, sizeof name));
    TRY(bind(0, NULL, sizeof name));
    TRY(bind(99, NULL, sizeof name));
    TRY(accept4(client, NULL, NULL, 0x10));
    close(client);
    close(file);
    close(pipes[0]);
    close(pipes[1]);
}

static void datagrams(void) {
    struct sockaddr_in name, other;
    int a = bound(SOCK_DGRAM, &name), b = bound(SOCK_DGRAM, &other), one = 1;
    char text[8] = {0};
    TRY(sendto(a, "datagram", 8, 0, (struct sockaddr *)&other, sizeof other));
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    TRY(recvfrom(b, text, 4, MSG_TRUNC, (struct sockaddr *)&from, &length));
    printf("%.4s %d\n", text, memcmp(&from, &name, sizeof from));
    TRY(send(a, "x", 1, 0));
    TRY(connect(a, (struct sockaddr *)&other, sizeof other));
    TRY(send(a, "", 0, 0));
    TRY(recv(b, text, sizeof text, 0));

    TRY(setsockopt(b, IPPROTO_IP, IP_PKTINFO, &one, sizeof one));
    TRY(setsockopt(b, IPPROTO_IP, IP_RECVTTL, &one, sizeof one));
    TRY(setsockopt(b, SOL_SOCKET, SO_TIMESTAMP, &one, sizeof one));
    TRY(send(a, "info", 4, MSG_CONFIRM));
    _Alignas(struct cmsghdr) char buffer[256];
    struct iovec contents = {text, sizeof text};
    struct msghdr message = {&from, sizeof from, &contents, 1, buffer, sizeof buffer, 0};
    TRY(recvmsg(b, &message, 0));
    printf("%d %d\n", (int)message.msg_namelen, memcmp(&from, &name, sizeof from));
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_TIMESTAMP) {
            struct timeval then, now;
            memcpy(&then, CMSG_DATA(head), sizeof then);
            gettimeofday(&now, NULL);
            printf("time %d\n", now.tv_sec - then.tv_sec < 100 && now.tv_sec >= then.tv_sec - 1);
        } else if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(head), sizeof info);
            printf("info %d %s\n", info.ipi_ifindex == (int)if_nametoindex("lo"), inet_ntoa(info.ipi_addr));
        } else if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_TTL) {
            int ttl;
            memcpy(&ttl, CMSG_DATA(head), sizeof ttl);
            printf("ttl %d\n", ttl);
        } else
            printf("%d %d\n", head->cmsg_level, head->cmsg_type);
    }

    /* An error that comes back is reported by the next call, with all it knows if asked. */
    TRY(setsockopt(a, IPPROTO_IP, IP_RECVERR, &one, sizeof one));
    close(b);
    TRY(send(a, "gone", 4, 0));
    struct pollfd wrong = {a, 0, 0};
    TRY(poll(&wrong, 1, 1000));
    int error = 0;
    length = sizeof error;
    TRY(getsockopt(a, SOL_SOCKET, SO_ERROR, &error, &length));
    printf("%s\n", strerrorname_np(error));
    message.msg_namelen = sizeof from;
    message.msg_controllen = sizeof buffer;
    TRY(recvmsg(a, &message, MSG_ERRQUEUE));
    printf("%x %.4s\n", message.msg_flags, text);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head) {
        struct {
            unsigned number;
            unsigned char origin, type, code, pad;
            unsigned info, data;
            struct sockaddr_in offender;
        } told;
        memcpy(&told, CMSG_DATA(head), sizeof told);
        printf("%d %d %s %d %s\n", head->cmsg_level, head->cmsg_type, strerrorname_np(told.number), told.origin,
               inet_ntoa(told.offender.sin_addr));
    }
    close(a);

    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback}, seen;
    a = socket(AF_INET6, SOCK_DGRAM, 0);
    int there = bind(a, (struct sockaddr *)&six, sizeof six);
    if (there == 0) {
        length = sizeof six;
        getsockname(a, (struct sockaddr *)&six, &length);
        TRY(setsockopt(a, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one));
        TRY(sendto(a, "six", 3, 0, (struct sockaddr *)&six, sizeof six));
        message = (struct msghdr){&seen, sizeof seen, &contents, 1, buffer, sizeof buffer, 0};
        TRY(recvmsg(a, &message, 0));
        printf("%.3s %d %d\n", text, memcmp(&seen, &six, sizeof seen), (int)message.msg_namelen);
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof info);
        printf("%d %d\n", info.ipi6_ifindex == if_nametoindex("lo"),
               memcmp(&info.ipi6_addr, &six.sin6_addr, sizeof six.sin6_addr));
        TRY(bind(a, (struct sockaddr *)&six, sizeof six));
    }
    close(a);
}

static void nothing(int number) {
    (void)number;
}

/* A signal while a call waits: restarted, or not if the socket has a timeout. */
static void interruptions(void) {
    int ends[2];
    char byte = 0;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval soon = {{0, 0}, {0, 20000}};
    for (int timeout = 0; timeout < 2; timeout++) {
        struct timeval limit = {timeout * 30, 0};
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        pid_t child = timeout ? 0 : fork();
        if (!timeout && child == 0) {
            usleep(150000);
            _exit(write(ends[1], "r", 1) != 1);
        }
        setitimer(ITIMER_REAL, &soon, NULL);
        TRY(recv(ends[0], &byte, 1, 0));
        if (!timeout)
            waitpid(child, NULL, 0);
    }
    setitimer(ITIMER_REAL, &soon, NULL);
    TRY(read(ends[0], &byte, 1));
    struct timeval short_limit = {0, 20000};
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &short_limit, sizeof short_limit);
    TRY(recv(ends[0], &byte, 1, 0));
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    bind(server, (struct sockaddr *)&name, sizeof(sa_family_t));
    listen(server, 1);
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &short_limit, sizeof short_limit);
    TRY(accept(server, NULL, NULL));
    signal(SIGPIPE, nothing);
    close(ends[0]);
    TRY(write(ends[1], "x", 1));
    close(ends[1]);
    close(server);
}

static void interfaces(void) {
    struct ifaddrs *list, *entry;
    int found = 0;
    TRY(getifaddrs(&list));
    for (entry = list; entry; entry = entry->ifa_next)
        if (entry->ifa_addr && entry->ifa_addr->sa_family == AF_INET) {
            struct sockaddr_in name;
            memcpy(&name, entry->ifa_addr, sizeof name);
            if (strcmp(entry->ifa_name, "lo") == 0 && ntohl(name.sin_addr.s_addr) == INADDR_LOOPBACK)
                found++;
        }
    freeifaddrs(list);
    printf("%d\n", found);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = {.ifr_name = "lo"};
    TRY(ioctl(fd, SIOCGIFFLAGS, &request));
    printf("%d\n", (request.ifr_flags & (IFF_UP | IFF_LOOPBACK)) == (IFF_UP | IFF_LOOPBACK));
    TRY(ioctl(fd, SIOCGIFADDR, &request));
    struct sockaddr_in name;
    memcpy(&name, &request.ifr_addr, sizeof name);
    printf("%d %s\n", name.sin_family == AF_INET, inet_ntoa(name.sin_addr));
    TRY(ioctl(fd, SIOCGIFMTU, &request));
    printf("%d\n", request.ifr_mtu > 1000);
    TRY(ioctl(fd, SIOCGIFINDEX, &request));
    int index = request.ifr_ifindex;
    memset(&request, 0, sizeof request);
    request.ifr_ifindex = index;
    TRY(ioctl(fd, SIOCGIFNAME, &request));
    puts(request.ifr_name);
    struct ifreq many[64];
    struct ifconf all = {.ifc_len = sizeof many, .ifc_req = many};
    TRY(ioctl(fd, SIOCGIFCONF, &all));
    found = 0;
    for (size_t i = 0; i < all.ifc_len / sizeof many[0]; i++)
        found += strcmp(many[i].ifr_name, "lo") == 0;
    printf("%d\n", found);
    strcpy(request.ifr_name, "no such");
    TRY(ioctl(fd, SIOCGIFADDR, &request));
    TRY(ioctl(0, SIOCGIFADDR, &request));
    close(fd);
    fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK}, own;
    socklen_t length = sizeof own;
    TRY(bind(fd, (struct sockaddr *)&kernel, sizeof kernel));
    TRY(getsockname(fd, (struct sockaddr *)&own, &length));
    printf("%d %d\n", own.nl_family == AF_NETLINK, (int)own.nl_pid == getpid());
    close(fd);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    pairs();
    names();
    messages();
    options();
    streams();
    datagrams();
    interruptions();
    interfaces();
    return 0;
}
