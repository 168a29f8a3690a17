//! From bytes to instructions, by the rows of [`encoding`](crate::encoding).

use crate::encoding::{Op, ROWS, dsp, extensions, field_width, msa, privileged, r5900, release6};
use portolan_machine::encoding::{Field, Pattern, Row, Table};
use portolan_machine::guest::{Context, Flow, Undecoded};
use portolan_machine::memory::Order;
use std::sync::LazyLock;

/// Which instructions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Those of MIPS32 release 2.
    Mips32,
    /// Those of MIPS64 release 2.
    Mips64,
    /// Those of the R5900.
    R5900,
}

/// What guests differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Their instructions.
    pub set: Set,
    /// Their byte order.
    pub order: Order,
}

/// In [`Context::mode`], that floating-point registers have 64 bits each: Status.FR.
pub const WIDE_FLOATS: u8 = 1;
/// In [`Context::mode`], that a set bit marks a quiet NaN: FCSR.NAN2008.
pub const NAN2008: u8 = 2;
/// In [`Context::mode`], that the processor has release 1 of MIPS32 or MIPS64 only.
pub const FIRST_RELEASE: u8 = 4;
/// The [`Context::inside`] of an instruction after a branch or jump.
pub const DELAY_SLOT: u8 = 1;

/// A decoded instruction that is executed. Members that the operation does not have hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The operation.
    pub op: Op,
    /// The field of bits 25 to 21: `rs`, `base` or `fr`.
    pub rs: u8,
    /// The field of bits 20 to 16: `rt`, `index` or `ft`.
    pub rt: u8,
    /// The field of bits 15 to 11: `rd`, `fs`, `cs`, `hwr`, `msb` or `msbd`.
    pub rd: u8,
    /// The field of bits 10 to 6: `sa`, `fd`, `lsb` or `stype`.
    pub sa: u8,
    /// The number of a floating-point condition.
    pub cc: u8,
    /// What the guest adds to the instruction's bits.
    pub mode: Mode,
    /// The immediate, offset, region, code or comparison, in place and extended.
    pub imm: i32,
}

/// What an instruction's meaning depends on besides its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(u8);

impl Mode {
    const WIDE_FLOATS: u8 = WIDE_FLOATS;
    const NAN2008: u8 = NAN2008;
    const BIG: u8 = 4;
    const WIDE: u8 = 8;
    const SLOT: u8 = 16;

    fn of(guest: Guest, context: Context) -> Mode {
        let flag = |holds, bit| if holds { bit } else { 0 };
        Mode(
            context.mode & (Mode::WIDE_FLOATS | Mode::NAN2008)
                | flag(guest.order == Order::Big, Mode::BIG)
                | flag(guest.set == Set::Mips64, Mode::WIDE)
                | flag(context.inside == DELAY_SLOT, Mode::SLOT),
        )
    }

    /// The byte order of memory.
    #[inline(always)]
    pub fn order(self) -> Order {
        if self.0 & Mode::BIG == 0 {
            Order::Little
        } else {
            Order::Big
        }
    }

    /// Whether floating-point registers have 64 bits each: Status.FR.
    #[inline(always)]
    pub fn has_wide_floats(self) -> bool {
        self.0 & Mode::WIDE_FLOATS != 0
    }

    /// Whether a set bit marks a quiet NaN: FCSR.NAN2008.
    #[inline(always)]
    pub fn has_nan2008(self) -> bool {
        self.0 & Mode::NAN2008 != 0
    }

    /// Whether the instruction is in the delay slot of a branch or jump.
    #[inline(always)]
    pub fn is_in_delay_slot(self) -> bool {
        self.0 & Mode::SLOT != 0
    }

    /// Whether addresses and registers have 64 bits.
    #[inline(always)]
    pub fn is_wide(self) -> bool {
        self.0 & Mode::WIDE != 0
    }
}

/// Decodes the instruction that `bytes` starts with, if it is one that is executed.
pub fn decode(guest: Guest, bytes: &[u8], context: Context) -> Result<Instruction, Undecoded> {
    let (row, word) = find(guest, bytes)?;
    if context.mode & FIRST_RELEASE != 0 && is_of_release2(guest.set, row) {
        return Err(unsupported(row));
    }
    expand(row, word, guest, context)
        .ok_or_else(|| of_release6(word).unwrap_or_else(|| unsupported(row)))
}

/// The instruction of a row and word that [`find`] gave, if it is one that is executed.
pub fn expand(row: usize, word: u32, guest: Guest, context: Context) -> Option<Instruction> {
    let op = *Op::ALL.get(row)?;
    let register = |at: u8| (word >> at & 31) as u8;
    let others = &ENCODINGS.others[row];
    let value = |field: &Option<Field>| field.as_ref().map_or(0, |field| field.extract(word));
    Some(Instruction {
        op,
        rs: register(21),
        rt: register(16),
        rd: register(11),
        sa: register(6),
        cc: value(&others.cc) as u8,
        mode: Mode::of(guest, context),
        imm: value(&others.imm) as i32,
    })
}

/// The index in [`rows`] of the instruction that `bytes` starts with, and its bits.
pub fn find(guest: Guest, bytes: &[u8]) -> Result<(usize, u32), Undecoded> {
    let Some(&bytes) = bytes.first_chunk() else {
        let present = bytes.len() as u8;
        return Err(Undecoded::Truncated { needed: 4, present });
    };
    let word = match guest.order {
        Order::Little => u32::from_le_bytes(bytes),
        Order::Big => u32::from_be_bytes(bytes),
    };
    match TABLES[guest.set as usize].find(&ENCODINGS.patterns, word) {
        Some(row) => Ok((row.into(), word)),
        None => Err(of_release6(word)
            .or_else(|| of_wider_processors(guest.set, word))
            .unwrap_or(Undecoded::Illegal { length: 4 })),
    }
}

/// Whether a row, by its index, came with release 2, as far as programs can tell: the kernel carries out
/// rdhwr where the processor does not, and other processors ignore the hints of jalr.hb and jr.hb.
fn is_of_release2(set: Set, row: usize) -> bool {
    let Some(op) = Op::ALL.get(row) else {
        return false;
    };
    if matches!(op, Op::rdhwr | Op::jalr_hb | Op::jr_hb) {
        return false;
    }
    let extension = ROWS[row].extension;
    match set {
        Set::Mips64 => ["MIPS32 Release 2", "MIPS64 Release 2"].contains(&extension),
        Set::Mips32 | Set::R5900 => extension.contains("Release 2"),
    }
}

/// How an instruction of release 6 is refused, if a word is one.
fn of_release6(word: u32) -> Option<Undecoded> {
    let row = RELEASE6.find(&ENCODINGS.patterns, word)?;
    Some(unsupported(row.into()))
}

/// How an instruction of MIPS64 is refused by a processor that does not have it, if a word is one.
fn of_wider_processors(set: Set, word: u32) -> Option<Undecoded> {
    let wider = &TABLES[Set::Mips64 as usize];
    let row = (set != Set::Mips64).then(|| wider.find(&ENCODINGS.patterns, word))??;
    Some(unsupported(row.into()))
}

fn unsupported(index: usize) -> Undecoded {
    let row = row(index);
    Undecoded::Unsupported {
        length: 4,
        name: row.name,
        extension: row.extension,
    }
}

/// Every row: first those that are executed, last those of release 6.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    ENCODINGS.rows.iter().copied()
}

/// The row of an index that [`find`] gave.
pub fn row(index: usize) -> &'static Row {
    ENCODINGS.rows[index]
}

/// The pattern of a row, by its index.
pub fn pattern(index: usize) -> &'static Pattern {
    &ENCODINGS.patterns[index]
}

/// Whether [`find`] gives a row, by its index, for the instructions of a set.
pub fn belongs(set: Set, index: usize) -> bool {
    index < ENCODINGS.first_of_release6 && ENCODINGS.belongs(set, index)
}

/// Whether the instruction after this one is executed before it takes effect.
#[inline(always)]
pub fn has_delay_slot(op: Op) -> bool {
    use Op::*;
    matches!(
        op,
        beq | bgez
            | bgezal
            | bgtz
            | blez
            | bltz
            | bltzal
            | bne
            | j
            | jal
            | jalr
            | jr
            | jalr_hb
            | jr_hb
            | beql
            | bgezall
            | bgezl
            | bgtzl
            | blezl
            | bltzall
            | bltzl
            | bnel
            | bc1f
            | bc1t
            | bc1fl
            | bc1tl
    )
}

/// How an instruction continues.
pub fn flow(instruction: &Instruction) -> Flow {
    use Op::*;
    let Instruction { rs, rt, rd, .. } = *instruction;
    match instruction.op {
        // What assemblers call b and bal.
        beq | beql if rs == rt => Flow::Jump,
        bgez | blez | bgezl | blezl if rs == 0 => Flow::Jump,
        bgezal | bgezall if rs == 0 => Flow::Call,
        beq | bne | blez | bgtz | bltz | bgez | bltzal | bgezal | bc1f | bc1t => Flow::Branch,
        beql | bnel | blezl | bgtzl | bltzl | bgezl | bltzall | bgezall | bc1fl | bc1tl => {
            Flow::Branch
        }
        jal | jalr | jalr_hb => Flow::Call,
        jr | jr_hb if rs == 31 => Flow::Return,
        j | jr | jr_hb => Flow::Jump,
        syscall | break_ => Flow::Trap,
        // UserLocal, which changes in system calls only.
        rdhwr if rd == 29 => Flow::Next,
        rdhwr | synci => Flow::Alone,
        _ => Flow::Next,
    }
}

static ENCODINGS: LazyLock<Encodings> = LazyLock::new(Encodings::new);

/// One for each [`Set`], made when it is first asked for.
static TABLES: [LazyLock<Table>; 3] = [
    LazyLock::new(|| table(Set::Mips32)),
    LazyLock::new(|| table(Set::Mips64)),
    LazyLock::new(|| table(Set::R5900)),
];

static RELEASE6: LazyLock<Table> = LazyLock::new(|| {
    let first = ENCODINGS.first_of_release6;
    Table::of(&ENCODINGS.patterns, 0xfc00_0000, |n| n >= first)
});

fn table(set: Set) -> Table {
    // The opcode and most of the function.
    Table::of(&ENCODINGS.patterns, 0xfc00_003c, |n| belongs(set, n))
}

struct Encodings {
    rows: Vec<&'static Row>,
    patterns: Vec<Pattern>,
    /// The fields of rows that do not stand where registers do.
    others: Vec<Others>,
    /// Where the rows of the R5900 and those of release 6 begin.
    first_of_r5900: usize,
    first_of_release6: usize,
}

/// The fields of an encoding that become `cc` and `imm`.
struct Others {
    cc: Option<Field>,
    imm: Option<Field>,
}

impl Encodings {
    fn new() -> Encodings {
        let release2 = [
            ROWS,
            privileged::PRIVILEGED,
            extensions::ACCUMULATORS,
            extensions::MULTITHREADING,
            extensions::EVA,
            extensions::VIRTUALIZATION,
            extensions::OTHERS,
            extensions::GRAPHICS,
            dsp::DSP,
            msa::MSA,
        ];
        let mut rows: Vec<&Row> = release2.into_iter().flatten().collect();
        let first_of_r5900 = rows.len();
        rows.extend(r5900::R5900);
        let first_of_release6 = rows.len();
        rows.extend(release6::RELEASE6);
        let parse = |row: &&'static Row| Pattern::parse(row.pattern, field_width);
        let patterns: Vec<Pattern> = rows.iter().map(parse).collect();
        Encodings {
            others: patterns.iter().map(Others::of).collect(),
            patterns,
            rows,
            first_of_r5900,
            first_of_release6,
        }
    }

    fn belongs(&self, set: Set, index: usize) -> bool {
        let row = self.rows[index];
        let own = self.first_of_r5900..self.first_of_release6;
        match set {
            Set::Mips32 => !own.contains(&index) && !needs_64_bits(row),
            // SmartMIPS is for 32-bit processors only.
            Set::Mips64 => !own.contains(&index) && row.extension != "SmartMIPS",
            Set::R5900 => {
                own.contains(&index)
                    || index < Op::ALL.len() && !r5900::MISSING.contains(&row.name)
                    || r5900::SHARED.contains(&row.name)
            }
        }
    }
}

impl Others {
    fn of(pattern: &Pattern) -> Others {
        let named = |names: &[&str]| {
            let found = pattern
                .fields
                .iter()
                .find(|field| names.contains(&field.name));
            found.cloned()
        };
        Others {
            cc: named(&["cc"]),
            imm: named(&["imm", "uimm", "offset", "region", "code", "cond"]),
        }
    }
}

fn needs_64_bits(row: &Row) -> bool {
    matches!(row.extension, "MIPS64" | "MIPS64 Release 2") || row.extension.ends_with("64-bit")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG: Guest = Guest {
        set: Set::Mips32,
        order: Order::Big,
    };

    fn decode_big(word: u32) -> Result<Instruction, Undecoded> {
        decode(BIG, &word.to_be_bytes(), Context::default())
    }

    #[test]
    fn every_row_finds_itself() {
        for set in [Set::Mips32, Set::Mips64, Set::R5900] {
            for (index, row) in rows().enumerate() {
                if !belongs(set, index) {
                    continue;
                }
                let pattern = pattern(index);
                let set_bits = pattern.fields.iter().map(|field| field.insert(0x0099_1115));
                let word = set_bits.fold(pattern.value, |word, field| word | field);
                let (found, _) = find(Guest { set, ..BIG }, &word.to_be_bytes()).unwrap();
                // Catch-alls of coprocessors contain other instructions.
                if !matches!(row.name, "c0" | "c1" | "c2") {
                    assert_eq!(super::row(found).name, row.name, "{set:?} {word:#x}");
                }
            }
        }
    }

    #[test]
    fn byte_order_is_the_guests() {
        // lw v0, -4(sp)
        let big = decode_big(0x8fa2_fffc).unwrap();
        let guest = Guest {
            order: Order::Little,
            ..BIG
        };
        let little = decode(guest, &[0xfc, 0xff, 0xa2, 0x8f], Context::default()).unwrap();
        assert_eq!((big.op, big.rs, big.rt, big.imm), (Op::lw, 29, 2, -4));
        assert_eq!((little.op, little.imm), (Op::lw, -4));
        assert_ne!(big.mode.order(), little.mode.order());
    }

    #[test]
    fn offsets_of_branches_are_in_bytes() {
        assert_eq!(decode_big(0x1000_ffff).unwrap().imm, -4); // b .
        assert_eq!(decode_big(0x0c00_0001).unwrap().imm, 4); // jal 4
    }

    #[test]
    fn instructions_of_64_bits_are_not_misread_in_32() {
        let daddu = 0x0085_102d;
        let guest = Guest {
            set: Set::Mips64,
            ..BIG
        };
        let (row, _) = find(guest, &u32::to_be_bytes(daddu)).unwrap();
        assert_eq!(super::row(row).name, "daddu");
        assert_eq!(
            decode_big(daddu).unwrap_err().to_string(),
            "daddu is MIPS64, which is not supported"
        );
    }

    #[test]
    fn what_is_known_by_name_is_refused_by_name() {
        let message = |word| decode_big(word).unwrap_err().to_string();
        assert_eq!(
            message(0x0085_1035),
            "seleqz is MIPS release 6, which is not supported"
        );
        assert_eq!(
            message(0x7c85_1010),
            "addu.qb is DSP, which is not supported"
        );
        assert_eq!(
            message(0x4200_0018),
            "eret is MIPS32, privileged, which is not supported"
        );
        assert_eq!(
            decode_big(0x7c00_003f),
            Err(Undecoded::Illegal { length: 4 })
        );
    }
}
