//! Every instruction that is executed, one row each.
//!
//! iced-x86 knows the encodings. A row stands for all encodings of one mnemonic of the manual, and says
//! what they do: its name is that of the function in [`semantics`](crate::semantics). `jcc`, `setcc` and
//! `cmovcc` stand for all conditions, and a string instruction for all its sizes.

use crate::decode::Instruction;
use crate::semantics;
use iced_x86::Mnemonic;
use portolan_machine::domain::Domain;

/// An instruction as the manual states it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name in the manual's headings, in lower case.
    pub name: &'static str,
    /// The operation.
    pub op: Op,
    /// What iced-x86 calls it.
    pub mnemonics: &'static [Mnemonic],
    /// The group of instructions in Volume 1, Chapter 5.
    pub group: &'static str,
    /// One sentence on what it does.
    pub sentence: &'static str,
}

macro_rules! rows {
    ($([$group:literal] $($name:ident [$($mnemonic:ident)*] $sentence:literal;)*)*) => {
        /// The instructions that are executed, named as their rows.
        #[allow(non_camel_case_types, missing_docs, reason = "the rows document them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Op { $($($name,)*)* }

        /// The instructions that are executed, in the order of [`Op`].
        pub const ROWS: &[Row] = &[$($(Row {
            name: stringify!($name),
            op: Op::$name,
            mnemonics: &[$(Mnemonic::$mnemonic),*],
            group: $group,
            sentence: $sentence,
        },)*)*];

        /// Carries out an instruction in a domain.
        #[inline(always)]
        pub fn execute<D: Domain>(cpu: D, instruction: &Instruction) -> Result<(), D::Leave> {
            match instruction.op {
                $($(Op::$name => semantics::$name(cpu, instruction),)*)*
            }
        }
    };
}

rows! {
    ["Data Transfer Instructions"]
    mov        [Mov]                "Copies the second operand to the first.";
    movzx      [Movzx]              "Copies the second operand to the first, zero-extended.";
    movsx      [Movsx Movsxd]       "Copies the second operand to the first, sign-extended.";
    xchg       [Xchg]               "Exchanges the operands; with memory, atomically.";
    bswap      [Bswap]              "Reverses the order of the bytes.";
    xadd       [Xadd]               "Exchanges the operands, then stores their sum to the first.";
    cmpxchg    [Cmpxchg]            "Stores the second operand to the first if the accumulator equals that; if not, loads it into the accumulator.";
    cmpxchg8b  [Cmpxchg8b]          "Stores ecx:ebx to memory if edx:eax equals that; if not, loads it into edx:eax.";
    push       [Push]               "Stores the operand on the stack.";
    pop        [Pop]                "Loads the operand from the stack.";
    cbw        [Cbw Cwde Cdqe]      "Sign-extends the lower half of the accumulator.";
    cwd        [Cwd Cdq Cqo]        "Fills rdx, of the operand's size, with the accumulator's sign.";
    cmovcc     [Cmova Cmovae Cmovb Cmovbe Cmove Cmovg Cmovge Cmovl Cmovle Cmovne Cmovno Cmovnp Cmovns Cmovo Cmovp Cmovs]
                                    "Copies the second operand to the first if the condition holds.";
    lea        [Lea]                "Computes the address of the second operand.";
    xlat       [Xlatb]              "Loads the byte of the table at rbx that al numbers.";
    ["Binary Arithmetic Instructions"]
    add        [Add]                "Adds the second operand to the first.";
    adc        [Adc]                "Adds the second operand and the carry to the first.";
    sub        [Sub]                "Subtracts the second operand from the first.";
    sbb        [Sbb]                "Subtracts the second operand and the borrow from the first.";
    imul       [Imul]               "Multiplies signed numbers: the accumulator into rdx and rax, or two operands.";
    mul        [Mul]                "Multiplies the accumulator with an unsigned number, into rdx and rax.";
    idiv       [Idiv]               "Divides rdx and rax by a signed number: the quotient goes to rax, the remainder to rdx.";
    div        [Div]                "Divides rdx and rax by an unsigned number: the quotient goes to rax, the remainder to rdx.";
    inc        [Inc]                "Adds one; the carry stays.";
    dec        [Dec]                "Subtracts one; the carry stays.";
    neg        [Neg]                "Subtracts the operand from zero.";
    cmp        [Cmp]                "Subtracts the second operand from the first, for the flags only.";
    ["Logical Instructions"]
    and        [And]                "Ands the second operand into the first.";
    or         [Or]                 "Ors the second operand into the first.";
    xor        [Xor]                "Exclusive-ors the second operand into the first.";
    not        [Not]                "Inverts every bit.";
    ["Shift and Rotate Instructions"]
    sar        [Sar]                "Shifts right; copies of the sign come in from the left.";
    shr        [Shr]                "Shifts right; zeros come in from the left.";
    shl        [Shl Sal]            "Shifts left; zeros come in from the right.";
    shrd       [Shrd]               "Shifts right; the bits of the second operand come in from the left.";
    shld       [Shld]               "Shifts left; the bits of the second operand come in from the right.";
    ror        [Ror]                "Rotates right.";
    rol        [Rol]                "Rotates left.";
    rcr        [Rcr]                "Rotates right, the carry included.";
    rcl        [Rcl]                "Rotates left, the carry included.";
    ["Bit and Byte Instructions"]
    bt         [Bt]                 "Copies a bit to the carry.";
    bts        [Bts]                "Copies a bit to the carry and sets it.";
    btr        [Btr]                "Copies a bit to the carry and clears it.";
    btc        [Btc]                "Copies a bit to the carry and inverts it.";
    bsf        [Bsf]                "Finds the lowest set bit.";
    bsr        [Bsr]                "Finds the highest set bit.";
    setcc      [Seta Setae Setb Setbe Sete Setg Setge Setl Setle Setne Setno Setnp Setns Seto Setp Sets]
                                    "Sets the byte to 1 if the condition holds, else to 0.";
    test       [Test]               "Ands the operands, for the flags only.";
    crc32      [Crc32]              "Adds the second operand to a checksum of the polynomial 0x11edc6f41.";
    popcnt     [Popcnt]             "Counts the bits that are set.";
    ["Control Transfer Instructions"]
    jmp        [Jmp]                "Jumps.";
    jcc        [Ja Jae Jb Jbe Je Jg Jge Jl Jle Jne Jno Jnp Jns Jo Jp Js]
                                    "Jumps if the condition holds.";
    jrcxz      [Jecxz Jrcxz]        "Jumps if rcx, of the address's size, is zero.";
    loop_      [Loop]               "Counts rcx down and jumps unless it is zero.";
    loope      [Loope]              "Counts rcx down and jumps unless it is zero, if the zero flag is set.";
    loopne     [Loopne]             "Counts rcx down and jumps unless it is zero, if the zero flag is clear.";
    call       [Call]               "Stores the address of the next instruction on the stack and jumps.";
    ret        [Ret]                "Jumps to the address that it takes from the stack.";
    int3       [Int3]               "Asks for the debugger.";
    int        [Int]                "Calls an interrupt's handler: the operating system's, which refuses it.";
    enter      [Enter]              "Makes a procedure's frame on the stack.";
    leave      [Leave]              "Takes a procedure's frame from the stack.";
    ["String Instructions"]
    movs       [Movsb Movsw Movsd Movsq] "Copies an element from rsi to rdi.";
    cmps       [Cmpsb Cmpsw Cmpsd Cmpsq] "Compares the element at rsi with the one at rdi.";
    scas       [Scasb Scasw Scasd Scasq] "Compares the accumulator with the element at rdi.";
    lods       [Lodsb Lodsw Lodsd Lodsq] "Loads the element at rsi into the accumulator.";
    stos       [Stosb Stosw Stosd Stosq] "Stores the accumulator to the element at rdi.";
    ["Flag Control Instructions"]
    stc        [Stc]                "Sets the carry.";
    clc        [Clc]                "Clears the carry.";
    cmc        [Cmc]                "Inverts the carry.";
    std        [Std]                "Sets the direction flag: string instructions go downwards.";
    cld        [Cld]                "Clears the direction flag: string instructions go upwards.";
    lahf       [Lahf]               "Copies the low flags to ah.";
    sahf       [Sahf]               "Copies ah to the low flags.";
    pushf      [Pushf Pushfq]       "Stores the flags on the stack.";
    popf       [Popf Popfq]         "Loads the flags from the stack.";
    ["Miscellaneous Instructions"]
    nop        [Nop]                "Does nothing.";
    endbr64    [Endbr64 Endbr32 Rdsspd Rdsspq] "Marks where a jump may go to; does nothing without control-flow enforcement.";
    pause      [Pause]              "Tells that the program waits in a loop.";
    ud2        [Ud2]                "Is no instruction, by definition.";
    ud1        [Ud1]                "Is no instruction, by definition.";
    ud0        [Ud0]                "Is no instruction, by definition.";
    prefetch   [Prefetchnta Prefetcht0 Prefetcht1 Prefetcht2 Prefetchw Prefetch]
                                    "Asks for a cache line; does nothing here.";
    mfence     [Mfence]             "Orders earlier loads and stores before later ones.";
    lfence     [Lfence]             "Orders earlier loads before later ones.";
    sfence     [Sfence]             "Orders earlier stores before later ones.";
    rdtsc      [Rdtsc]              "Reads the time-stamp counter into edx:eax.";
    rdtscp     [Rdtscp]             "Reads the time-stamp counter into edx:eax, and the processor's number into ecx.";
    cpuid      [Cpuid]              "Tells about the processor: the leaf that eax and ecx number, in eax, ebx, ecx and edx.";
    ["System Instructions"]
    syscall    [Syscall]            "Calls the operating system.";
}
