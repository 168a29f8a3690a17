//! The instructions of x86-64 that the baseline compiler makes, as bytes, and labels in them. See *Intel 64
//! and IA-32 Architectures Software Developer's Manual*, Volume 2, Chapter 2.

/// A general register of the host, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reg(u8);

pub const RAX: Reg = Reg(0);
pub const RCX: Reg = Reg(1);
pub const RDX: Reg = Reg(2);
pub const RBX: Reg = Reg(3);
pub const RSP: Reg = Reg(4);
pub const RSI: Reg = Reg(6);
pub const RDI: Reg = Reg(7);
pub const R8: Reg = Reg(8);
pub const R9: Reg = Reg(9);
pub const R10: Reg = Reg(10);
pub const R11: Reg = Reg(11);
pub const R12: Reg = Reg(12);
pub const R13: Reg = Reg(13);
pub const R14: Reg = Reg(14);
pub const R15: Reg = Reg(15);

/// A vector register of the host, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xmm(u8);

pub const XMM0: Xmm = Xmm(0);
pub const XMM1: Xmm = Xmm(1);

/// Operations of scalar floats, by their opcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    Sqrt = 0x51,
    Add = 0x58,
    Mul = 0x59,
    /// To a float of the other size.
    Convert = 0x5a,
    Sub = 0x5c,
    Div = 0x5e,
}

/// Arithmetic of two operands, by the number that its encodings have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add = 0,
    Or = 1,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// Shifts, by the number that tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    Rol = 0,
    Ror = 1,
    Shl = 4,
    Shr = 5,
    Sar = 7,
}

/// What flags say, by the number in `jcc` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Overflow = 0,
    Below = 2,
    AboveEqual = 3,
    Equal = 4,
    NotEqual = 5,
    Above = 7,
    Sign = 8,
    /// Of a comparison of floats: one is a NaN.
    Unordered = 10,
    Less = 12,
    GreaterEqual = 13,
}

impl Condition {
    /// The condition that holds where this one does not.
    pub fn inverted(self) -> Condition {
        match self {
            Condition::Below => Condition::AboveEqual,
            Condition::AboveEqual => Condition::Below,
            Condition::Equal => Condition::NotEqual,
            Condition::NotEqual => Condition::Equal,
            Condition::Less => Condition::GreaterEqual,
            Condition::GreaterEqual => Condition::Less,
            Condition::Overflow | Condition::Above | Condition::Sign | Condition::Unordered => {
                unreachable!("nobody asks for the opposite")
            }
        }
    }
}

/// A place in memory.
#[derive(Clone, Copy, Debug)]
pub enum Memory {
    /// At a distance from where a register points to.
    At(Reg, i32),
    /// The sum of two registers.
    Sum(Reg, Reg),
}

/// A place in the code.
#[derive(Clone, Copy, Debug)]
pub struct Label(usize);

/// Machine code in the making.
#[derive(Default)]
pub struct Assembler {
    pub bytes: Vec<u8>,
    /// Where each label is, once that is known.
    labels: Vec<usize>,
    /// Where distances of 32 bits to labels stand.
    distances: Vec<(usize, Label)>,
}

/// A label whose place is not known yet.
const UNBOUND: usize = usize::MAX;

impl Assembler {
    /// Where the next instruction will be.
    pub fn place(&self) -> usize {
        self.bytes.len()
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(UNBOUND);
        Label(self.labels.len() - 1)
    }

    /// The label is here.
    pub fn bind(&mut self, label: Label) {
        self.labels[label.0] = self.bytes.len();
    }

    /// Where a label is.
    pub fn place_of(&self, label: Label) -> usize {
        self.labels[label.0]
    }

    /// Forgets the instructions from a place on. Labels that were bound there are not used again.
    pub fn back_to(&mut self, place: usize) {
        self.bytes.truncate(place);
        self.distances.retain(|(at, _)| *at < place);
    }

    /// Fills in the distances to labels, which all have their places.
    pub fn link(&mut self) {
        for (at, label) in std::mem::take(&mut self.distances) {
            let distance = self.labels[label.0].wrapping_sub(at + 4) as u32;
            self.bytes[at..at + 4].copy_from_slice(&distance.to_le_bytes());
        }
    }

    // Parts of instructions.

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn word(&mut self, word: i32) {
        self.bytes.extend_from_slice(&word.to_le_bytes());
    }

    fn distance(&mut self, label: Label) {
        self.distances.push((self.bytes.len(), label));
        self.word(0);
    }

    /// A prefix for 64 bits and the upper registers, left out if it says nothing. Registers of a byte
    /// want one (`byte`), or some of their numbers would mean others.
    fn rex(&mut self, wide: bool, byte: bool, reg: u8, index: u8, base: u8) {
        let bits = u8::from(wide) << 3 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3;
        if bits != 0 || byte {
            self.byte(0x40 | bits);
        }
    }

    fn opcode(&mut self, opcode: &[u8]) {
        self.bytes.extend_from_slice(opcode);
    }

    /// An instruction of two registers.
    fn registers(&mut self, wide: bool, byte: bool, opcode: &[u8], reg: u8, rm: Reg) {
        self.rex(wide, byte, reg, 0, rm.0);
        self.opcode(opcode);
        self.byte(0xc0 | (reg & 7) << 3 | rm.0 & 7);
    }

    /// An instruction of a register and memory.
    fn memory(&mut self, wide: bool, byte: bool, opcode: &[u8], reg: u8, memory: Memory) {
        let middle = (reg & 7) << 3;
        match memory {
            Memory::At(base, distance) => {
                self.rex(wide, byte, reg, 0, base.0);
                self.opcode(opcode);
                let low = base.0 & 7;
                let short = i8::try_from(distance);
                self.byte(if short.is_ok() { 0x40 } else { 0x80 } | middle | low);
                // What would be rsp says that another byte follows: no index.
                if low == RSP.0 {
                    self.byte(0x24);
                }
                match short {
                    Ok(distance) => self.byte(distance as u8),
                    Err(_) => self.word(distance),
                }
            }
            Memory::Sum(base, index) => {
                self.rex(wide, byte, reg, index.0, base.0);
                self.opcode(opcode);
                self.byte(0x44 | middle);
                self.byte((index.0 & 7) << 3 | base.0 & 7);
                self.byte(0);
            }
        }
    }

    // Moving.

    pub fn mov(&mut self, to: Reg, from: Reg) {
        if to != from {
            self.registers(true, false, &[0x8b], to.0, from);
        }
    }

    /// A constant; flags stay as they are.
    pub fn constant(&mut self, to: Reg, value: u64) {
        if let Ok(low) = u32::try_from(value) {
            self.rex(false, false, 0, 0, to.0);
            self.byte(0xb8 | to.0 & 7);
            self.word(low as i32);
        } else if let Ok(low) = i32::try_from(value as i64) {
            self.registers(true, false, &[0xc7], 0, to);
            self.word(low);
        } else {
            self.rex(true, false, 0, 0, to.0);
            self.byte(0xb8 | to.0 & 7);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// Loads 64 bits.
    pub fn load(&mut self, to: Reg, from: Memory) {
        self.memory(true, false, &[0x8b], to.0, from);
    }

    /// Loads 1, 2, 4 or 8 bytes, extended to 64 bits.
    pub fn load_extended(&mut self, to: Reg, from: Memory, bytes: u8, signed: bool) {
        match (bytes, signed) {
            (1, false) => self.memory(false, false, &[0x0f, 0xb6], to.0, from),
            (1, true) => self.memory(true, false, &[0x0f, 0xbe], to.0, from),
            (2, false) => self.memory(false, false, &[0x0f, 0xb7], to.0, from),
            (2, true) => self.memory(true, false, &[0x0f, 0xbf], to.0, from),
            (4, false) => self.memory(false, false, &[0x8b], to.0, from),
            (4, true) => self.memory(true, false, &[0x63], to.0, from),
            _ => self.load(to, from),
        }
    }

    /// Stores the low 1, 2, 4 or 8 bytes.
    pub fn store(&mut self, to: Memory, from: Reg, bytes: u8) {
        match bytes {
            1 => self.memory(false, true, &[0x88], from.0, to),
            2 => {
                self.byte(0x66);
                self.memory(false, false, &[0x89], from.0, to);
            }
            4 => self.memory(false, false, &[0x89], from.0, to),
            _ => self.memory(true, false, &[0x89], from.0, to),
        }
    }

    /// Stores a constant, sign-extended to 64 bits.
    pub fn store_constant(&mut self, to: Memory, value: i32) {
        self.memory(true, false, &[0xc7], 0, to);
        self.word(value);
    }

    /// Stores a constant of 32 bits.
    pub fn store_constant_32(&mut self, to: Memory, value: i32) {
        self.memory(false, false, &[0xc7], 0, to);
        self.word(value);
    }

    /// Extends the low 8, 16 or 32 bits to 64.
    pub fn extend(&mut self, to: Reg, from: Reg, bits: u8, signed: bool) {
        match (bits, signed) {
            (8, false) => self.registers(false, true, &[0x0f, 0xb6], to.0, from),
            (8, true) => self.registers(true, false, &[0x0f, 0xbe], to.0, from),
            (16, false) => self.registers(false, false, &[0x0f, 0xb7], to.0, from),
            (16, true) => self.registers(true, false, &[0x0f, 0xbf], to.0, from),
            (32, false) => self.registers(false, false, &[0x8b], to.0, from),
            (32, true) => self.registers(true, false, &[0x63], to.0, from),
            _ => unreachable!("no such extension"),
        }
    }

    /// Makes the flags a word: one where the condition holds, else zero.
    pub fn set(&mut self, to: Reg, condition: Condition) {
        self.registers(false, true, &[0x0f, 0x90 | condition as u8], 0, to);
        self.extend(to, to, 8, false);
    }

    /// Moves if the condition holds.
    pub fn mov_if(&mut self, condition: Condition, to: Reg, from: Reg) {
        self.registers(true, false, &[0x0f, 0x40 | condition as u8], to.0, from);
    }

    pub fn push(&mut self, from: Reg) {
        self.rex(false, false, 0, 0, from.0);
        self.byte(0x50 | from.0 & 7);
    }

    pub fn pop(&mut self, to: Reg) {
        self.rex(false, false, 0, 0, to.0);
        self.byte(0x58 | to.0 & 7);
    }

    // Computing.

    pub fn arithmetic(&mut self, operation: Arithmetic, to: Reg, from: Reg) {
        self.registers(true, false, &[(operation as u8) << 3 | 3], to.0, from);
    }

    pub fn arithmetic_memory(&mut self, operation: Arithmetic, to: Reg, from: Memory) {
        self.memory(true, false, &[(operation as u8) << 3 | 3], to.0, from);
    }

    pub fn arithmetic_constant(&mut self, operation: Arithmetic, to: Reg, value: i32) {
        match i8::try_from(value) {
            Ok(short) => {
                self.registers(true, false, &[0x83], operation as u8, to);
                self.byte(short as u8);
            }
            Err(_) => {
                self.registers(true, false, &[0x81], operation as u8, to);
                self.word(value);
            }
        }
    }

    /// The same on 64 bits in memory.
    pub fn update(&mut self, operation: Arithmetic, to: Memory, value: i32) {
        match i8::try_from(value) {
            Ok(short) => {
                self.memory(true, false, &[0x83], operation as u8, to);
                self.byte(short as u8);
            }
            Err(_) => {
                self.memory(true, false, &[0x81], operation as u8, to);
                self.word(value);
            }
        }
    }

    /// Subtracts from 32 bits in memory.
    pub fn count_down(&mut self, at: Memory, by: i8) {
        self.memory(false, false, &[0x83], Arithmetic::Sub as u8, at);
        self.byte(by as u8);
    }

    /// Compares a byte in memory with zero.
    pub fn look(&mut self, at: Memory) {
        self.memory(false, false, &[0x80], Arithmetic::Cmp as u8, at);
        self.byte(0);
    }

    pub fn test(&mut self, a: Reg, b: Reg) {
        self.registers(true, false, &[0x85], a.0, b);
    }

    pub fn multiply(&mut self, to: Reg, from: Reg) {
        self.registers(true, false, &[0x0f, 0xaf], to.0, from);
    }

    /// Shifts by the low bits of rcx.
    pub fn shift(&mut self, shift: Shift, to: Reg) {
        self.registers(true, false, &[0xd3], shift as u8, to);
    }

    pub fn shift_constant(&mut self, shift: Shift, to: Reg, amount: u8) {
        self.registers(true, false, &[0xc1], shift as u8, to);
        self.byte(amount);
    }

    pub fn not(&mut self, to: Reg) {
        self.registers(true, false, &[0xf7], 2, to);
    }

    pub fn negate(&mut self, to: Reg) {
        self.registers(true, false, &[0xf7], 3, to);
    }

    /// Reverses the order of eight bytes.
    pub fn swap_bytes(&mut self, to: Reg) {
        self.rex(true, false, 0, 0, to.0);
        self.opcode(&[0x0f, 0xc8 | to.0 & 7]);
    }

    /// Orders all accesses before this one before those that follow.
    pub fn fence(&mut self) {
        self.opcode(&[0x0f, 0xae, 0xf0]);
    }

    // Floats: of 64 bits where `wide`, else of 32.

    /// An instruction of a vector register and another one, with the prefix that tells which.
    fn vector(&mut self, prefix: u8, wide: bool, opcode: u8, reg: u8, rm: Reg) {
        if prefix != 0 {
            self.byte(prefix);
        }
        self.registers(wide, false, &[0x0f, opcode], reg, rm);
    }

    /// Takes a float's bits from the low ones of a general register.
    pub fn float_from(&mut self, to: Xmm, from: Reg, wide: bool) {
        self.vector(0x66, wide, 0x6e, to.0, from);
    }

    /// The bits of a float, zero-extended.
    pub fn float_bits(&mut self, to: Reg, from: Xmm, wide: bool) {
        self.vector(0x66, wide, 0x7e, from.0, to);
    }

    pub fn scalar(&mut self, operation: Scalar, to: Xmm, from: Xmm, wide: bool) {
        let prefix = if wide { 0xf2 } else { 0xf3 };
        self.vector(prefix, false, operation as u8, to.0, Reg(from.0));
    }

    /// Compares floats: the flags are then as of unsigned numbers, or say [`Condition::Unordered`].
    pub fn compare_floats(&mut self, a: Xmm, b: Xmm, wide: bool) {
        self.vector(if wide { 0x66 } else { 0 }, false, 0x2e, a.0, Reg(b.0));
    }

    /// Makes a signed integer a float.
    pub fn float_from_integer(&mut self, to: Xmm, from: Reg, bits: u8, wide: bool) {
        // Or it would depend on what the register held before.
        self.vector(0, false, 0x57, to.0, Reg(to.0));
        let prefix = if wide { 0xf2 } else { 0xf3 };
        self.vector(prefix, bits == 64, 0x2a, to.0, from);
    }

    /// Makes a float a signed integer, rounded towards zero: the lowest one if there is none.
    pub fn integer_from_float(&mut self, to: Reg, from: Xmm, bits: u8, wide: bool) {
        let prefix = if wide { 0xf2 } else { 0xf3 };
        self.vector(prefix, bits == 64, 0x2c, to.0, Reg(from.0));
    }

    // Going elsewhere.

    pub fn jump(&mut self, to: Label) {
        self.byte(0xe9);
        self.distance(to);
    }

    pub fn jump_if(&mut self, condition: Condition, to: Label) {
        self.opcode(&[0x0f, 0x80 | condition as u8]);
        self.distance(to);
    }

    pub fn jump_register(&mut self, to: Reg) {
        self.registers(false, false, &[0xff], 4, to);
    }

    /// Jumps to where memory says.
    pub fn jump_memory(&mut self, to: Memory) {
        self.memory(false, false, &[0xff], 4, to);
    }

    pub fn call(&mut self, to: Reg) {
        self.registers(false, false, &[0xff], 2, to);
    }

    pub fn ret(&mut self) {
        self.byte(0xc3);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};

    /// What the instructions are, as another decoder sees it.
    fn listing(code: &Assembler) -> Vec<String> {
        let mut formatter = IntelFormatter::new();
        let decoder = Decoder::new(64, &code.bytes, DecoderOptions::NONE);
        let text = decoder.into_iter().map(|instruction| {
            let mut line = String::new();
            formatter.format(&instruction, &mut line);
            line
        });
        text.collect()
    }

    fn assert_one(make: impl FnOnce(&mut Assembler), expected: &str) {
        let mut code = Assembler::default();
        make(&mut code);
        code.link();
        assert_eq!(listing(&code), [expected]);
    }

    #[test]
    fn registers_of_all_numbers() {
        for (reg, name, low) in [
            (RAX, "rax", "al"),
            (RSP, "rsp", "spl"),
            (RSI, "rsi", "sil"),
            (RDI, "rdi", "dil"),
            (R8, "r8", "r8b"),
            (R12, "r12", "r12b"),
            (R13, "r13", "r13b"),
        ] {
            assert_one(|code| code.mov(reg, RBX), &format!("mov {name},rbx"));
            assert_one(|code| code.mov(R14, reg), &format!("mov r14,{name}"));
            assert_one(|code| code.push(reg), &format!("push {name}"));
            assert_one(|code| code.pop(reg), &format!("pop {name}"));
            assert_one(|code| code.call(reg), &format!("call {name}"));
            assert_one(|code| code.jump_register(reg), &format!("jmp {name}"));
            assert_one(|code| code.not(reg), &format!("not {name}"));
            assert_one(|code| code.swap_bytes(reg), &format!("bswap {name}"));
            let at = Memory::At(reg, 8);
            assert_one(|code| code.load(R9, at), &format!("mov r9,[{name}+8]"));
            let far = Memory::At(reg, 0x1000);
            let expected = format!("mov [{name}+1000h],{low}");
            assert_one(|code| code.store(far, reg, 1), &expected);
            let expected = format!("movzx r10d,{low}");
            assert_one(|code| code.extend(R10, reg, 8, false), &expected);
            let expected = format!("mov rdx,[{name}+r12]");
            if reg != R12 {
                let sum = Memory::Sum(reg, R12);
                assert_one(|code| code.load(RDX, sum), &expected);
            }
        }
    }

    #[test]
    fn instructions() {
        use Arithmetic::{Add, Cmp, Sub, Xor};
        let (at, sum) = (Memory::At(RDI, -8), Memory::Sum(R11, RAX));
        assert_one(|code| code.constant(R9, 5), "mov r9d,5");
        assert_one(
            |code| code.constant(R9, 0u64.wrapping_sub(5)),
            "mov r9,0FFFFFFFFFFFFFFFBh",
        );
        let wide = "mov rcx,123456789ABCDEFh";
        assert_one(|code| code.constant(RCX, 0x0123_4567_89ab_cdef), wide);
        for (bytes, signed, expected) in [
            (1, false, "movzx edx,byte ptr [r11+rax]"),
            (1, true, "movsx rdx,byte ptr [r11+rax]"),
            (2, false, "movzx edx,word ptr [r11+rax]"),
            (2, true, "movsx rdx,word ptr [r11+rax]"),
            (4, false, "mov edx,[r11+rax]"),
            (4, true, "movsxd rdx,[r11+rax]"),
            (8, false, "mov rdx,[r11+rax]"),
        ] {
            assert_one(|code| code.load_extended(RDX, sum, bytes, signed), expected);
        }
        for (bytes, expected) in [
            (1, "mov [r11+rax],sil"),
            (2, "mov [r11+rax],si"),
            (4, "mov [r11+rax],esi"),
            (8, "mov [r11+rax],rsi"),
        ] {
            assert_one(|code| code.store(sum, RSI, bytes), expected);
        }
        for (bits, signed, expected) in [
            (8, true, "movsx rcx,r8b"),
            (16, false, "movzx ecx,r8w"),
            (16, true, "movsx rcx,r8w"),
            (32, false, "mov ecx,r8d"),
            (32, true, "movsxd rcx,r8d"),
        ] {
            assert_one(|code| code.extend(RCX, R8, bits, signed), expected);
        }
        assert_one(
            |code| code.store_constant(at, -1),
            "mov qword ptr [rdi-8],0FFFFFFFFFFFFFFFFh",
        );
        let stored = "mov dword ptr [rdi-8],7";
        assert_one(|code| code.store_constant_32(at, 7), stored);
        let moved = "cmovl rbx,r15";
        assert_one(|code| code.mov_if(Condition::Less, RBX, R15), moved);
        assert_one(|code| code.arithmetic(Sub, RBX, R15), "sub rbx,r15");
        let added = "add rbx,[rdi-8]";
        assert_one(|code| code.arithmetic_memory(Add, RBX, at), added);
        let near = "xor rbx,7";
        assert_one(|code| code.arithmetic_constant(Xor, RBX, 7), near);
        let far = "cmp rbx,12345h";
        assert_one(|code| code.arithmetic_constant(Cmp, RBX, 0x12345), far);
        assert_one(|code| code.update(Add, at, 3), "add qword ptr [rdi-8],3");
        let far = "add qword ptr [rdi-8],300h";
        assert_one(|code| code.update(Add, at, 0x300), far);
        assert_one(|code| code.count_down(at, 1), "sub dword ptr [rdi-8],1");
        assert_one(|code| code.look(at), "cmp byte ptr [rdi-8],0");
        assert_one(|code| code.test(R8, R8), "test r8,r8");
        assert_one(|code| code.multiply(R8, RBX), "imul r8,rbx");
        assert_one(|code| code.shift(Shift::Sar, R8), "sar r8,cl");
        let rotated = "ror r8,9";
        assert_one(|code| code.shift_constant(Shift::Ror, R8, 9), rotated);
        assert_one(|code| code.negate(R8), "neg r8");
        assert_one(Assembler::fence, "mfence");
        assert_one(|code| code.jump_memory(at), "jmp qword ptr [rdi-8]");
        assert_one(Assembler::ret, "ret");
    }

    #[test]
    fn floats() {
        assert_one(|code| code.float_from(XMM1, R9, true), "movq xmm1,r9");
        assert_one(|code| code.float_from(XMM1, R9, false), "movd xmm1,r9d");
        assert_one(|code| code.float_bits(RBX, XMM1, true), "movq rbx,xmm1");
        assert_one(|code| code.float_bits(RBX, XMM1, false), "movd ebx,xmm1");
        for (operation, wide, expected) in [
            (Scalar::Add, true, "addsd xmm0,xmm1"),
            (Scalar::Sub, false, "subss xmm0,xmm1"),
            (Scalar::Mul, true, "mulsd xmm0,xmm1"),
            (Scalar::Div, false, "divss xmm0,xmm1"),
            (Scalar::Sqrt, true, "sqrtsd xmm0,xmm1"),
            (Scalar::Convert, true, "cvtsd2ss xmm0,xmm1"),
            (Scalar::Convert, false, "cvtss2sd xmm0,xmm1"),
        ] {
            assert_one(|code| code.scalar(operation, XMM0, XMM1, wide), expected);
        }
        let compared = "ucomisd xmm0,xmm1";
        assert_one(|code| code.compare_floats(XMM0, XMM1, true), compared);
        let compared = "ucomiss xmm0,xmm1";
        assert_one(|code| code.compare_floats(XMM0, XMM1, false), compared);
        for (bits, wide, expected) in [
            (32, true, "cvttsd2si r8d,xmm1"),
            (64, true, "cvttsd2si r8,xmm1"),
            (64, false, "cvttss2si r8,xmm1"),
        ] {
            assert_one(
                |code| code.integer_from_float(R8, XMM1, bits, wide),
                expected,
            );
        }
        let mut code = Assembler::default();
        code.float_from_integer(XMM0, R8, 64, true);
        code.float_from_integer(XMM1, RBX, 32, false);
        let expected = [
            "xorps xmm0,xmm0",
            "cvtsi2sd xmm0,r8",
            "xorps xmm1,xmm1",
            "cvtsi2ss xmm1,ebx",
        ];
        assert_eq!(listing(&code), expected);
    }

    #[test]
    fn labels() {
        let mut code = Assembler::default();
        let (ahead, back) = (code.label(), code.label());
        code.bind(back);
        code.jump_if(Condition::AboveEqual, ahead);
        code.jump(back);
        code.set(R9, Condition::Below);
        code.bind(ahead);
        code.ret();
        code.link();
        let expected = ["jae 13h", "jmp 0", "setb r9b", "movzx r9d,r9b", "ret"];
        let lines = listing(&code).into_iter().map(|line| {
            line.replace("0000000000000000h", "0")
                .replace("0000000000000013h", "13h")
                .replace(" near ptr", "")
                .replace(" short", "")
        });
        assert_eq!(lines.collect::<Vec<_>>(), expected);
        assert_eq!(code.place_of(ahead), 0x13);
    }
}
