//! D: double-precision floating point.

use super::single::{sign, unary, with_sign};
use super::{Hart, semantics};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::float::Format::{F32, F64};
use portolan_machine::float::Operation as Op;
use portolan_machine::memory::Access;

// Double-Precision Load and Store Instructions
semantics! {
    fld |cpu, rd, rs1, imm| cpu.set_d(rd, cpu.load(Access::U64, cpu.x(rs1) + cpu.imm(imm))?);
    fsd |cpu, rs1, rs2, imm| cpu.store(Access::U64, cpu.x(rs1) + cpu.imm(imm), cpu.d(rs2))?;
}

// Double-Precision Floating-Point Computational Instructions
semantics! {
    fmadd_d  |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::MulAdd, rd, [rs1, rs2, rs3], rm)?;
    fmsub_d  |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::MulSub, rd, [rs1, rs2, rs3], rm)?;
    fnmsub_d |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::NegMulSub, rd, [rs1, rs2, rs3], rm)?;
    fnmadd_d |cpu, rd, rs1, rs2, rs3, rm| fused(cpu, Op::NegMulAdd, rd, [rs1, rs2, rs3], rm)?;
    fadd_d  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Add, rd, rs1, rs2, rm)?;
    fsub_d  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Sub, rd, rs1, rs2, rm)?;
    fmul_d  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Mul, rd, rs1, rs2, rm)?;
    fdiv_d  |cpu, rd, rs1, rs2, rm| binary(cpu, Op::Div, rd, rs1, rs2, rm)?;
    fsqrt_d |cpu, rd, rs1, rm| cpu.set_d(rd, unary(cpu, Op::Sqrt, F64, cpu.d(rs1), rm)?);
    fmin_d  |cpu, rd, rs1, rs2| {
        cpu.set_d(rd, cpu.float2(Op::MinimumNumber, F64, cpu.d(rs1), cpu.d(rs2)));
    };
    fmax_d  |cpu, rd, rs1, rs2| {
        cpu.set_d(rd, cpu.float2(Op::MaximumNumber, F64, cpu.d(rs1), cpu.d(rs2)));
    };
}

// Double-Precision Floating-Point Conversion and Move Instructions
semantics! {
    fcvt_w_d  |cpu, rd, rs1, rm| {
        cpu.set_x(rd, unary(cpu, Op::ToSigned32, F64, cpu.d(rs1), rm)?.sext(32));
    };
    fcvt_wu_d |cpu, rd, rs1, rm| {
        cpu.set_x(rd, unary(cpu, Op::ToUnsigned32, F64, cpu.d(rs1), rm)?.sext(32));
    };
    fcvt_l_d  |cpu, rd, rs1, rm| cpu.set_x(rd, unary(cpu, Op::ToSigned64, F64, cpu.d(rs1), rm)?);
    fcvt_lu_d |cpu, rd, rs1, rm| cpu.set_x(rd, unary(cpu, Op::ToUnsigned64, F64, cpu.d(rs1), rm)?);
    fcvt_d_w  |cpu, rd, rs1, rm| cpu.set_d(rd, unary(cpu, Op::FromSigned32, F64, cpu.x(rs1), rm)?);
    fcvt_d_wu |cpu, rd, rs1, rm| cpu.set_d(rd, unary(cpu, Op::FromUnsigned32, F64, cpu.x(rs1), rm)?);
    fcvt_d_l  |cpu, rd, rs1, rm| cpu.set_d(rd, unary(cpu, Op::FromSigned64, F64, cpu.x(rs1), rm)?);
    fcvt_d_lu |cpu, rd, rs1, rm| cpu.set_d(rd, unary(cpu, Op::FromUnsigned64, F64, cpu.x(rs1), rm)?);
    fcvt_s_d |cpu, rd, rs1, rm| cpu.set_s(rd, unary(cpu, Op::ToF32, F64, cpu.d(rs1), rm)?);
    fcvt_d_s |cpu, rd, rs1, rm| cpu.set_d(rd, unary(cpu, Op::ToF64, F32, cpu.s(rs1), rm)?);
    fsgnj_d  |cpu, rd, rs1, rs2| cpu.set_d(rd, match rs1 == rs2 {
        // What assemblers call fmv.
        true => cpu.d(rs1),
        false => with_sign(cpu, F64, cpu.d(rs1), cpu.d(rs2)),
    });
    fsgnjn_d |cpu, rd, rs1, rs2| cpu.set_d(rd, match rs1 == rs2 {
        // What assemblers call fneg.
        true => cpu.d(rs1) ^ sign(cpu, F64),
        false => with_sign(cpu, F64, cpu.d(rs1), !cpu.d(rs2)),
    });
    fsgnjx_d |cpu, rd, rs1, rs2| cpu.set_d(rd, match rs1 == rs2 {
        // What assemblers call fabs.
        true => cpu.d(rs1) & !sign(cpu, F64),
        false => with_sign(cpu, F64, cpu.d(rs1), cpu.d(rs1) ^ cpu.d(rs2)),
    });
    fmv_x_d |cpu, rd, rs1| cpu.set_x(rd, cpu.d(rs1));
    fmv_d_x |cpu, rd, rs1| cpu.set_d(rd, cpu.x(rs1));
}

// Double-Precision Floating-Point Compare Instructions
semantics! {
    feq_d |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, cpu.float2(Op::EqualQuiet, F64, cpu.d(rs1), cpu.d(rs2)));
    };
    flt_d |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, cpu.float2(Op::LessSignaling, F64, cpu.d(rs1), cpu.d(rs2)));
    };
    fle_d |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, cpu.float2(Op::LessEqualSignaling, F64, cpu.d(rs1), cpu.d(rs2)));
    };
}

// Double-Precision Floating-Point Classify Instruction
semantics! {
    fclass_d |cpu, rd, rs1| cpu.set_x(rd, cpu.float1(Op::Classify, F64, cpu.d(rs1)));
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
    let operands = [cpu.d(rs1), cpu.d(rs2), cpu.imm(0)];
    cpu.set_d(rd, cpu.float3(operation, F64, rounding, operands));
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
    cpu.set_d(
        rd,
        cpu.float3(operation, F64, rounding, operands.map(|r| cpu.d(r))),
    );
    Ok(())
}
