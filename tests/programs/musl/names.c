/* The names of errors and signals, which only glibc has. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>

#define NAMES(name, list)                                                                                              \
    const char *name(int number) {                                                                                     \
        switch (number) { list }                                                                                       \
        return NULL;                                                                                                   \
    }
#define ERROR(name) case name: return #name;
#define SIGNAL(name) case SIG##name: return #name;

NAMES(strerrorname_np,
      ERROR(E2BIG) ERROR(EACCES) ERROR(EADDRINUSE) ERROR(EADDRNOTAVAIL) ERROR(EAFNOSUPPORT) ERROR(EAGAIN) ERROR(EBADF)
      ERROR(EBUSY) ERROR(ECHILD) ERROR(ECONNREFUSED) ERROR(ECONNRESET) ERROR(EDEADLK) ERROR(EDESTADDRREQ) ERROR(EDOM)
      ERROR(EEXIST) ERROR(EFAULT) ERROR(EFBIG) ERROR(EIDRM) ERROR(EINPROGRESS) ERROR(EINTR) ERROR(EINVAL) ERROR(EIO)
      ERROR(EISCONN) ERROR(EISDIR) ERROR(ELOOP) ERROR(EMFILE) ERROR(EMSGSIZE) ERROR(ENAMETOOLONG) ERROR(ENODATA)
      ERROR(ENODEV) ERROR(ENOENT) ERROR(ENOEXEC) ERROR(ENOMEM) ERROR(ENOMSG) ERROR(ENOSYS) ERROR(ENOTCONN)
      ERROR(ENOTDIR) ERROR(ENOTEMPTY) ERROR(ENOTRECOVERABLE) ERROR(ENOTSOCK) ERROR(ENOTTY) ERROR(ENXIO)
      ERROR(EOPNOTSUPP) ERROR(EOVERFLOW) ERROR(EOWNERDEAD) ERROR(EPERM) ERROR(EPIPE) ERROR(EPROTONOSUPPORT)
      ERROR(ERANGE) ERROR(ESPIPE) ERROR(ESRCH) ERROR(ETIMEDOUT) ERROR(EXDEV))
NAMES(sigabbrev_np,
      SIGNAL(ABRT) SIGNAL(ALRM) SIGNAL(BUS) SIGNAL(CHLD) SIGNAL(CONT) SIGNAL(FPE) SIGNAL(HUP) SIGNAL(ILL) SIGNAL(INT)
      SIGNAL(KILL) SIGNAL(PIPE) SIGNAL(QUIT) SIGNAL(SEGV) SIGNAL(STOP) SIGNAL(TERM) SIGNAL(TRAP) SIGNAL(TSTP)
      SIGNAL(USR1) SIGNAL(USR2) SIGNAL(XCPU))
