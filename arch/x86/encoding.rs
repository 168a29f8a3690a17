//! Every instruction that is executed, one row each.
//!
//! iced-x86 knows the encodings. A row stands for all encodings of one mnemonic of the manual, and says
//! what they do: its name is that of the function in [`semantics`](crate::semantics). `jcc`, `setcc` and
//! `cmovcc` stand for all conditions, and a string instruction for all its sizes. Vector instructions
//! that differ in nothing but their names (`movaps`, `movapd`, `movdqa`) share a row, and so do the
//! legacy form of one and those with VEX (`addps`, `vaddps`), which write to a register of their own.

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
    cmpxchg16b [Cmpxchg16b]         "Stores rcx:rbx to memory if rdx:rax equals that; if not, loads it into rdx:rax.";
    push       [Push]               "Stores the operand on the stack.";
    pop        [Pop]                "Loads the operand from the stack.";
    cbw        [Cbw Cwde Cdqe]      "Sign-extends the lower half of the accumulator.";
    cwd        [Cwd Cdq Cqo]        "Fills rdx, of the operand's size, with the accumulator's sign.";
    cmovcc     [Cmova Cmovae Cmovb Cmovbe Cmove Cmovg Cmovge Cmovl Cmovle Cmovne Cmovno Cmovnp Cmovns Cmovo Cmovp Cmovs]
                                    "Copies the second operand to the first if the condition holds.";
    lea        [Lea]                "Computes the address of the second operand.";
    movbe      [Movbe]              "Copies the second operand to the first, its bytes in opposite order.";
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
    ["Bit Manipulation Instructions"]
    andn       [Andn]               "Ands the third operand with the inverted second.";
    bextr      [Bextr]              "Takes the bits of a field, whose start and length are the third operand's bytes.";
    blsi       [Blsi]               "Keeps the lowest set bit alone.";
    blsmsk     [Blsmsk]             "Sets all bits up to the lowest set one, and clears the others.";
    blsr       [Blsr]               "Clears the lowest set bit.";
    bzhi       [Bzhi]               "Clears the bits from a number on.";
    lzcnt      [Lzcnt]              "Counts the zeros above the highest set bit.";
    tzcnt      [Tzcnt]              "Counts the zeros below the lowest set bit.";
    pdep       [Pdep]               "Puts the low bits of the second operand where the mask has ones.";
    pext       [Pext]               "Gathers the bits of the second operand where the mask has ones.";
    mulx       [Mulx]               "Multiplies rdx with an unsigned number, into two registers; no flag changes.";
    rorx       [Rorx]               "Rotates right; no flag changes.";
    sarx       [Sarx]               "Shifts right, copies of the sign coming in from the left; no flag changes.";
    shlx       [Shlx]               "Shifts left; no flag changes.";
    shrx       [Shrx]               "Shifts right, zeros coming in from the left; no flag changes.";
    adcx       [Adcx]               "Adds the second operand and the carry, for the carry only.";
    adox       [Adox]               "Adds the second operand and the overflow flag, for the overflow flag only.";
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
    retf       [Retf]               "Jumps to the address and code segment that it takes from the stack.";
    iret       [Iret Iretd Iretq]   "Returns as from an interrupt: takes the address, flags and stack from the stack, and their segments.";
    int1       [Int1]               "Asks for the debugger, as its own hardware does.";
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
    prefetch   [Prefetchnta Prefetcht0 Prefetcht1 Prefetcht2 Prefetchw Prefetchwt1 Prefetch]
                                    "Asks for a cache line; does nothing here.";
    mfence     [Mfence]             "Orders earlier loads and stores before later ones.";
    lfence     [Lfence]             "Orders earlier loads before later ones.";
    sfence     [Sfence]             "Orders earlier stores before later ones.";
    clflush    [Clflush Clflushopt Clwb] "Writes a cache line back to memory; does nothing here but look whether it may be read.";
    rdrand     [Rdrand]             "Draws a random number.";
    rdseed     [Rdseed]             "Draws a random number, for generators to start from.";
    rdpid      [Rdpid]              "Tells the processor's number.";
    rdtsc      [Rdtsc]              "Reads the time-stamp counter into edx:eax.";
    rdtscp     [Rdtscp]             "Reads the time-stamp counter into edx:eax, and the processor's number into ecx.";
    cpuid      [Cpuid]              "Tells about the processor: the leaf that eax and ecx number, in eax, ebx, ecx and edx.";
    ["x87 FPU Instructions"]
    fld        [Fld]                "Pushes a floating-point number.";
    fst        [Fst]                "Stores st(0), rounded to the operand's format.";
    fstp       [Fstp]       "Stores st(0), rounded to the operand's format, and pops.";
    fild       [Fild]               "Pushes a signed integer.";
    fist       [Fist]               "Stores st(0), rounded to a signed integer.";
    fistp      [Fistp]              "Stores st(0), rounded to a signed integer, and pops.";
    fisttp     [Fisttp]             "Stores st(0), truncated to a signed integer, and pops.";
    fbld       [Fbld]               "Pushes an integer of 18 decimal digits.";
    fbstp      [Fbstp]              "Stores st(0), rounded to an integer of 18 decimal digits, and pops.";
    fxch       [Fxch]               "Exchanges two registers of the stack.";
    fcmovcc    [Fcmovb Fcmovbe Fcmove Fcmovnb Fcmovnbe Fcmovne Fcmovnu Fcmovu]
                                    "Copies a register to st(0) if the condition holds.";
    fadd       [Fadd]               "Adds the second operand, or memory to st(0).";
    faddp      [Faddp]              "Adds st(0) to a register, and pops.";
    fiadd      [Fiadd]              "Adds an integer to st(0).";
    fsub       [Fsub]               "Subtracts the second operand, or memory from st(0).";
    fsubp      [Fsubp]              "Subtracts st(0) from a register, and pops.";
    fisub      [Fisub]              "Subtracts an integer from st(0).";
    fsubr      [Fsubr]              "Subtracts the first operand from the second, or st(0) from memory.";
    fsubrp     [Fsubrp]             "Subtracts a register from st(0), into the register, and pops.";
    fisubr     [Fisubr]             "Subtracts st(0) from an integer.";
    fmul       [Fmul]               "Multiplies by the second operand, or st(0) by memory.";
    fmulp      [Fmulp]              "Multiplies a register by st(0), and pops.";
    fimul      [Fimul]              "Multiplies st(0) by an integer.";
    fdiv       [Fdiv]               "Divides by the second operand, or st(0) by memory.";
    fdivp      [Fdivp]              "Divides a register by st(0), and pops.";
    fidiv      [Fidiv]              "Divides st(0) by an integer.";
    fdivr      [Fdivr]              "Divides the second operand by the first, or memory by st(0).";
    fdivrp     [Fdivrp]             "Divides st(0) by a register, into the register, and pops.";
    fidivr     [Fidivr]             "Divides an integer by st(0).";
    fsqrt      [Fsqrt]              "Computes the square root of st(0).";
    frndint    [Frndint]            "Rounds st(0) to an integral value.";
    fprem      [Fprem]              "Divides st(0) by st(1) and keeps the remainder, or a step towards it.";
    fprem1     [Fprem1]             "Divides st(0) by st(1) and keeps the least remainder, or a step towards it.";
    fscale     [Fscale]             "Multiplies st(0) by 2 to the power of st(1), truncated.";
    fabs       [Fabs]               "Clears the sign of st(0).";
    fchs       [Fchs]               "Inverts the sign of st(0).";
    fxtract    [Fxtract]            "Replaces st(0) by its exponent, and pushes its significand.";
    fcom       [Fcom]               "Compares st(0), for C0, C2 and C3; any NaN is invalid.";
    fcomp      [Fcomp]              "Compares st(0), for C0, C2 and C3, and pops; any NaN is invalid.";
    fcompp     [Fcompp]             "Compares st(0) with st(1), for C0, C2 and C3, and pops both; any NaN is invalid.";
    fucom      [Fucom]              "Compares st(0), for C0, C2 and C3.";
    fucomp     [Fucomp]             "Compares st(0), for C0, C2 and C3, and pops.";
    fucompp    [Fucompp]            "Compares st(0) with st(1), for C0, C2 and C3, and pops both.";
    ficom      [Ficom]              "Compares st(0) with an integer, for C0, C2 and C3.";
    ficomp     [Ficomp]             "Compares st(0) with an integer, for C0, C2 and C3, and pops.";
    fcomi      [Fcomi]              "Compares st(0), for the flags; any NaN is invalid.";
    fcomip     [Fcomip]             "Compares st(0), for the flags, and pops; any NaN is invalid.";
    fucomi     [Fucomi]             "Compares st(0), for the flags.";
    fucomip    [Fucomip]            "Compares st(0), for the flags, and pops.";
    ftst       [Ftst]               "Compares st(0) with zero, for C0, C2 and C3.";
    fxam       [Fxam]               "Tells the class of st(0) in C0, C2 and C3, and its sign in C1.";
    fsin       [Fsin]               "Computes the sine of st(0).";
    fcos       [Fcos]               "Computes the cosine of st(0).";
    fsincos    [Fsincos]            "Replaces st(0) by its sine, and pushes its cosine.";
    fptan      [Fptan]              "Replaces st(0) by its tangent, and pushes 1.";
    fpatan     [Fpatan]             "Computes the angle of the point st(0), st(1), and pops.";
    f2xm1      [F2xm1]              "Computes 2 to the power of st(0), less 1.";
    fyl2x      [Fyl2x]              "Multiplies st(1) by the binary logarithm of st(0), and pops.";
    fyl2xp1    [Fyl2xp1]            "Multiplies st(1) by the binary logarithm of st(0) + 1, and pops.";
    fld1       [Fld1]               "Pushes 1.";
    fldz       [Fldz]               "Pushes zero.";
    fldpi      [Fldpi]              "Pushes the ratio of a circle's circumference to its diameter.";
    fldl2e     [Fldl2e]             "Pushes the binary logarithm of e.";
    fldln2     [Fldln2]             "Pushes the natural logarithm of 2.";
    fldl2t     [Fldl2t]             "Pushes the binary logarithm of 10.";
    fldlg2     [Fldlg2]             "Pushes the decimal logarithm of 2.";
    fincstp    [Fincstp]            "Moves the top of the stack as popping does; the register stays in use.";
    fdecstp    [Fdecstp]            "Moves the top of the stack as pushing does; no register comes into use.";
    ffree      [Ffree]              "Marks a register as empty.";
    ffreep     [Ffreep]             "Marks a register as empty, and pops.";
    fninit     [Fninit]             "Resets the unit: an empty stack, everything masked.";
    fnclex     [Fnclex]             "Clears the exceptions.";
    fnstcw     [Fnstcw]             "Stores the control word.";
    fldcw      [Fldcw]              "Loads the control word.";
    fnstsw     [Fnstsw]             "Stores the status word.";
    fnstenv    [Fnstenv]            "Stores the control, status and tag words, and masks all exceptions.";
    fldenv     [Fldenv]             "Loads the control, status and tag words.";
    fnsave     [Fnsave]             "Stores the unit's state and resets it.";
    frstor     [Frstor]             "Loads the unit's state.";
    fwait      [Wait]               "Waits: traps if an exception is pending.";
    fnop       [Fnop]               "Does nothing, but waits.";
    fneni      [Fneni Fndisi Fnsetpm] "Does nothing since the 80387.";
    ["x87 FPU and SIMD State Management Instructions"]
    fxsave     [Fxsave Fxsave64]    "Stores the x87, MMX and XMM registers and MXCSR.";
    fxrstor    [Fxrstor Fxrstor64]  "Loads the x87, MMX and XMM registers and MXCSR.";
    xsave      [Xsave Xsave64]      "Stores those components of the state that edx:eax chooses.";
    xsavec     [Xsavec Xsavec64]    "Stores those components of the state that edx:eax chooses and that are in use, in the compact format.";
    xsaveopt   [Xsaveopt Xsaveopt64] "Stores those components of the state that edx:eax chooses and that are in use.";
    xrstor     [Xrstor Xrstor64]    "Loads those components of the state that edx:eax chooses.";
    xgetbv     [Xgetbv]             "Tells in edx:eax which components of the state are enabled, or which are in use.";
    ["MMX Instructions"]
    emms       [Emms]               "Ends the use of the MMX registers: the x87 stack is empty.";
    pshufw     [Pshufw]             "Chooses four words by the immediate.";
    maskmovq   [Maskmovq]           "Stores to rdi the bytes that the top bits of the second operand choose.";
    movq2dq    [Movq2dq]            "Copies an MMX register to the lower half of an XMM register, and clears the upper one.";
    movdq2q    [Movdq2q]            "Copies the lower half of an XMM register to an MMX register.";
    cvtpi2ps   [Cvtpi2ps]           "Converts two signed doublewords to the lower singles.";
    cvtpi2pd   [Cvtpi2pd]           "Converts two signed doublewords to doubles.";
    cvtps2pi   [Cvtps2pi]           "Rounds two singles to signed doublewords.";
    cvttps2pi  [Cvttps2pi]          "Truncates two singles to signed doublewords.";
    cvtpd2pi   [Cvtpd2pi]           "Rounds two doubles to signed doublewords.";
    cvttpd2pi  [Cvttpd2pi]          "Truncates two doubles to signed doublewords.";
    ["SSE and SSE2 Data Transfer Instructions"]
    movaps     [Movaps Movapd Movdqa Movntps Movntpd Movntdq Movntdqa] "Copies 128 bits; in memory they are aligned.";
    movups     [Movups Movupd Movdqu Lddqu] "Copies 128 bits, wherever they are.";
    movss      [Movss]              "Copies a single; from memory it clears the rest of the register.";
    movsd      [Movsd]              "Copies a double; from memory it clears the rest of the register.";
    movd       [Movd Movq Movntq]          "Copies 32 or 64 bits; what a vector register has beyond them is cleared.";
    movlps     [Movlps Movlpd]      "Copies the lower half of the register from or to memory.";
    movhps     [Movhps Movhpd]      "Copies the upper half of the register from or to memory.";
    movhlps    [Movhlps]            "Copies the upper half of the second operand to the lower half of the first.";
    movlhps    [Movlhps]            "Copies the lower half of the second operand to the upper half of the first.";
    movmskps   [Movmskps]           "Gathers the signs of four singles.";
    movmskpd   [Movmskpd]           "Gathers the signs of two doubles.";
    ["SSE and SSE2 Packed Arithmetic Instructions"]
    addps      [Addps]              "Adds singles.";
    addpd      [Addpd]              "Adds doubles.";
    addss      [Addss]              "Adds the lowest singles.";
    addsd      [Addsd]              "Adds the lowest doubles.";
    subps      [Subps]              "Subtracts singles.";
    subpd      [Subpd]              "Subtracts doubles.";
    subss      [Subss]              "Subtracts the lowest singles.";
    subsd      [Subsd]              "Subtracts the lowest doubles.";
    mulps      [Mulps]              "Multiplies singles.";
    mulpd      [Mulpd]              "Multiplies doubles.";
    mulss      [Mulss]              "Multiplies the lowest singles.";
    mulsd      [Mulsd]              "Multiplies the lowest doubles.";
    divps      [Divps]              "Divides singles.";
    divpd      [Divpd]              "Divides doubles.";
    divss      [Divss]              "Divides the lowest singles.";
    divsd      [Divsd]              "Divides the lowest doubles.";
    minps      [Minps]              "Copies the lesser of each two singles; the second if one is a NaN, or both are zero.";
    minpd      [Minpd]              "Copies the lesser of each two doubles; the second if one is a NaN, or both are zero.";
    minss      [Minss]              "Copies the lesser of the lowest singles; the second if one is a NaN, or both are zero.";
    minsd      [Minsd]              "Copies the lesser of the lowest doubles; the second if one is a NaN, or both are zero.";
    maxps      [Maxps]              "Copies the greater of each two singles; the second if one is a NaN, or both are zero.";
    maxpd      [Maxpd]              "Copies the greater of each two doubles; the second if one is a NaN, or both are zero.";
    maxss      [Maxss]              "Copies the greater of the lowest singles; the second if one is a NaN, or both are zero.";
    maxsd      [Maxsd]              "Copies the greater of the lowest doubles; the second if one is a NaN, or both are zero.";
    sqrtps     [Sqrtps]             "Computes the square roots of singles.";
    sqrtpd     [Sqrtpd]             "Computes the square roots of doubles.";
    sqrtss     [Sqrtss]             "Computes the square root of the lowest single.";
    sqrtsd     [Sqrtsd]             "Computes the square root of the lowest double.";
    rcpps      [Rcpps]              "Approximates the reciprocals of singles.";
    rcpss      [Rcpss]              "Approximates the reciprocal of the lowest single.";
    rsqrtps    [Rsqrtps]            "Approximates the reciprocals of the square roots of singles.";
    rsqrtss    [Rsqrtss]            "Approximates the reciprocal of the square root of the lowest single.";
    ["SSE and SSE2 Comparison Instructions"]
    cmpps      [Cmpps]              "Compares singles: all ones where the predicate holds, else zero.";
    cmppd      [Cmppd]              "Compares doubles: all ones where the predicate holds, else zero.";
    cmpss      [Cmpss]              "Compares the lowest singles: all ones if the predicate holds, else zero.";
    cmpsd      [Cmpsd]              "Compares the lowest doubles: all ones if the predicate holds, else zero.";
    comiss     [Comiss]             "Compares the lowest singles, for the flags; any NaN is invalid.";
    comisd     [Comisd]             "Compares the lowest doubles, for the flags; any NaN is invalid.";
    ucomiss    [Ucomiss]            "Compares the lowest singles, for the flags.";
    ucomisd    [Ucomisd]            "Compares the lowest doubles, for the flags.";
    ["SSE and SSE2 Logical Instructions"]
    pand       [Pand Andps Andpd]   "Ands the second operand into the first.";
    pandn      [Pandn Andnps Andnpd] "Ands the second operand with the inverted first.";
    por        [Por Orps Orpd]      "Ors the second operand into the first.";
    pxor       [Pxor Xorps Xorpd]   "Exclusive-ors the second operand into the first.";
    ["SSE and SSE2 Shuffle and Unpack Instructions"]
    shufps     [Shufps]             "Chooses two singles of each operand by the immediate.";
    shufpd     [Shufpd]             "Chooses one double of each operand by the immediate.";
    pshufd     [Pshufd]             "Chooses four doublewords by the immediate.";
    pshuflw    [Pshuflw]            "Chooses the four lower words by the immediate.";
    pshufhw    [Pshufhw]            "Chooses the four upper words by the immediate.";
    punpcklbw  [Punpcklbw]          "Takes the bytes of both lower halves by turns.";
    punpcklwd  [Punpcklwd]          "Takes the words of both lower halves by turns.";
    punpckldq  [Punpckldq Unpcklps] "Takes the doublewords of both lower halves by turns.";
    punpcklqdq [Punpcklqdq Unpcklpd] "Takes the lower halves of both operands.";
    punpckhbw  [Punpckhbw]          "Takes the bytes of both upper halves by turns.";
    punpckhwd  [Punpckhwd]          "Takes the words of both upper halves by turns.";
    punpckhdq  [Punpckhdq Unpckhps] "Takes the doublewords of both upper halves by turns.";
    punpckhqdq [Punpckhqdq Unpckhpd] "Takes the upper halves of both operands.";
    packsswb   [Packsswb]           "Makes bytes of the words of both operands: the nearest signed ones.";
    packssdw   [Packssdw]           "Makes words of the doublewords of both operands: the nearest signed ones.";
    packuswb   [Packuswb]           "Makes bytes of the signed words of both operands: the nearest unsigned ones.";
    pextrw     [Pextrw]             "Copies the word that the immediate numbers.";
    pinsrw     [Pinsrw]             "Replaces the word that the immediate numbers.";
    ["SSE and SSE2 Conversion Instructions"]
    cvtsi2ss   [Cvtsi2ss]           "Converts a signed integer to a single.";
    cvtsi2sd   [Cvtsi2sd]           "Converts a signed integer to a double.";
    cvtss2si   [Cvtss2si]           "Rounds the lowest single to a signed integer.";
    cvtsd2si   [Cvtsd2si]           "Rounds the lowest double to a signed integer.";
    cvttss2si  [Cvttss2si]          "Truncates the lowest single to a signed integer.";
    cvttsd2si  [Cvttsd2si]          "Truncates the lowest double to a signed integer.";
    cvtss2sd   [Cvtss2sd]           "Converts the lowest single to a double.";
    cvtsd2ss   [Cvtsd2ss]           "Converts the lowest double to a single.";
    cvtps2pd   [Cvtps2pd]           "Converts two singles to doubles.";
    cvtpd2ps   [Cvtpd2ps]           "Converts two doubles to singles; the upper half is cleared.";
    cvtdq2ps   [Cvtdq2ps]           "Converts signed doublewords to singles.";
    cvtdq2pd   [Cvtdq2pd]           "Converts two signed doublewords to doubles.";
    cvtps2dq   [Cvtps2dq]           "Rounds singles to signed doublewords.";
    cvtpd2dq   [Cvtpd2dq]           "Rounds two doubles to signed doublewords; the upper half is cleared.";
    cvttps2dq  [Cvttps2dq]          "Truncates singles to signed doublewords.";
    cvttpd2dq  [Cvttpd2dq]          "Truncates two doubles to signed doublewords; the upper half is cleared.";
    ["SSE MXCSR State Management Instructions"]
    ldmxcsr    [Ldmxcsr]            "Loads MXCSR, the floating-point control and status.";
    stmxcsr    [Stmxcsr]            "Stores MXCSR, the floating-point control and status.";
    ["SSE2 128-Bit SIMD Integer Instructions"]
    paddb      [Paddb]              "Adds bytes.";
    paddw      [Paddw]              "Adds words.";
    paddd      [Paddd]              "Adds doublewords.";
    paddq      [Paddq]              "Adds quadwords.";
    paddsb     [Paddsb]             "Adds signed bytes; the nearest that fits is the sum.";
    paddsw     [Paddsw]             "Adds signed words; the nearest that fits is the sum.";
    paddusb    [Paddusb]            "Adds unsigned bytes; the nearest that fits is the sum.";
    paddusw    [Paddusw]            "Adds unsigned words; the nearest that fits is the sum.";
    psubb      [Psubb]              "Subtracts bytes.";
    psubw      [Psubw]              "Subtracts words.";
    psubd      [Psubd]              "Subtracts doublewords.";
    psubq      [Psubq]              "Subtracts quadwords.";
    psubsb     [Psubsb]             "Subtracts signed bytes; the nearest that fits is the difference.";
    psubsw     [Psubsw]             "Subtracts signed words; the nearest that fits is the difference.";
    psubusb    [Psubusb]            "Subtracts unsigned bytes; the nearest that fits is the difference.";
    psubusw    [Psubusw]            "Subtracts unsigned words; the nearest that fits is the difference.";
    pmullw     [Pmullw]             "Multiplies words: the lower halves of the products.";
    pmulhw     [Pmulhw]             "Multiplies signed words: the upper halves of the products.";
    pmulhuw    [Pmulhuw]            "Multiplies unsigned words: the upper halves of the products.";
    pmuludq    [Pmuludq]            "Multiplies the even unsigned doublewords, to quadwords.";
    pmaddwd    [Pmaddwd]            "Multiplies signed words and adds neighbouring products.";
    pavgb      [Pavgb]              "Averages unsigned bytes, rounded up.";
    pavgw      [Pavgw]              "Averages unsigned words, rounded up.";
    psadbw     [Psadbw]             "Sums the absolute differences of the unsigned bytes of each half.";
    pminsw     [Pminsw]             "Copies the lesser of each two signed words.";
    pminub     [Pminub]             "Copies the lesser of each two unsigned bytes.";
    pmaxsw     [Pmaxsw]             "Copies the greater of each two signed words.";
    pmaxub     [Pmaxub]             "Copies the greater of each two unsigned bytes.";
    pcmpeqb    [Pcmpeqb]            "Compares bytes: all ones where equal, else zero.";
    pcmpeqw    [Pcmpeqw]            "Compares words: all ones where equal, else zero.";
    pcmpeqd    [Pcmpeqd]            "Compares doublewords: all ones where equal, else zero.";
    pcmpgtb    [Pcmpgtb]            "Compares signed bytes: all ones where the first is greater, else zero.";
    pcmpgtw    [Pcmpgtw]            "Compares signed words: all ones where the first is greater, else zero.";
    pcmpgtd    [Pcmpgtd]            "Compares signed doublewords: all ones where the first is greater, else zero.";
    psllw      [Psllw]              "Shifts words left.";
    pslld      [Pslld]              "Shifts doublewords left.";
    psllq      [Psllq]              "Shifts quadwords left.";
    psrlw      [Psrlw]              "Shifts words right; zeros come in from the left.";
    psrld      [Psrld]              "Shifts doublewords right; zeros come in from the left.";
    psrlq      [Psrlq]              "Shifts quadwords right; zeros come in from the left.";
    psraw      [Psraw]              "Shifts words right; copies of their signs come in from the left.";
    psrad      [Psrad]              "Shifts doublewords right; copies of their signs come in from the left.";
    pslldq     [Pslldq]             "Shifts the whole register left by bytes.";
    psrldq     [Psrldq]             "Shifts the whole register right by bytes.";
    pmovmskb   [Pmovmskb]           "Gathers the top bits of sixteen bytes.";
    ["SSE and SSE2 Cacheability Control Instructions"]
    maskmovdqu [Maskmovdqu]         "Stores those bytes at rdi whose top bit is set in the mask.";
    movnti     [Movnti]             "Copies the second operand to memory.";
    ["SSE3 Instructions"]
    addsubps   [Addsubps]           "Subtracts the even singles and adds the odd ones.";
    addsubpd   [Addsubpd]           "Subtracts the lower double and adds the upper one.";
    haddps     [Haddps]             "Adds neighbouring singles.";
    haddpd     [Haddpd]             "Adds the doubles of each operand.";
    hsubps     [Hsubps]             "Subtracts neighbouring singles.";
    hsubpd     [Hsubpd]             "Subtracts the doubles of each operand.";
    movddup    [Movddup]            "Copies a double twice.";
    movshdup   [Movshdup]           "Copies the odd singles twice each.";
    movsldup   [Movsldup]           "Copies the even singles twice each.";
    ["SSSE3 Instructions"]
    phaddw     [Phaddw]             "Adds neighbouring words.";
    phaddd     [Phaddd]             "Adds neighbouring doublewords.";
    phaddsw    [Phaddsw]            "Adds neighbouring signed words; the nearest that fits is the sum.";
    phsubw     [Phsubw]             "Subtracts neighbouring words.";
    phsubd     [Phsubd]             "Subtracts neighbouring doublewords.";
    phsubsw    [Phsubsw]            "Subtracts neighbouring signed words; the nearest that fits is the difference.";
    pabsb      [Pabsb]              "Computes the absolute values of bytes.";
    pabsw      [Pabsw]              "Computes the absolute values of words.";
    pabsd      [Pabsd]              "Computes the absolute values of doublewords.";
    pmaddubsw  [Pmaddubsw]          "Multiplies unsigned bytes with signed ones and adds neighbouring products.";
    pmulhrsw   [Pmulhrsw]           "Multiplies signed words: the upper bits of the products, rounded.";
    pshufb     [Pshufb]             "Chooses the bytes that those of the second operand number.";
    psignb     [Psignb]             "Gives bytes the signs of the second operand's.";
    psignw     [Psignw]             "Gives words the signs of the second operand's.";
    psignd     [Psignd]             "Gives doublewords the signs of the second operand's.";
    palignr    [Palignr]            "Takes sixteen bytes in a row from the second operand followed by the first.";
    ["SSE4.1 Instructions"]
    pmulld     [Pmulld]             "Multiplies doublewords: the lower halves of the products.";
    pmuldq     [Pmuldq]             "Multiplies the even signed doublewords, to quadwords.";
    dppd       [Dppd]               "Adds products of doubles that the immediate chooses.";
    dpps       [Dpps]               "Adds products of singles that the immediate chooses.";
    blendps    [Blendps]            "Copies the singles that the immediate chooses.";
    blendpd    [Blendpd]            "Copies the doubles that the immediate chooses.";
    blendvps   [Blendvps]           "Copies the singles for which the sign in xmm0 is set.";
    blendvpd   [Blendvpd]           "Copies the doubles for which the sign in xmm0 is set.";
    pblendvb   [Pblendvb]           "Copies the bytes for which the top bit in xmm0 is set.";
    pblendw    [Pblendw]            "Copies the words that the immediate chooses.";
    pminuw     [Pminuw]             "Copies the lesser of each two unsigned words.";
    pminud     [Pminud]             "Copies the lesser of each two unsigned doublewords.";
    pminsb     [Pminsb]             "Copies the lesser of each two signed bytes.";
    pminsd     [Pminsd]             "Copies the lesser of each two signed doublewords.";
    pmaxuw     [Pmaxuw]             "Copies the greater of each two unsigned words.";
    pmaxud     [Pmaxud]             "Copies the greater of each two unsigned doublewords.";
    pmaxsb     [Pmaxsb]             "Copies the greater of each two signed bytes.";
    pmaxsd     [Pmaxsd]             "Copies the greater of each two signed doublewords.";
    roundps    [Roundps]            "Rounds singles to integral values.";
    roundpd    [Roundpd]            "Rounds doubles to integral values.";
    roundss    [Roundss]            "Rounds the lowest single to an integral value.";
    roundsd    [Roundsd]            "Rounds the lowest double to an integral value.";
    insertps   [Insertps]           "Copies a single to where the immediate says, and clears those that it names.";
    pinsrb     [Pinsrb]             "Replaces the byte that the immediate numbers.";
    pinsrd     [Pinsrd]             "Replaces the doubleword that the immediate numbers.";
    pinsrq     [Pinsrq]             "Replaces the quadword that the immediate numbers.";
    pextrb     [Pextrb]             "Copies the byte that the immediate numbers.";
    pextrd     [Pextrd Extractps]   "Copies the doubleword that the immediate numbers.";
    pextrq     [Pextrq]             "Copies the quadword that the immediate numbers.";
    pmovsxbw   [Pmovsxbw]           "Sign-extends bytes to words.";
    pmovsxbd   [Pmovsxbd]           "Sign-extends bytes to doublewords.";
    pmovsxbq   [Pmovsxbq]           "Sign-extends bytes to quadwords.";
    pmovsxwd   [Pmovsxwd]           "Sign-extends words to doublewords.";
    pmovsxwq   [Pmovsxwq]           "Sign-extends words to quadwords.";
    pmovsxdq   [Pmovsxdq]           "Sign-extends doublewords to quadwords.";
    pmovzxbw   [Pmovzxbw]           "Zero-extends bytes to words.";
    pmovzxbd   [Pmovzxbd]           "Zero-extends bytes to doublewords.";
    pmovzxbq   [Pmovzxbq]           "Zero-extends bytes to quadwords.";
    pmovzxwd   [Pmovzxwd]           "Zero-extends words to doublewords.";
    pmovzxwq   [Pmovzxwq]           "Zero-extends words to quadwords.";
    pmovzxdq   [Pmovzxdq]           "Zero-extends doublewords to quadwords.";
    mpsadbw    [Mpsadbw]            "Sums the absolute differences of four bytes and those at eight places in a row.";
    phminposuw [Phminposuw]         "Finds the least unsigned word and its place.";
    ptest      [Ptest]              "Tells whether the operands have no bit in common, and whether the second has none beyond the first.";
    pcmpeqq    [Pcmpeqq]            "Compares quadwords: all ones where equal, else zero.";
    packusdw   [Packusdw]           "Makes words of the signed doublewords of both operands: the nearest unsigned ones.";
    ["SSE4.2 Instructions"]
    pcmpestri  [Pcmpestri Pcmpestri64] "Compares texts of given lengths, and finds the first or last place.";
    pcmpestrm  [Pcmpestrm Pcmpestrm64] "Compares texts of given lengths, and marks the places.";
    pcmpistri  [Pcmpistri]          "Compares texts that end with zero, and finds the first or last place.";
    pcmpistrm  [Pcmpistrm]          "Compares texts that end with zero, and marks the places.";
    pcmpgtq    [Pcmpgtq]            "Compares signed quadwords: all ones where the first is greater, else zero.";
    ["Intel AES-NI, SHA and PCLMULQDQ Instructions"]
    aesenc     [Aesenc]             "Does a round of encryption, with the second operand as its key.";
    aesenclast [Aesenclast]         "Does the last round of encryption, with the second operand as its key.";
    aesdec     [Aesdec]             "Does a round of decryption, with the second operand as its key.";
    aesdeclast [Aesdeclast]         "Does the last round of decryption, with the second operand as its key.";
    aesimc     [Aesimc]             "Makes a round key for decryption of one for encryption.";
    aeskeygenassist [Aeskeygenassist] "Makes the words that the next round key is computed with.";
    pclmulqdq  [Pclmulqdq]          "Multiplies the quadwords that the immediate chooses, without carries.";
    sha1rnds4  [Sha1rnds4]          "Does four rounds of SHA-1, of the kind that the immediate numbers.";
    sha1nexte  [Sha1nexte]          "Adds the next state variable E of SHA-1 to the words of a message.";
    sha1msg1   [Sha1msg1]           "Begins the next four words of SHA-1's message schedule.";
    sha1msg2   [Sha1msg2]           "Ends the next four words of SHA-1's message schedule.";
    sha256rnds2 [Sha256rnds2]       "Does two rounds of SHA-256, with the words in xmm0.";
    sha256msg1 [Sha256msg1]         "Begins the next four words of SHA-256's message schedule.";
    sha256msg2 [Sha256msg2]         "Ends the next four words of SHA-256's message schedule.";
    ["AVX Instructions"]
    vbroadcastss [Vbroadcastss Vpbroadcastd] "Copies a single or doubleword to all elements.";
    vbroadcastsd [Vbroadcastsd Vpbroadcastq] "Copies a double or quadword to all elements.";
    vbroadcastf128 [Vbroadcastf128 Vbroadcasti128] "Copies 128 bits of memory to both halves.";
    vextractf128 [Vextractf128 Vextracti128] "Copies the half that the immediate numbers.";
    vinsertf128 [Vinsertf128 Vinserti128] "Replaces the half that the immediate numbers.";
    vperm2f128 [Vperm2f128 Vperm2i128] "Chooses each half of the result from those of both operands, or zeros.";
    vpermilps  [Vpermilps]          "Chooses four singles in each half, by the immediate or the third operand.";
    vpermilpd  [Vpermilpd]          "Chooses two doubles in each half, by the immediate or the third operand.";
    vtestps    [Vtestps]            "Does as vptest does, of the signs of singles.";
    vtestpd    [Vtestpd]            "Does as vptest does, of the signs of doubles.";
    vmaskmovps [Vmaskmovps Vpmaskmovd] "Loads or stores those elements of 32 bits whose top bit is set in the mask.";
    vmaskmovpd [Vmaskmovpd Vpmaskmovq] "Loads or stores those elements of 64 bits whose top bit is set in the mask.";
    vzeroupper [Vzeroupper]         "Clears the upper halves of all YMM registers.";
    vzeroall   [Vzeroall]           "Clears all YMM registers.";
    ["AVX2 Instructions"]
    vpbroadcastb [Vpbroadcastb]     "Copies a byte to all elements.";
    vpbroadcastw [Vpbroadcastw]     "Copies a word to all elements.";
    vpblendd   [Vpblendd]           "Copies the doublewords that the immediate chooses.";
    vpermd     [Vpermd Vpermps]     "Chooses the elements of 32 bits that those of the second operand number.";
    vpermq     [Vpermq Vpermpd]     "Chooses four elements of 64 bits by the immediate.";
    vpsllvd    [Vpsllvd]            "Shifts doublewords left, each by its own count.";
    vpsllvq    [Vpsllvq]            "Shifts quadwords left, each by its own count.";
    vpsrlvd    [Vpsrlvd]            "Shifts doublewords right, each by its own count; zeros come in from the left.";
    vpsrlvq    [Vpsrlvq]            "Shifts quadwords right, each by its own count; zeros come in from the left.";
    vpsravd    [Vpsravd]            "Shifts doublewords right, each by its own count; copies of their signs come in from the left.";
    vgatherdps [Vgatherdps Vpgatherdd] "Loads elements of 32 bits, indexed by doublewords, whose top bit is set in the mask.";
    vgatherdpd [Vgatherdpd Vpgatherdq] "Loads elements of 64 bits, indexed by doublewords, whose top bit is set in the mask.";
    vgatherqps [Vgatherqps Vpgatherqd] "Loads elements of 32 bits, indexed by quadwords, whose top bit is set in the mask.";
    vgatherqpd [Vgatherqpd Vpgatherqq] "Loads elements of 64 bits, indexed by quadwords, whose top bit is set in the mask.";
    ["16-bit Floating-Point Conversion"]
    vcvtph2ps  [Vcvtph2ps]          "Converts half-precision numbers to singles.";
    vcvtps2ph  [Vcvtps2ph]          "Rounds singles to half-precision numbers, as the immediate says.";
    ["Fused-Multiply-ADD (FMA)"]
    vfmadd     [Vfmadd132ps Vfmadd132pd Vfmadd132ss Vfmadd132sd Vfmadd213ps Vfmadd213pd Vfmadd213ss Vfmadd213sd Vfmadd231ps Vfmadd231pd Vfmadd231ss Vfmadd231sd]
                                    "Adds a number to a product, rounded once. The form's digits tell which operands: the first two are multiplied.";
    vfmsub     [Vfmsub132ps Vfmsub132pd Vfmsub132ss Vfmsub132sd Vfmsub213ps Vfmsub213pd Vfmsub213ss Vfmsub213sd Vfmsub231ps Vfmsub231pd Vfmsub231ss Vfmsub231sd]
                                    "Subtracts a number from a product, rounded once. The form's digits tell which operands: the first two are multiplied.";
    vfnmadd    [Vfnmadd132ps Vfnmadd132pd Vfnmadd132ss Vfnmadd132sd Vfnmadd213ps Vfnmadd213pd Vfnmadd213ss Vfnmadd213sd Vfnmadd231ps Vfnmadd231pd Vfnmadd231ss Vfnmadd231sd]
                                    "Subtracts a product from a number, rounded once. The form's digits tell which operands: the first two are multiplied.";
    vfnmsub    [Vfnmsub132ps Vfnmsub132pd Vfnmsub132ss Vfnmsub132sd Vfnmsub213ps Vfnmsub213pd Vfnmsub213ss Vfnmsub213sd Vfnmsub231ps Vfnmsub231pd Vfnmsub231ss Vfnmsub231sd]
                                    "Subtracts a number from a negated product, rounded once. The form's digits tell which operands: the first two are multiplied.";
    vfmaddsub  [Vfmaddsub132ps Vfmaddsub132pd Vfmaddsub213ps Vfmaddsub213pd Vfmaddsub231ps Vfmaddsub231pd]
                                    "Subtracts from the even products and adds to the odd ones, rounded once.";
    vfmsubadd  [Vfmsubadd132ps Vfmsubadd132pd Vfmsubadd213ps Vfmsubadd213pd Vfmsubadd231ps Vfmsubadd231pd]
                                    "Adds to the even products and subtracts from the odd ones, rounded once.";
    ["System Instructions"]
    rdfsbase   [Rdfsbase]           "Copies the base address of fs.";
    rdgsbase   [Rdgsbase]           "Copies the base address of gs.";
    wrfsbase   [Wrfsbase]           "Replaces the base address of fs.";
    wrgsbase   [Wrgsbase]           "Replaces the base address of gs.";
    sgdt       [Sgdt]               "Stores the descriptor tables' place: what the kernel shows programs instead of it.";
    sidt       [Sidt]               "Stores the interrupt table's place: what the kernel shows programs instead of it.";
    sldt       [Sldt]               "Stores the selector of the local descriptor table, which there is none of.";
    smsw       [Smsw]               "Stores the machine status word: what the kernel shows programs instead of it.";
    str        [Str]                "Stores the selector of the task register: what the kernel shows programs instead of it.";
    syscall    [Syscall]            "Calls the operating system.";
    hlt        [Hlt]                "Halts the processor, which programs may not.";
}
