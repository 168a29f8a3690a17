//! What gdb asks about the process as a whole: its registers' description, its file, its auxiliary
//! vector, its number; and commands of our own.

use super::target::Target;
use gdbstub::common::{Pid, Tid};
use gdbstub::target::ext::auxv::Auxv;
use gdbstub::target::ext::exec_file::ExecFile;
use gdbstub::target::ext::extended_mode::{
    Args, AttachKind, CurrentActivePid, CurrentActivePidOps, ExtendedMode, ShouldTerminate,
};
use gdbstub::target::ext::monitor_cmd::{ConsoleOutput, MonitorCmd, outputln};
use gdbstub::target::ext::target_description_xml_override::TargetDescriptionXmlOverride;
use gdbstub::target::ext::thread_extra_info::ThreadExtraInfo;
use gdbstub::target::{TargetError, TargetResult};
use portolan_linux::paths::c_path;
use portolan_linux::process::own_pid;
use std::convert::Infallible;

/// Copies what `data` has from `offset` on; the result is how much.
pub(super) fn copy(data: &[u8], offset: u64, into: &mut [u8]) -> usize {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let rest = data.get(offset..).unwrap_or_default();
    let count = rest.len().min(into.len());
    into[..count].copy_from_slice(&rest[..count]);
    count
}

fn copy_part(data: &[u8], offset: u64, length: usize, into: &mut [u8]) -> usize {
    let length = length.min(into.len());
    copy(data, offset, &mut into[..length])
}

/// ENOENT, as the protocol numbers it.
const NO_ENTRY: u8 = 2;
/// EPERM.
const NOT_PERMITTED: u8 = 1;

impl TargetDescriptionXmlOverride for Target {
    fn target_description_xml(
        &self,
        annex: &[u8],
        offset: u64,
        length: usize,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        if annex != b"target.xml" {
            return Err(TargetError::Errno(NO_ENTRY));
        }
        let xml = self.description.xml.as_bytes();
        Ok(copy_part(xml, offset, length, buf))
    }
}

/// What a thread is called.
impl ThreadExtraInfo for Target {
    fn thread_extra_info(&self, tid: Tid, buf: &mut [u8]) -> Result<usize, Infallible> {
        // If it is gone, it has no name either.
        let name = std::fs::read(format!("/proc/self/task/{tid}/comm")).unwrap_or_default();
        Ok(copy(name.trim_ascii_end(), 0, buf))
    }
}

impl ExecFile for Target {
    fn get_exec_file(
        &self,
        _: Option<Pid>,
        offset: u64,
        length: usize,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        let path = c_path(&self.process.program.path);
        Ok(copy_part(path.to_bytes(), offset, length, buf))
    }
}

impl Auxv for Target {
    fn get_auxv(&self, offset: u64, length: usize, buf: &mut [u8]) -> TargetResult<usize, Self> {
        let vector = &self.process.program.loaded.auxiliary;
        Ok(copy_part(vector, offset, length, buf))
    }
}

/// gdb learns the process' number only through this mode. What else is in it, other programs to
/// be started or attached to, is refused.
impl ExtendedMode for Target {
    fn run(&mut self, _: Option<&[u8]>, _: Args<'_, '_>) -> TargetResult<Pid, Self> {
        Err(TargetError::Errno(NOT_PERMITTED))
    }

    fn attach(&mut self, _: Pid) -> TargetResult<(), Self> {
        Err(TargetError::Errno(NOT_PERMITTED))
    }

    /// The program was started to be debugged: a gdb that quits ends it.
    fn query_if_attached(&mut self, _: Pid) -> TargetResult<AttachKind, Self> {
        Ok(AttachKind::Run)
    }

    fn kill(&mut self, _: Option<Pid>) -> TargetResult<ShouldTerminate, Self> {
        Ok(ShouldTerminate::Yes)
    }

    fn restart(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn support_current_active_pid(&mut self) -> Option<CurrentActivePidOps<'_, Self>> {
        Some(self)
    }
}

impl CurrentActivePid for Target {
    fn current_active_pid(&mut self) -> Result<Pid, Infallible> {
        let pid = usize::try_from(own_pid()).unwrap_or(1);
        Ok(Pid::new(pid).unwrap_or(Pid::MIN))
    }
}

const HELP: &str = "\
Commands of Portolan:
  monitor help        this list
  monitor maps        what is mapped where, as /proc/PID/maps
  monitor stats       what the engine did";

impl MonitorCmd for Target {
    fn handle_monitor_cmd(
        &mut self,
        command: &[u8],
        mut out: ConsoleOutput<'_>,
    ) -> Result<(), Infallible> {
        match command.trim_ascii() {
            b"" | b"help" => outputln!(out, "{HELP}"),
            b"maps" => out.write_raw(&self.process.maps()),
            b"stats" => {
                let statistics = self.session.core().statistics();
                outputln!(out, "instructions   {}", statistics.retired);
                outputln!(out, "blocks decoded {}", statistics.blocks_decoded);
                outputln!(out, "code changes   {}", statistics.flushes);
            }
            other => {
                let other = String::from_utf8_lossy(other);
                outputln!(out, "no command is called {other:?}: see `monitor help`");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::copy;

    #[test]
    fn parts_beyond_the_end_are_empty() {
        let mut into = [0; 4];
        assert_eq!(copy(b"abcdef", 0, &mut into), 4);
        assert_eq!(copy(b"abcdef", 4, &mut into), 2);
        assert_eq!(into, *b"efcd");
        assert_eq!(copy(b"abcdef", 6, &mut into), 0);
        assert_eq!(copy(b"abcdef", u64::MAX, &mut into), 0);
    }
}
