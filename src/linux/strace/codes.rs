//! Why signals were raised: the names of `si_code`.

/// The name of a signal's `si_code`, or its number.
pub(super) fn name(signal: &str, code: i32) -> String {
    let names: &[&str] = match signal {
        _ if code <= 0 || code == SI_KERNEL => return general(code),
        "SIGILL" => &[
            "ILL_ILLOPC",
            "ILL_ILLOPN",
            "ILL_ILLADR",
            "ILL_ILLTRP",
            "ILL_PRVOPC",
            "ILL_PRVREG",
            "ILL_COPROC",
            "ILL_BADSTK",
            "ILL_BADIADDR",
        ],
        "SIGFPE" => &[
            "FPE_INTDIV",
            "FPE_INTOVF",
            "FPE_FLTDIV",
            "FPE_FLTOVF",
            "FPE_FLTUND",
            "FPE_FLTRES",
            "FPE_FLTINV",
            "FPE_FLTSUB",
        ],
        "SIGSEGV" => &["SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR"],
        "SIGBUS" => &[
            "BUS_ADRALN",
            "BUS_ADRERR",
            "BUS_OBJERR",
            "BUS_MCEERR_AR",
            "BUS_MCEERR_AO",
        ],
        "SIGTRAP" => &["TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT"],
        "SIGCHLD" => &[
            "CLD_EXITED",
            "CLD_KILLED",
            "CLD_DUMPED",
            "CLD_TRAPPED",
            "CLD_STOPPED",
            "CLD_CONTINUED",
        ],
        "SIGIO" => &[
            "POLL_IN", "POLL_OUT", "POLL_MSG", "POLL_ERR", "POLL_PRI", "POLL_HUP",
        ],
        "SIGSYS" => &["SYS_SECCOMP"],
        _ => &[],
    };
    let named = usize::try_from(code - 1)
        .ok()
        .and_then(|index| names.get(index));
    named.map_or_else(|| format!("{code:#x}"), |name| (*name).to_owned())
}

const SI_KERNEL: i32 = 0x80;

/// Codes that every signal may have.
fn general(code: i32) -> String {
    let name = match code {
        0 => "SI_USER",
        SI_KERNEL => "SI_KERNEL",
        -1 => "SI_QUEUE",
        -2 => "SI_TIMER",
        -3 => "SI_MESGQ",
        -4 => "SI_ASYNCIO",
        -5 => "SI_SIGIO",
        -6 => "SI_TKILL",
        -60 => "SI_ASYNCNL",
        _ => return code.to_string(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        assert_eq!(name("SIGSEGV", 1), "SEGV_MAPERR");
        assert_eq!(name("SIGUSR1", -6), "SI_TKILL");
        assert_eq!(name("SIGALRM", 0x80), "SI_KERNEL");
        assert_eq!(name("SIGSEGV", 77), "0x4d");
    }
}
