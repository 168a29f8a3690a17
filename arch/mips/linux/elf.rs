//! What the ELF files of MIPS ask for: the flags of `<elf.h>`, and the ABI flags that say how a
//! program uses floating-point registers (the kernel's `arch/mips/kernel/elf.c`).

use crate::decode::{NAN2008, WIDE_FLOATS};
use portolan_linux::abi::Sections;
use portolan_linux::loader::Image;

/// `EM_MIPS`.
pub const MACHINE: u16 = 8;

const EF_PIC: u32 = 2;
const EF_CPIC: u32 = 4;
const EF_ABI2: u32 = 0x20;
const EF_FP64: u32 = 0x200;
const EF_NAN2008: u32 = 0x400;

/// What no program may ask for.
fn refuse(flags: u32) -> Option<&'static str> {
    const EF_MICROMIPS: u32 = 0x0200_0000;
    const EF_MIPS16: u32 = 0x0400_0000;
    const EF_MDMX: u32 = 0x0800_0000;
    match flags {
        _ if matches!(flags >> 28, 9 | 10) => Some("release 6 of the instruction set"),
        _ if flags & EF_MICROMIPS != 0 => Some("the encoding microMIPS"),
        _ if flags & EF_MIPS16 != 0 => Some("the encoding MIPS16e"),
        _ if flags & EF_MDMX != 0 => Some("the extension MDMX"),
        _ => None,
    }
}

/// The calling conventions of the flags' field, in which n64 has no number.
fn convention(flags: u32) -> u32 {
    flags >> 12 & 0xf
}

const O32: u32 = 1;

pub fn refuse_o32(flags: u32) -> Option<&'static str> {
    match convention(flags) {
        _ if flags & EF_ABI2 != 0 => Some("the calling convention n32"),
        0 | O32 => refuse(flags),
        2 => Some("the calling convention o64"),
        3 => Some("the calling convention EABI"),
        _ => Some("an unknown calling convention"),
    }
}

pub fn refuse_n64(flags: u32) -> Option<&'static str> {
    match convention(flags) {
        0 => refuse(flags),
        2 => Some("the calling convention o64"),
        4 => Some("the calling convention EABI"),
        _ => Some("an unknown calling convention"),
    }
}

/// How a program uses the floating-point registers: `MIPS_ABI_FP_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum FloatAbi {
    Any,
    Double,
    Single,
    Soft,
    Old64,
    Xx,
    Fp64,
    Fp64A,
    /// The file does not say.
    Unknown,
}

impl FloatAbi {
    fn of(number: u8) -> Result<FloatAbi, &'static str> {
        use FloatAbi::*;
        let known = [Any, Double, Single, Soft, Old64, Xx, Fp64, Fp64A];
        let found = known.get(usize::from(number)).copied();
        found.ok_or("an unknown use of floating-point registers")
    }

    /// Reads `.MIPS.abiflags`.
    fn read(bytes: &[u8]) -> Result<FloatAbi, &'static str> {
        const SIZE: usize = 24;
        const FP_ABI: usize = 7;
        match bytes.len() < SIZE {
            true => Err("ABI flags that are cut off"),
            false => FloatAbi::of(bytes[FP_ABI]),
        }
    }

    fn in_image(image: &Image) -> Result<FloatAbi, &'static str> {
        const PT_ABIFLAGS: u32 = 0x7000_0003;
        let mut headers = image.processor.iter();
        match headers.find(|(kind, _)| *kind == PT_ABIFLAGS) {
            Some((_, bytes)) => FloatAbi::read(bytes),
            None => Ok(FloatAbi::Unknown),
        }
    }

    fn description(self) -> Option<&'static str> {
        Some(match self {
            FloatAbi::Any | FloatAbi::Unknown => return None,
            FloatAbi::Double => "double-precision floating point",
            FloatAbi::Single => "single-precision floating point",
            FloatAbi::Soft => "software floating point",
            FloatAbi::Old64 => "64-bit floating-point registers, as of before ABI flags",
            FloatAbi::Xx => "floating-point registers of 32 or 64 bits",
            FloatAbi::Fp64 => "64-bit floating-point registers",
            FloatAbi::Fp64A => "64-bit floating-point registers, odd ones not for singles",
        })
    }
}

/// What modes of the floating-point unit a program can do with: the kernel's `struct mode_req`.
#[derive(Clone, Copy)]
struct Modes {
    /// It uses single precision only.
    single: bool,
    /// It does not use the unit.
    soft: bool,
    /// Registers of 64 bits: Status.FR = 1.
    wide: bool,
    /// The usual mode of its calling convention.
    usual: bool,
    /// Registers of 64 bits that pair as those of 32 do: Config5.FRE = 1.
    hybrid: bool,
}

impl Modes {
    fn of(abi: FloatAbi) -> Modes {
        let modes = |[single, soft, wide, usual, hybrid]: [bool; 5]| Modes {
            single,
            soft,
            wide,
            usual,
            hybrid,
        };
        modes(match abi {
            FloatAbi::Any => [true; 5],
            FloatAbi::Double => [false, false, false, true, true],
            FloatAbi::Single => [true, false, false, false, false],
            FloatAbi::Soft => [false, true, false, false, false],
            FloatAbi::Old64 => [false; 5],
            FloatAbi::Xx => [false, false, true, true, true],
            FloatAbi::Fp64 => [false, false, true, false, false],
            FloatAbi::Fp64A => [false, false, true, false, true],
            FloatAbi::Unknown => [true, true, false, true, true],
        })
    }

    fn and(self, other: Modes) -> Modes {
        Modes {
            single: self.single && other.single,
            soft: self.soft && other.soft,
            wide: self.wide && other.wide,
            usual: self.usual && other.usual,
            hybrid: self.hybrid && other.hybrid,
        }
    }
}

/// The mode of a program, where a calling convention has a usual one and allows some uses.
fn mode(
    program: &Image,
    interpreter: Option<&Image>,
    usual: u8,
    last: FloatAbi,
) -> Result<u8, &'static str> {
    let nan = |image: &Image| image.identity.flags & EF_NAN2008;
    if interpreter.is_some_and(|interpreter| nan(interpreter) != nan(program)) {
        return Err("an interpreter with the same encoding of NaN");
    }
    let nan = match nan(program) {
        0 => 0,
        _ => NAN2008,
    };
    let first = FloatAbi::in_image(program)?;
    let second = interpreter.map_or(Ok(first), FloatAbi::in_image)?;
    let allowed = |abi| abi <= last || abi == FloatAbi::Unknown;
    if !allowed(first) || !allowed(second) {
        return Err("a use of floating-point registers that its calling convention does not have");
    }
    let modes = Modes::of(first).and(Modes::of(second));
    let floats = match modes {
        _ if modes.hybrid && !modes.usual && !modes.wide => {
            return Err("the hybrid mode FRE of floating-point registers");
        }
        // What the processor likes best.
        _ if modes.wide && modes.usual || modes.single && !modes.usual => WIDE_FLOATS,
        _ if modes.wide => WIDE_FLOATS,
        _ if !modes.hybrid && !modes.usual && !modes.single && !modes.soft => {
            return Err("an interpreter that uses floating-point registers in the same way");
        }
        _ => usual,
    };
    Ok(floats | nan)
}

pub fn mode_o32(program: &Image, interpreter: Option<&Image>) -> Result<u8, &'static str> {
    mode(program, interpreter, 0, FloatAbi::Fp64A)
}

pub fn mode_n64(program: &Image, interpreter: Option<&Image>) -> Result<u8, &'static str> {
    mode(program, interpreter, WIDE_FLOATS, FloatAbi::Soft)
}

/// What a file was compiled for: by the flags, and by the section that names its use of
/// floating-point registers.
pub fn describe(flags: u32, section: Sections<'_>) -> Vec<String> {
    const SET: [&str; 11] = [
        "MIPS I",
        "MIPS II",
        "MIPS III",
        "MIPS IV",
        "MIPS V",
        "MIPS32",
        "MIPS64",
        "MIPS32 release 2",
        "MIPS64 release 2",
        "MIPS32 release 6",
        "MIPS64 release 6",
    ];
    let mut marks = vec![match (flags & EF_ABI2, convention(flags)) {
        (0, O32) => "o32",
        (0, 0) => "n64",
        (0, 2) => "o64",
        (0, _) => "EABI",
        _ => "n32",
    }];
    marks.extend(SET.get((flags >> 28) as usize));
    let bytes = section(".MIPS.abiflags");
    let abi = bytes.and_then(|bytes| FloatAbi::read(&bytes).ok());
    match abi.and_then(FloatAbi::description) {
        Some(text) => marks.push(text),
        None if flags & EF_FP64 != 0 => marks.push("64-bit floating-point registers"),
        None => {}
    }
    marks.push(match flags & EF_NAN2008 {
        0 => "NaN as before 2008",
        _ => "NaN as of IEEE 754-2008",
    });
    match flags & (EF_PIC | EF_CPIC) {
        0 => marks.push("no position-independent calls"),
        EF_CPIC => {}
        _ => marks.push("position-independent code"),
    }
    marks.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portolan_linux::layout::Shape;
    use portolan_linux::loader::ElfIdentity;
    use portolan_machine::memory::Order;

    fn image(flags: u32, float_abi: Option<u8>) -> Image {
        let abi_flags = |number| {
            let mut bytes = vec![0; 24];
            bytes[7] = number;
            (0x7000_0003, bytes)
        };
        Image {
            identity: ElfIdentity {
                machine: MACHINE,
                shape: Shape {
                    word: 4,
                    order: Order::Big,
                },
                flags,
            },
            relocatable: false,
            entry: 0,
            segments: Vec::new(),
            interpreter: None,
            headers: None,
            header_size: 32,
            header_count: 0,
            processor: float_abi.map(abi_flags).into_iter().collect(),
            stack_executable: None,
        }
    }

    #[test]
    fn what_release_2_does_not_have_is_refused_by_name() {
        assert_eq!(refuse_o32(0x7000_1007), None);
        assert_eq!(refuse_n64(0x8000_0007), None);
        assert_eq!(
            refuse_o32(0x9000_1007),
            Some("release 6 of the instruction set")
        );
        assert_eq!(
            refuse_n64(0xa000_0007),
            Some("release 6 of the instruction set")
        );
        assert_eq!(refuse_o32(0x8000_0027), Some("the calling convention n32"));
        assert_eq!(refuse_o32(0x7200_1007), Some("the encoding microMIPS"));
    }

    #[test]
    fn the_mode_is_what_program_and_interpreter_can_both_do_with() {
        let mode = |program, interpreter: Option<Option<u8>>| {
            let interpreter = interpreter.map(|abi| image(0, abi));
            mode_o32(&image(0, program), interpreter.as_ref())
        };
        let [double, single, xx, fp64, fp64a] = [1, 2, 5, 6, 7].map(Some);
        assert_eq!(mode(None, None), Ok(0), "old files");
        assert_eq!(mode(double, None), Ok(0));
        assert_eq!(mode(xx, None), Ok(WIDE_FLOATS), "as the processor likes");
        assert_eq!(mode(single, None), Ok(WIDE_FLOATS));
        assert_eq!(mode(fp64, Some(xx)), Ok(WIDE_FLOATS));
        assert_eq!(mode(double, Some(xx)), Ok(0));
        assert_eq!(mode(xx, Some(None)), Ok(0));
        assert!(mode(fp64a, Some(double)).is_err(), "the hybrid mode");
        assert!(mode(fp64, Some(double)).is_err());
        assert_eq!(mode_n64(&image(0, double), None), Ok(WIDE_FLOATS));
        assert!(mode_n64(&image(0, fp64), None).is_err());
    }

    #[test]
    fn nan_is_encoded_in_one_way() {
        let new = image(EF_NAN2008, None);
        assert_eq!(mode_n64(&new, None), Ok(WIDE_FLOATS | NAN2008));
        assert!(mode_n64(&new, Some(&image(0, None))).is_err());
    }
}
