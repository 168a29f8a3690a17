//! Which calls are traced: strace's `-e trace=SET`.

use std::collections::BTreeSet;
use thiserror::Error;

/// A set of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    names: BTreeSet<String>,
    /// Everything but those.
    negated: bool,
}

/// What is wrong with the text of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadFilter {
    /// Something other than `trace`.
    #[error("`{0}=` is not offered; -e trace=SET chooses calls")]
    Qualifier(String),
    /// No instruction set has such a call.
    #[error("no system call is called {0:?}; classes are: {known}", known = classes())]
    Unknown(String),
}

impl Filter {
    /// Reads `trace=SET` or `SET`: names and `%class`es after each other, separated by commas;
    /// `!` before them means all others; `all` and `none`. `is_call` says what is a call's name.
    ///
    /// # Errors
    ///
    /// What is neither a call nor a class.
    pub fn parse(text: &str, is_call: impl Fn(&str) -> bool) -> Result<Filter, BadFilter> {
        let set = match text.split_once('=') {
            None => text,
            Some(("trace" | "t", set)) => set,
            Some((other, _)) => return Err(BadFilter::Qualifier(other.to_owned())),
        };
        let (set, mut negated) = match set.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (set, false),
        };
        let mut names = BTreeSet::new();
        for word in set.split(',').filter(|word| !word.is_empty()) {
            match word {
                "all" => {
                    negated = !negated;
                    names.clear();
                    break;
                }
                "none" => {}
                word => {
                    // strace's `?` lets a name pass that the instruction set does not have.
                    let (name, may_lack) = match word.strip_prefix('?') {
                        Some(name) => (name, true),
                        None => (word, false),
                    };
                    let members = name.strip_prefix('%').map_or_else(
                        // strace had names without the sign for these.
                        || (!is_call(name)).then(|| class(name)).flatten(),
                        class,
                    );
                    match members {
                        Some(members) => {
                            names.extend(members.split_whitespace().map(str::to_owned))
                        }
                        None if is_call(name) || may_lack => {
                            names.insert(name.to_owned());
                        }
                        None => return Err(BadFilter::Unknown(word.to_owned())),
                    }
                }
            }
        }
        Ok(Filter { names, negated })
    }

    /// Whether a call is traced.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name) != self.negated
    }
}

fn class(name: &str) -> Option<&'static str> {
    CLASSES
        .iter()
        .find(|(class, _)| class.split('|').any(|word| word == name))
        .map(|(_, members)| *members)
}

fn classes() -> String {
    let names = CLASSES
        .iter()
        .map(|(names, _)| format!("%{}", names.split('|').next().unwrap_or(names)));
    names.collect::<Vec<_>>().join(" ")
}

/// strace's classes, by all their names.
const CLASSES: &[(&str, &str)] = &[
    (
        "file",
        "access acct chdir chmod chown chown32 chroot creat execve execveat faccessat faccessat2 \
         fanotify_mark fchmodat fchmodat2 fchownat file_getattr file_setattr fspick fstatat64 \
         futimesat getcwd getxattr getxattrat inotify_add_watch lchown lchown32 lgetxattr link \
         linkat listxattr listxattrat llistxattr lremovexattr lsetxattr lstat lstat64 mkdir \
         mkdirat mknod mknodat mount mount_setattr move_mount name_to_handle_at newfstatat oldlstat \
         oldstat open open_tree openat openat2 pivot_root quotactl readlink readlinkat removexattr \
         removexattrat rename renameat renameat2 rmdir setxattr setxattrat stat stat64 statfs \
         statfs64 statx swapoff swapon symlink symlinkat truncate truncate64 umount umount2 unlink \
         unlinkat uselib utime utimensat utimensat_time64 utimes",
    ),
    (
        "process",
        "clone clone3 execve execveat exit exit_group fork kill pidfd_open pidfd_send_signal \
         rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill unshare vfork wait4 waitid waitpid",
    ),
    (
        "network|net",
        "accept accept4 bind connect getpeername getpmsg getsockname getsockopt listen putpmsg recv \
         recvfrom recvmmsg recvmmsg_time64 recvmsg send sendfile sendfile64 sendmmsg sendmsg sendto \
         setsockopt shutdown socket socketcall socketpair",
    ),
    (
        "signal",
        "kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo \
         rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo \
         sigaction sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend \
         ssetmask sgetmask tgkill tkill",
    ),
    (
        "ipc",
        "ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat \
         shmctl shmdt shmget",
    ),
    (
        "desc",
        "_llseek _newselect bpf cachestat close close_range copy_file_range dup dup2 dup3 epoll_create \
         epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 fadvise64 \
         fadvise64_64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown \
         fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr finit_module flistxattr flock \
         fremovexattr fsconfig fsetxattr fsmount fspick fstat fstat64 fstatat64 fstatfs fstatfs64 \
         fsync ftruncate ftruncate64 futimesat getdents getdents64 inotify_add_watch inotify_init \
         inotify_init1 inotify_rm_watch io_uring_enter io_uring_register io_uring_setup ioctl \
         kexec_file_load landlock_add_rule landlock_create_ruleset landlock_restrict_self linkat \
         lseek memfd_create memfd_secret mkdirat mknodat mmap mmap2 mount_setattr move_mount \
         mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend \
         mq_timedsend_time64 name_to_handle_at newfstatat old_mmap open open_by_handle_at open_tree \
         openat openat2 perf_event_open pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 poll \
         ppoll ppoll_time64 pread64 preadv preadv2 process_madvise process_mrelease pselect6 \
         pselect6_time64 pwrite64 pwritev pwritev2 quotactl_fd read readahead readdir readlinkat \
         readv renameat renameat2 select sendfile sendfile64 setns signalfd signalfd4 splice \
         statmount statx symlinkat sync_file_range sync_file_range2 syncfs tee timerfd_create \
         timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 unlinkat userfaultfd \
         utimensat utimensat_time64 vmsplice write writev",
    ),
    (
        "memory",
        "break brk get_mempolicy io_destroy io_setup madvise map_shadow_stack mbind memfd_secret \
         migrate_pages mincore mlock mlock2 mlockall mmap mmap2 move_pages mprotect mremap mseal \
         msync munlock munlockall munmap old_mmap pkey_mprotect process_madvise process_mrelease \
         remap_file_pages set_mempolicy set_mempolicy_home_node shmat shmdt subpage_prot",
    ),
    ("stat", "oldstat stat stat64"),
    ("lstat", "lstat lstat64 oldlstat"),
    ("fstat", "fstat fstat64 fstatat64 newfstatat oldfstat"),
    (
        "%stat",
        "fstat fstat64 fstatat64 lstat lstat64 newfstatat oldfstat oldlstat oldstat stat stat64 statx",
    ),
    ("statfs", "statfs statfs64"),
    ("fstatfs", "fstatfs fstatfs64"),
    (
        "%statfs",
        "fstatfs fstatfs64 osf_statfs statfs statfs64 ustat",
    ),
    (
        "clock",
        "adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime \
         clock_gettime64 clock_settime clock_settime64 gettimeofday settimeofday stime time",
    ),
    (
        "creds",
        "capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 \
         getresgid getresgid32 getresuid getresuid32 getuid getuid32 prctl setfsgid setfsgid32 \
         setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid \
         setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32",
    ),
    (
        "pure",
        "getegid getegid32 geteuid geteuid32 getgid getgid32 getpgrp getpid getppid gettid getuid \
         getuid32",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Filter, BadFilter> {
        Filter::parse(text, |name| {
            matches!(name, "read" | "write" | "stat" | "openat")
        })
    }

    #[test]
    fn a_set_has_names_and_classes() {
        let has = |text: &str, name| parse(text).unwrap().has(name);
        assert!(has("trace=read,write", "read") && !has("trace=read,write", "openat"));
        assert!(has("read", "read") && has("t=%file", "openat") && !has("%file", "read"));
        assert!(!has("trace=!read", "read") && has("!read", "write"));
        assert!(has("trace=all", "read") && !has("trace=none", "read"));
        assert!(!has("!all", "read") && has("!none", "read"));
        assert!(has("file,read", "openat"), "the old name of a class");
        assert!(
            !has("stat", "stat64"),
            "a call before a class of the same name"
        );
        assert!(has("%stat", "stat64") && has("%%stat", "statx"));
        assert!(has("?nothing,read", "read"));
    }

    #[test]
    fn what_is_unknown_is_said() {
        assert_eq!(parse("trace=raed"), Err(BadFilter::Unknown("raed".into())));
        assert_eq!(
            parse("%nothing"),
            Err(BadFilter::Unknown("%nothing".into()))
        );
        assert_eq!(
            parse("signal=none"),
            Err(BadFilter::Qualifier("signal".into()))
        );
        assert!(
            parse("read,signals")
                .unwrap_err()
                .to_string()
                .contains("%file %process")
        );
    }
}
