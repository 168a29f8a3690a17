//! F: single-precision floating point.

use super::{Hart, semantics};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::float::Format::{self, F32};
use portolan_machine::float::Operation as Op;
use portolan_machine::memory::Access;

// Single-Precision Load and Store Instructions
semantics! {
    flw |cpu, rd, rs1, imm| cpu.set_s(rd, cpu.load(Access::U32, cpu.x(rs1) + cpu.imm(imm))?);
    fsw |cpu, rs1, rs2, imm| cpu.store(Access::U32, cpu.x(rs1) + cpu.imm(imm), cpu.d(rs2))?;
}

// Single-Precision Floating-Point Computational Instructions
semantics! {
    fmadd_s  |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::MulAdd, rd, [rs1, rs2, rs3], rm)?;
    fmsub_s  |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::MulSub, rd, [rs1, rs2, rs3], rm)?;
    fnmsub_s |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::NegMulSub, rd, [rs1, rs2, rs3], rm)?;
    fnmadd_s |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::NegMulAdd, rd, [rs1, rs2, rs3], rm)?;
    fadd_s  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Add, rd, rs1, rs2, rm)?;
    fsub_s  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Sub, rd, rs1, rs2, rm)?;
    fmul_s  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Mul, rd, rs1, rs2, rm)?;
    fdiv_s  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Div, rd, rs1, rs2, rm)?;
    fsqrt_s |cpu, rd, rs1, rm| cpu.set_s(rd, unary(cpu, Op::Sqrt, F32, cpu.s(rs1), rm)?);
    fmin_s  |cpu, rd, rs1, rs2| {
        cpu.set_s(rd, cpu.float2(Op::MinimumNumber, F32, cpu.s(rs1), cpu.s(rs2)));
    };
    fmax_s  |cpu, rd, rs1, rs2| {
        cpu.set_s(rd, cpu.float2(Op::MaximumNumber, F32, cpu.s(rs1), cpu.s(rs2)));
    };
}

// Single-Precision Floating-Point Conversion and Move Instructions
semantics! {
    fcvt_w_s  |cpu, rd, rs1, rm| {
        cpu.set_x(rd, unary(cpu, Op::ToSigned32, F32, cpu.s(rs1), rm)?.sext(32));
    };
    fcvt_wu_s |cpu, rd, rs1, rm| {
        cpu.set_x(rd, unary(cpu, Op::ToUnsigned32, F32, cpu.s(rs1), rm)?.sext(32));
    };
    fcvt_l_s  |cpu, rd, rs1, rm| cpu.set_x(rd, unary(cpu, Op::ToSigned64, F32, cpu.s(rs1), rm)?);
    fcvt_lu_s |cpu, rd, rs1, rm| cpu.set_x(rd, unary(cpu, Op::ToUnsigned64, F32, cpu.s(rs1), rm)?);
    fcvt_s_w  |cpu, rd, rs1, rm| cpu.set_s(rd, unary(cpu, Op::FromSigned32, F32, cpu.x(rs1), rm)?);
    fcvt_s_wu |cpu, rd, rs1, rm| cpu.set_s(rd, unary(cpu, Op::FromUnsigned32, F32, cpu.x(rs1), rm)?);
    fcvt_s_l  |cpu, rd, rs1, rm| cpu.set_s(rd, unary(cpu, Op::FromSigned64, F32, cpu.x(rs1), rm)?);
    fcvt_s_lu |cpu, rd, rs1, rm| cpu.set_s(rd, unary(cpu, Op::FromUnsigned64, F32, cpu.x(rs1), rm)?);
    fsgnj_s  |cpu, rd, rs1, rs2| cpu.set_s(rd, match rs1 == rs2 {
        // What assemblers call fmv.
        true => cpu.s(rs1),
        false => with_sign(cpu, F32, cpu.s(rs1), cpu.s(rs2)),
    });
    fsgnjn_s |cpu, rd, rs1, rs2| cpu.set_s(rd, match rs1 == rs2 {
        // What assemblers call fneg.
        true => cpu.s(rs1) ^ sign(cpu, F32),
        false => with_sign(cpu, F32, cpu.s(rs1), !cpu.s(rs2)),
    });
    fsgnjx_s |cpu, rd, rs1, rs2| cpu.set_s(rd, match rs1 == rs2 {
        // What assemblers call fabs.
        true => cpu.s(rs1) & !sign(cpu, F32),
        false => with_sign(cpu, F32, cpu.s(rs1), cpu.s(rs1) ^ cpu.s(rs2)),
    });
    fmv_x_w |cpu, rd, rs1| cpu.set_x(rd, cpu.d(rs1).sext(32));
    fmv_w_x |cpu, rd, rs1| cpu.set_s(rd, cpu.x(rs1));
}

// Single-Precision Floating-Point Compare Instructions
semantics! {
    feq_s |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, cpu.float2(Op::EqualQuiet, F32, cpu.s(rs1), cpu.s(rs2)));
    };
    flt_s |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, cpu.float2(Op::LessSignaling, F32, cpu.s(rs1), cpu.s(rs2)));
    };
    fle_s |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, cpu.float2(Op::LessEqualSignaling, F32, cpu.s(rs1), cpu.s(rs2)));
    };
}

// Single-Precision Floating-Point Classify Instruction
semantics! {
    fclass_s |cpu, rd, rs1| cpu.set_x(rd, cpu.float1(Op::Classify, F32, cpu.s(rs1)));
}

/// An operation of one operand under the rounding mode of an `rm` field.
#[inline(always)]
pub(super) fn unary<D: Domain>(
    cpu: D,
    operation: Op,
    format: Format,
    a: D::Word,
    rm: u8,
) -> Result<D::Word, D::Leave> {
    let rounding = cpu.rounding(rm)?;
    Ok(cpu.float3(operation, format, rounding, [a, cpu.imm(0), cpu.imm(0)]))
}

#[inline(always)]
fn binary<D: Domain>(
    cpu: D,
    operation: Op,
    rd: u8,
    rs1: u8,
    rs2: u8,
    rm: u8,
) -> Result<(), D::Leave> {
    let rounding = cpu.rounding(rm)?;
    let operands = [cpu.s(rs1), cpu.s(rs2), cpu.imm(0)];
    cpu.set_s(rd, cpu.float3(operation, F32, rounding, operands));
    Ok(())
}

#[inline(always)]
fn fused<D: Domain>(
    cpu: D,
    operation: Op,
    rd: u8,
    operands: [u8; 3],
    rm: u8,
) -> Result<(), D::Leave> {
    let rounding = cpu.rounding(rm)?;
    cpu.set_s(
        rd,
        cpu.float3(operation, F32, rounding, operands.map(|r| cpu.s(r))),
    );
    Ok(())
}

/// `a` with the sign of `b`.
#[inline(always)]
pub(super) fn with_sign<D: Domain>(cpu: D, format: Format, a: D::Word, b: D::Word) -> D::Word {
    a & !sign(cpu, format) | b & sign(cpu, format)
}

/// The bit that is a number's sign.
#[inline(always)]
pub(super) fn sign<D: Domain>(cpu: D, format: Format) -> D::Word {
    cpu.constant(format.sign_bit())
}
