/* Waiting for what happens: poll, select, epoll, and descriptors for events, timers, signals and files; terminals.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

static void show(const char *what, long result) {
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
}

#define TRY(call) show(#call, (long)(call))

static void pipes(void) {
    int ends[2], available = 0;
    TRY(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    char text[16];
    TRY(read(ends[0], text, sizeof text));
    struct pollfd list[] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}, {-1, POLLIN, 0}, {99, POLLIN, 0}};
    TRY(poll(list, 4, 0));
    for (int i = 0; i < 4; i++)
        printf("%x ", list[i].revents);
    puts("");
    fd_set set;
    struct timeval soon = {0, 1000};
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    TRY(select(ends[0] + 1, &set, NULL, NULL, &soon));
    TRY(write(ends[1], "abc", 3));
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    TRY(select(ends[0] + 1, &set, NULL, NULL, NULL));
    TRY(FD_ISSET(ends[0], &set) != 0);
    TRY(ioctl(ends[0], FIONREAD, &available));
    printf("%d\n", available);
    TRY(fcntl(ends[1], F_SETPIPE_SZ, 4096));
    char page[8192] = {0};
    TRY(write(ends[1], page, sizeof page));
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    TRY(write(ends[1], "x", 1));
    close(ends[1]);
}

static void descriptors(void) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.u64 = 0x1122334455667788}, seen[4];
    int set = epoll_create1(EPOLL_CLOEXEC), event = eventfd(3, EFD_NONBLOCK);
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, event, &wanted));
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, event, &wanted));
    TRY(epoll_wait(set, seen, 4, 1000));
    printf("%" PRIx64 " %x\n", seen[0].data.u64, seen[0].events);
    eventfd_t number;
    TRY(eventfd_read(event, &number));
    printf("%ld\n", (long)number);
    TRY(eventfd_read(event, &number));
    TRY(epoll_wait(set, seen, 4, 10));
    TRY(epoll_ctl(set, EPOLL_CTL_DEL, event, NULL));

    uint64_t expired;
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec once = {{0, 0}, {0, 1000000}}, left;
    TRY(timerfd_settime(timer, 0, &once, NULL));
    TRY(read(timer, &expired, sizeof expired));
    printf("%" PRIu64 "\n", expired);
    TRY(timerfd_gettime(timer, &left));
    printf("%ld\n", left.it_value.tv_nsec);

    sigset_t mask;
    struct signalfd_siginfo info;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    int signals = signalfd(-1, &mask, 0);
    raise(SIGUSR1);
    TRY(read(signals, &info, sizeof info));
    printf("%d\n", info.ssi_signo == SIGUSR1);

    char directory[] = "/tmp/portolan-events-XXXXXX", name[60], bytes[512];
    if (!mkdtemp(directory))
        exit(1);
    snprintf(name, sizeof name, "%s/new", directory);
    int watch = inotify_init1(IN_NONBLOCK);
    TRY(inotify_add_watch(watch, directory, IN_CREATE));
    close(open(name, O_CREAT | O_WRONLY, 0600));
    TRY(read(watch, bytes, sizeof bytes) > 0);
    struct inotify_event happened;
    memcpy(&happened, bytes, sizeof happened);
    printf("%x %s\n", happened.mask, bytes + sizeof happened);
    unlink(name);
    rmdir(directory);
}

/* Bits that have other places on other machines. */
static unsigned local(const struct termios *modes) {
    static const tcflag_t bits[] = {ISIG, ICANON, ECHO, ECHOE, ECHOK, ECHONL, ECHOCTL, ECHOKE, IEXTEN, NOFLSH, TOSTOP};
    unsigned set = 0;
    for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
        set |= (modes->c_lflag & bits[i] ? 1u : 0) << i;
    return set;
}

/* What the kernel keeps of a terminal, with its speeds: later C libraries ask for this. */
struct termios2 {
    tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
    cc_t c_line;
#ifdef __mips__
    cc_t c_cc[23];
#else
    cc_t c_cc[19];
#endif
    unsigned c_ispeed, c_ospeed;
};

#ifndef TCGETS2
#define TCGETS2 _IOR('T', 0x2a, struct termios2)
#define TCSETS2 _IOW('T', 0x2b, struct termios2)
#define TCSETSW2 _IOW('T', 0x2c, struct termios2)
#endif

static void speeds(int terminal) {
    struct termios2 modes;
    memset(&modes, 0, sizeof modes);
    TRY(ioctl(terminal, TCGETS2, &modes));
    printf("%x %x %x, %u %u\n", modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_ispeed, modes.c_ospeed);
    printf("%d %d\n", modes.c_cc[VINTR], modes.c_cc[VMIN]);
    modes.c_cflag = (modes.c_cflag & ~CBAUD) | 0010000 /* BOTHER: it is in the numbers */;
    modes.c_ispeed = modes.c_ospeed = 12345;
    TRY(ioctl(terminal, TCSETSW2, &modes));
    memset(&modes, 0, sizeof modes);
    TRY(ioctl(terminal, TCGETS2, &modes));
    printf("%x, %u %u\n", modes.c_cflag, modes.c_ispeed, modes.c_ospeed);
    TRY(ioctl(terminal, TCGETS2, (void *)1));
    TRY(ioctl(terminal, TCSETS2, (void *)1));
}

static void terminals(void) {
    int outside, inside;
    struct winsize size = {25, 81, 0, 0};
    TRY(openpty(&outside, &inside, NULL, NULL, &size));
    struct termios modes;
    TRY(tcgetattr(inside, &modes));
    /* Later C libraries tell the speed of input twice, above the other bits too. */
    printf("%x %x %x %x\n", modes.c_iflag, modes.c_oflag, modes.c_cflag & 0xffff, local(&modes));
    printf("%d %d\n", modes.c_cc[VINTR], modes.c_cc[VMIN]);
    speeds(inside);
    cfmakeraw(&modes);
    TRY(tcsetattr(inside, TCSANOW, &modes));
    TRY(tcgetattr(inside, &modes));
    printf("%x %x %x\n", modes.c_iflag, modes.c_oflag, local(&modes));
    TRY(ioctl(inside, TIOCGWINSZ, &size));
    printf("%d %d\n", size.ws_row, size.ws_col);
    TRY(isatty(inside));
    TRY(write(outside, "q", 1));
    char byte;
    TRY(read(inside, &byte, 1));
    TRY(tcgetsid(inside));
    TRY(tcgetpgrp(outside));
}

int main(void) {
    pipes();
    descriptors();
    terminals();
    return 0;
}
