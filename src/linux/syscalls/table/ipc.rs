//! SysV IPC and POSIX message queues.

use crate::syscalls::Kind::{
    Address, Fd, Flags, Hex, Input, Int, IntOut, IpcFlags, IpcKey, Long, Mode, OpenFlags, Output,
    QueueAttributes, QueueAttributesOut, SemaphoreOperations, SignalEvent, Size, Text, Timespec,
    TimespecWide, Unsigned,
};
use crate::syscalls::names::{IPC_ATTACH, IPC_MESSAGE};
use crate::syscalls::{Call, Kind, call, call_address, ipc, queues};

const MESSAGE_FLAGS: Kind = Flags(IPC_MESSAGE);

pub(super) const CALLS: &[Call] = &[
    call("shmget", ipc::shmget, &[IpcKey, Size, IpcFlags]),
    call_address("shmat", ipc::shmat, &[Int, Address, Flags(IPC_ATTACH)]),
    call("shmdt", ipc::shmdt, &[Address]),
    call(
        "shmctl",
        ipc::shmctl,
        &[Int, Kind::IpcCommand("SHM"), Address],
    ),
    call("semget", ipc::semget, &[IpcKey, Int, IpcFlags]),
    call("semop", ipc::semop, &[Int, SemaphoreOperations, Unsigned]),
    call(
        "semtimedop",
        ipc::semtimedop,
        &[Int, SemaphoreOperations, Unsigned, Timespec],
    ),
    call(
        "semtimedop_time64",
        ipc::semtimedop64,
        &[Int, SemaphoreOperations, Unsigned, TimespecWide],
    ),
    call(
        "semctl",
        ipc::semctl,
        &[Int, Int, Kind::IpcCommand("SEM"), Hex],
    ),
    call("msgget", ipc::msgget, &[IpcKey, IpcFlags]),
    call("msgsnd", ipc::msgsnd, &[Int, Address, Size, MESSAGE_FLAGS]),
    call(
        "msgrcv",
        ipc::msgrcv,
        &[Int, Address, Size, Long, MESSAGE_FLAGS],
    ),
    call(
        "msgctl",
        ipc::msgctl,
        &[Int, Kind::IpcCommand("MSG"), Address],
    ),
    Call {
        member: Some(ipc::member),
        ..call(
            "ipc",
            ipc::ipc,
            &[Unsigned, Size, Size, Size, Address, Size],
        )
    },
    call(
        "mq_open",
        queues::mq_open,
        &[Text, OpenFlags, Mode, QueueAttributes],
    ),
    call("mq_unlink", queues::mq_unlink, &[Text]),
    call(
        "mq_timedsend",
        queues::mq_timedsend,
        &[Fd, Input, Size, Unsigned, Timespec],
    ),
    call(
        "mq_timedsend_time64",
        queues::mq_timedsend64,
        &[Fd, Input, Size, Unsigned, TimespecWide],
    ),
    call(
        "mq_timedreceive",
        queues::mq_timedreceive,
        &[Fd, Output, Size, IntOut, Timespec],
    ),
    call(
        "mq_timedreceive_time64",
        queues::mq_timedreceive64,
        &[Fd, Output, Size, IntOut, TimespecWide],
    ),
    call("mq_notify", queues::mq_notify, &[Fd, SignalEvent]),
    call(
        "mq_getsetattr",
        queues::mq_getsetattr,
        &[Fd, QueueAttributes, QueueAttributesOut],
    ),
];
