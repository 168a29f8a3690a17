//! The SIMD module MSA: vectors of 128 bits (*MIPS Architecture For Programmers, Volume IV-j*).
//! Known by name, not executed.
//!
//! As in the manual, one row stands for all data formats where a field of two bits, or of one,
//! tells the format: `.df` is then `.b`, `.h`, `.w` or `.d`.

use portolan_machine::encoding::named_rows;

named_rows! {
    /// MSA.
    MSA
    ["MSA", "Integer Arithmetic"]
    "addvi.df"    "011110 000 df n[4:0] ws wd 000110"       "wd, ws, n" "Adds an immediate to each element.";
    "addv.df"     "011110 000 df wt ws wd 001110"       "wd, ws, wt" "Adds elements.";
    "add_a.df"    "011110 000 df wt ws wd 010000"       "wd, ws, wt" "Adds absolute values of elements.";
    "subs_s.df"   "011110 000 df wt ws wd 010001"       "wd, ws, wt" "Subtracts signed elements, saturating.";
    "mulv.df"     "011110 000 df wt ws wd 010010"       "wd, ws, wt" "Multiplies elements.";
    "dotp_s.df"   "011110 000 df!=0 wt ws wd 010011"    "wd, ws, wt" "Multiplies signed elements and adds the products in pairs.";
    "sat_s.b"     "011110 00011 10 m[2:0] ws wd 001010" "wd, ws, m"  "Saturates signed elements to fewer bits.";
    "sat_s.h"     "011110 00011 0 m[3:0] ws wd 001010"  "wd, ws, m"  "Saturates signed elements to fewer bits.";
    "sat_s.w"     "011110 00010 m[4:0] ws wd 001010"    "wd, ws, m"  "Saturates signed elements to fewer bits.";
    "sat_s.d"     "011110 0000 m[5:0] ws wd 001010"     "wd, ws, m"  "Saturates signed elements to fewer bits.";
    "subvi.df"    "011110 001 df n[4:0] ws wd 000110"       "wd, ws, n" "Subtracts an immediate from each element.";
    "subv.df"     "011110 001 df wt ws wd 001110"       "wd, ws, wt" "Subtracts elements.";
    "subs_u.df"   "011110 001 df wt ws wd 010001"       "wd, ws, wt" "Subtracts unsigned elements, saturating.";
    "maddv.df"    "011110 001 df wt ws wd 010010"       "wd, ws, wt" "Multiplies elements and adds the products to the destination.";
    "adds_a.df"   "011110 001 df wt ws wd 010000"       "wd, ws, wt" "Adds absolute values of elements, saturating.";
    "dotp_u.df"   "011110 001 df!=0 wt ws wd 010011"    "wd, ws, wt" "Multiplies unsigned elements and adds the products in pairs.";
    "sat_u.b"     "011110 00111 10 m[2:0] ws wd 001010" "wd, ws, m"  "Saturates unsigned elements to fewer bits.";
    "sat_u.h"     "011110 00111 0 m[3:0] ws wd 001010"  "wd, ws, m"  "Saturates unsigned elements to fewer bits.";
    "sat_u.w"     "011110 00110 m[4:0] ws wd 001010"    "wd, ws, m"  "Saturates unsigned elements to fewer bits.";
    "sat_u.d"     "011110 0010 m[5:0] ws wd 001010"     "wd, ws, m"  "Saturates unsigned elements to fewer bits.";
    "maxi_s.df"   "011110 010 df imm[4:0] ws wd 000110"       "wd, ws, imm" "Takes the greater of each signed element and an immediate.";
    "max_s.df"    "011110 010 df wt ws wd 001110"       "wd, ws, wt" "Takes the greater signed elements.";
    "adds_s.df"   "011110 010 df wt ws wd 010000"       "wd, ws, wt" "Adds signed elements, saturating.";
    "msubv.df"    "011110 010 df wt ws wd 010010"       "wd, ws, wt" "Multiplies elements and subtracts the products from the destination.";
    "subsus_u.df" "011110 010 df wt ws wd 010001"       "wd, ws, wt" "Subtracts signed from unsigned elements, saturating to unsigned.";
    "dpadd_s.df"  "011110 010 df!=0 wt ws wd 010011"    "wd, ws, wt" "Multiplies signed elements and adds the products in pairs to the destination.";
    "max_u.df"    "011110 011 df wt ws wd 001110"       "wd, ws, wt" "Takes the greater unsigned elements.";
    "adds_u.df"   "011110 011 df wt ws wd 010000"       "wd, ws, wt" "Adds unsigned elements, saturating.";
    "subsuu_s.df" "011110 011 df wt ws wd 010001"       "wd, ws, wt" "Subtracts unsigned elements, saturating to signed.";
    "maxi_u.df"   "011110 011 df n[4:0] ws wd 000110"       "wd, ws, n" "Takes the greater of each unsigned element and an immediate.";
    "dpadd_u.df"  "011110 011 df!=0 wt ws wd 010011"    "wd, ws, wt" "Multiplies unsigned elements and adds the products in pairs to the destination.";
    "mini_s.df"   "011110 100 df imm[4:0] ws wd 000110"       "wd, ws, imm" "Takes the smaller of each signed element and an immediate.";
    "min_s.df"    "011110 100 df wt ws wd 001110"       "wd, ws, wt" "Takes the smaller signed elements.";
    "ave_s.df"    "011110 100 df wt ws wd 010000"       "wd, ws, wt" "Averages signed elements, rounding down.";
    "asub_s.df"   "011110 100 df wt ws wd 010001"       "wd, ws, wt" "Takes the absolute difference of signed elements.";
    "div_s.df"    "011110 100 df wt ws wd 010010"       "wd, ws, wt" "Divides signed elements.";
    "dpsub_s.df"  "011110 100 df!=0 wt ws wd 010011"    "wd, ws, wt" "Multiplies signed elements and subtracts the products in pairs from the destination.";
    "hadd_s.df"   "011110 100 df!=0 wt ws wd 010101"    "wd, ws, wt" "Adds odd signed elements of one vector to even ones of another, widening.";
    "mini_u.df"   "011110 101 df n[4:0] ws wd 000110"       "wd, ws, n" "Takes the smaller of each unsigned element and an immediate.";
    "min_u.df"    "011110 101 df wt ws wd 001110"       "wd, ws, wt" "Takes the smaller unsigned elements.";
    "ave_u.df"    "011110 101 df wt ws wd 010000"       "wd, ws, wt" "Averages unsigned elements, rounding down.";
    "asub_u.df"   "011110 101 df wt ws wd 010001"       "wd, ws, wt" "Takes the absolute difference of unsigned elements.";
    "div_u.df"    "011110 101 df wt ws wd 010010"       "wd, ws, wt" "Divides unsigned elements.";
    "hadd_u.df"   "011110 101 df!=0 wt ws wd 010101"    "wd, ws, wt" "Adds odd unsigned elements of one vector to even ones of another, widening.";
    "dpsub_u.df"  "011110 101 df!=0 wt ws wd 010011"    "wd, ws, wt" "Multiplies unsigned elements and subtracts the products in pairs from the destination.";
    "max_a.df"    "011110 110 df wt ws wd 001110"       "wd, ws, wt" "Takes the elements of greater absolute value.";
    "aver_s.df"   "011110 110 df wt ws wd 010000"       "wd, ws, wt" "Averages signed elements, rounding up.";
    "mod_s.df"    "011110 110 df wt ws wd 010010"       "wd, ws, wt" "Takes remainders of signed elements.";
    "hsub_s.df"   "011110 110 df!=0 wt ws wd 010101"    "wd, ws, wt" "Subtracts even signed elements of one vector from odd ones of another, widening.";
    "min_a.df"    "011110 111 df wt ws wd 001110"       "wd, ws, wt" "Takes the elements of smaller absolute value.";
    "aver_u.df"   "011110 111 df wt ws wd 010000"       "wd, ws, wt" "Averages unsigned elements, rounding up.";
    "mod_u.df"    "011110 111 df wt ws wd 010010"       "wd, ws, wt" "Takes remainders of unsigned elements.";
    "hsub_u.df"   "011110 111 df!=0 wt ws wd 010101"    "wd, ws, wt" "Subtracts even unsigned elements of one vector from odd ones of another, widening.";

    ["MSA", "Integer Compare"]
    "ceqi.df"   "011110 000 df imm[4:0] ws wd 000111" "wd, ws, imm" "Sets each element to all ones where it equals an immediate, else to zero.";
    "ceq.df"    "011110 000 df wt ws wd 001111" "wd, ws, wt" "Sets each element to all ones where the operands are equal, else to zero.";
    "clti_s.df" "011110 010 df imm[4:0] ws wd 000111" "wd, ws, imm" "Sets each element to all ones where signed less than an immediate, else to zero.";
    "clt_s.df"  "011110 010 df wt ws wd 001111" "wd, ws, wt" "Sets each element to all ones where signed less, else to zero.";
    "clti_u.df" "011110 011 df n[4:0] ws wd 000111" "wd, ws, n" "Sets each element to all ones where unsigned less than an immediate, else to zero.";
    "clt_u.df"  "011110 011 df wt ws wd 001111" "wd, ws, wt" "Sets each element to all ones where unsigned less, else to zero.";
    "clei_s.df" "011110 100 df imm[4:0] ws wd 000111" "wd, ws, imm" "Sets each element to all ones where signed less than or equal to an immediate, else to zero.";
    "cle_s.df"  "011110 100 df wt ws wd 001111" "wd, ws, wt" "Sets each element to all ones where signed less or equal, else to zero.";
    "clei_u.df" "011110 101 df n[4:0] ws wd 000111" "wd, ws, n" "Sets each element to all ones where unsigned less than or equal to an immediate, else to zero.";
    "cle_u.df"  "011110 101 df wt ws wd 001111" "wd, ws, wt" "Sets each element to all ones where unsigned less or equal, else to zero.";

    ["MSA", "Integer Shift"]
    "sll.df"  "011110 000 df wt ws wd 001101"       "wd, ws, wt" "Shifts elements left by amounts in another vector.";
    "slli.b"  "011110 00011 10 m[2:0] ws wd 001001" "wd, ws, m"  "Shifts elements left.";
    "slli.h"  "011110 00011 0 m[3:0] ws wd 001001"  "wd, ws, m"  "Shifts elements left.";
    "slli.w"  "011110 00010 m[4:0] ws wd 001001"    "wd, ws, m"  "Shifts elements left.";
    "slli.d"  "011110 0000 m[5:0] ws wd 001001"     "wd, ws, m"  "Shifts elements left.";
    "sra.df"  "011110 001 df wt ws wd 001101"       "wd, ws, wt" "Shifts elements right arithmetically by amounts in another vector.";
    "srar.df" "011110 001 df wt ws wd 010101"       "wd, ws, wt" "Shifts elements right arithmetically by amounts in another vector, rounding.";
    "srai.b"  "011110 00111 10 m[2:0] ws wd 001001" "wd, ws, m"  "Shifts elements right arithmetically.";
    "srai.h"  "011110 00111 0 m[3:0] ws wd 001001"  "wd, ws, m"  "Shifts elements right arithmetically.";
    "srai.w"  "011110 00110 m[4:0] ws wd 001001"    "wd, ws, m"  "Shifts elements right arithmetically.";
    "srai.d"  "011110 0010 m[5:0] ws wd 001001"     "wd, ws, m"  "Shifts elements right arithmetically.";
    "srlr.df" "011110 010 df wt ws wd 010101"       "wd, ws, wt" "Shifts elements right by amounts in another vector, rounding; zeros come in.";
    "srl.df"  "011110 010 df wt ws wd 001101"       "wd, ws, wt" "Shifts elements right by amounts in another vector; zeros come in.";
    "srli.b"  "011110 01011 10 m[2:0] ws wd 001001" "wd, ws, m"  "Shifts elements right; zeros come in.";
    "srli.h"  "011110 01011 0 m[3:0] ws wd 001001"  "wd, ws, m"  "Shifts elements right; zeros come in.";
    "srli.w"  "011110 01010 m[4:0] ws wd 001001"    "wd, ws, m"  "Shifts elements right; zeros come in.";
    "srli.d"  "011110 0100 m[5:0] ws wd 001001"     "wd, ws, m"  "Shifts elements right; zeros come in.";
    "srari.b" "011110 01011 10 m[2:0] ws wd 001010" "wd, ws, m"  "Shifts elements right arithmetically, rounding.";
    "srari.h" "011110 01011 0 m[3:0] ws wd 001010"  "wd, ws, m"  "Shifts elements right arithmetically, rounding.";
    "srari.w" "011110 01010 m[4:0] ws wd 001010"    "wd, ws, m"  "Shifts elements right arithmetically, rounding.";
    "srari.d" "011110 0100 m[5:0] ws wd 001010"     "wd, ws, m"  "Shifts elements right arithmetically, rounding.";
    "srlri.b" "011110 01111 10 m[2:0] ws wd 001010" "wd, ws, m"  "Shifts elements right, rounding; zeros come in.";
    "srlri.h" "011110 01111 0 m[3:0] ws wd 001010"  "wd, ws, m"  "Shifts elements right, rounding; zeros come in.";
    "srlri.w" "011110 01110 m[4:0] ws wd 001010"    "wd, ws, m"  "Shifts elements right, rounding; zeros come in.";
    "srlri.d" "011110 0110 m[5:0] ws wd 001010"     "wd, ws, m"  "Shifts elements right, rounding; zeros come in.";

    ["MSA", "Bitwise"]
    "and.v"    "011110 00000 wt ws wd 011110"        "wd, ws, wt"   "Ands vectors.";
    "or.v"     "011110 00001 wt ws wd 011110"        "wd, ws, wt"   "Ors vectors.";
    "xor.v"    "011110 00011 wt ws wd 011110"        "wd, ws, wt"   "Exclusive-ors vectors.";
    "bmnz.v"   "011110 00100 wt ws wd 011110"        "wd, ws, wt"   "Copies the bits that are set in a mask.";
    "bmz.v"    "011110 00101 wt ws wd 011110"        "wd, ws, wt"   "Copies the bits that are clear in a mask.";
    "andi.b"   "011110 00 uimm[7:0] ws wd 000000"    "wd, ws, uimm" "Ands each byte with an immediate.";
    "bmnzi.b"  "011110 00 uimm[7:0] ws wd 000001"    "wd, ws, uimm" "Copies the bits of each byte that are set in an immediate.";
    "bclr.df"  "011110 011 df wt ws wd 001101"       "wd, ws, wt"   "Clears one bit of each element, numbered by another vector.";
    "bclri.b"  "011110 01111 10 m[2:0] ws wd 001001" "wd, ws, m"    "Clears one bit of each element.";
    "bclri.h"  "011110 01111 0 m[3:0] ws wd 001001"  "wd, ws, m"    "Clears one bit of each element.";
    "bclri.w"  "011110 01110 m[4:0] ws wd 001001"    "wd, ws, m"    "Clears one bit of each element.";
    "bclri.d"  "011110 0110 m[5:0] ws wd 001001"     "wd, ws, m"    "Clears one bit of each element.";
    "ori.b"    "011110 01 uimm[7:0] ws wd 000000"    "wd, ws, uimm" "Ors each byte with an immediate.";
    "bmzi.b"   "011110 01 uimm[7:0] ws wd 000001"    "wd, ws, uimm" "Copies the bits of each byte that are clear in an immediate.";
    "bset.df"  "011110 100 df wt ws wd 001101"       "wd, ws, wt"   "Sets one bit of each element, numbered by another vector.";
    "bseti.b"  "011110 10011 10 m[2:0] ws wd 001001" "wd, ws, m"    "Sets one bit of each element.";
    "bseti.h"  "011110 10011 0 m[3:0] ws wd 001001"  "wd, ws, m"    "Sets one bit of each element.";
    "bseti.w"  "011110 10010 m[4:0] ws wd 001001"    "wd, ws, m"    "Sets one bit of each element.";
    "bseti.d"  "011110 1000 m[5:0] ws wd 001001"     "wd, ws, m"    "Sets one bit of each element.";
    "bneg.df"  "011110 101 df wt ws wd 001101"       "wd, ws, wt"   "Inverts one bit of each element, numbered by another vector.";
    "bnegi.b"  "011110 10111 10 m[2:0] ws wd 001001" "wd, ws, m"    "Inverts one bit of each element.";
    "bnegi.h"  "011110 10111 0 m[3:0] ws wd 001001"  "wd, ws, m"    "Inverts one bit of each element.";
    "bnegi.w"  "011110 10110 m[4:0] ws wd 001001"    "wd, ws, m"    "Inverts one bit of each element.";
    "bnegi.d"  "011110 1010 m[5:0] ws wd 001001"     "wd, ws, m"    "Inverts one bit of each element.";
    "nori.b"   "011110 10 uimm[7:0] ws wd 000000"    "wd, ws, uimm" "Ors each byte with an immediate and inverts it.";
    "bseli.b"  "011110 10 uimm[7:0] ws wd 000001"    "wd, ws, uimm" "Selects bits of a vector and an immediate by the destination.";
    "pcnt.df"  "011110 11000 001 df ws wd 011110"    "wd, ws"       "Counts one bits.";
    "binsl.df" "011110 110 df wt ws wd 001101"       "wd, ws, wt"   "Copies high bits of each element, as many as another vector says.";
    "binsli.b" "011110 11011 10 m[2:0] ws wd 001001" "wd, ws, m"    "Copies high bits of each element.";
    "binsli.h" "011110 11011 0 m[3:0] ws wd 001001"  "wd, ws, m"    "Copies high bits of each element.";
    "binsli.w" "011110 11010 m[4:0] ws wd 001001"    "wd, ws, m"    "Copies high bits of each element.";
    "binsli.d" "011110 1100 m[5:0] ws wd 001001"     "wd, ws, m"    "Copies high bits of each element.";
    "binsr.df" "011110 111 df wt ws wd 001101"       "wd, ws, wt"   "Copies low bits of each element, as many as another vector says.";
    "binsri.b" "011110 11111 10 m[2:0] ws wd 001001" "wd, ws, m"    "Copies low bits of each element.";
    "binsri.h" "011110 11111 0 m[3:0] ws wd 001001"  "wd, ws, m"    "Copies low bits of each element.";
    "binsri.w" "011110 11110 m[4:0] ws wd 001001"    "wd, ws, m"    "Copies low bits of each element.";
    "binsri.d" "011110 1110 m[5:0] ws wd 001001"     "wd, ws, m"    "Copies low bits of each element.";
    "xori.b"   "011110 11 uimm[7:0] ws wd 000000"    "wd, ws, uimm" "Exclusive-ors each byte with an immediate.";
    "nor.v"    "011110 00010 wt ws wd 011110"        "wd, ws, wt"   "Ors vectors and inverts the result.";
    "bsel.v"   "011110 00110 wt ws wd 011110"        "wd, ws, wt"   "Selects bits of two vectors by the destination.";
    "nloc.df"  "011110 11000 010 df ws wd 011110"    "wd, ws"       "Counts leading ones.";
    "move.v"   "011110 00101 11110 ws wd 011001"     "wd, ws"       "Copies a vector.";
    "nlzc.df"  "011110 11000 011 df ws wd 011110"    "wd, ws"       "Counts leading zeros.";

    ["MSA", "Element Permute"]
    "sld.df"   "011110 000 df rt ws wd 010100"    "wd, ws[rt]"   "Slides elements out of two vectors by a number in a register.";
    "vshf.df"  "011110 000 df wt ws wd 010101"    "wd, ws, wt"   "Selects elements of two vectors by the indices in the destination.";
    "splat.df" "011110 001 df rt ws wd 010100"    "wd, ws[rt]"   "Copies one element, numbered by a register, into all.";
    "shf.df"   "011110 df!=3 uimm[7:0] ws wd 000010" "wd, ws, uimm" "Shuffles elements within groups of four.";
    "pckev.df" "011110 010 df wt ws wd 010100"    "wd, ws, wt"   "Packs the even elements of two vectors.";
    "pckod.df" "011110 011 df wt ws wd 010100"    "wd, ws, wt"   "Packs the odd elements of two vectors.";
    "ilvl.df"  "011110 100 df wt ws wd 010100"    "wd, ws, wt"   "Interleaves the left halves of two vectors.";
    "ilvr.df"  "011110 101 df wt ws wd 010100"    "wd, ws, wt"   "Interleaves the right halves of two vectors.";
    "ilvev.df" "011110 110 df wt ws wd 010100"    "wd, ws, wt"   "Interleaves the even elements of two vectors.";
    "ilvod.df" "011110 111 df wt ws wd 010100"    "wd, ws, wt"   "Interleaves the odd elements of two vectors.";

    ["MSA", "Element Move"]
    "sldi.b"   "011110 00000 0 n[3:0] ws wd 011001"    "wd, ws[n]"    "Slides elements out of two vectors.";
    "sldi.h"   "011110 00001 00 n[2:0] ws wd 011001"   "wd, ws[n]"    "Slides elements out of two vectors.";
    "sldi.w"   "011110 00001 100 n[1:0] ws wd 011001"  "wd, ws[n]"    "Slides elements out of two vectors.";
    "sldi.d"   "011110 00001 1100 n[0:0] ws wd 011001" "wd, ws[n]"    "Slides elements out of two vectors.";
    "splati.b" "011110 00010 0 n[3:0] ws wd 011001"    "wd, ws[n]"    "Copies one element into all.";
    "splati.h" "011110 00011 00 n[2:0] ws wd 011001"   "wd, ws[n]"    "Copies one element into all.";
    "splati.w" "011110 00011 100 n[1:0] ws wd 011001"  "wd, ws[n]"    "Copies one element into all.";
    "splati.d" "011110 00011 1100 n[0:0] ws wd 011001" "wd, ws[n]"    "Copies one element into all.";
    "copy_s.b" "011110 00100 0 n[3:0] ws rd 011001"    "rd, ws[n]"    "Copies an element into a general register, sign-extended.";
    "copy_s.h" "011110 00101 00 n[2:0] ws rd 011001"   "rd, ws[n]"    "Copies an element into a general register, sign-extended.";
    "copy_s.w" "011110 00101 100 n[1:0] ws rd 011001"  "rd, ws[n]"    "Copies an element into a general register, sign-extended.";
    "copy_u.b" "011110 00110 0 n[3:0] ws rd 011001"    "rd, ws[n]"    "Copies an element into a general register, zero-extended.";
    "copy_u.h" "011110 00111 00 n[2:0] ws rd 011001"   "rd, ws[n]"    "Copies an element into a general register, zero-extended.";
    "insert.b" "011110 01000 0 n[3:0] rs wd 011001"    "wd[n], rs"    "Copies a general register into an element.";
    "insert.h" "011110 01001 00 n[2:0] rs wd 011001"   "wd[n], rs"    "Copies a general register into an element.";
    "insert.w" "011110 01001 100 n[1:0] rs wd 011001"  "wd[n], rs"    "Copies a general register into an element.";
    "insve.b"  "011110 01010 0 n[3:0] ws wd 011001"    "wd[n], ws[0]" "Copies the first element of a vector into an element.";
    "insve.h"  "011110 01011 00 n[2:0] ws wd 011001"   "wd[n], ws[0]" "Copies the first element of a vector into an element.";
    "insve.w"  "011110 01011 100 n[1:0] ws wd 011001"  "wd[n], ws[0]" "Copies the first element of a vector into an element.";
    "insve.d"  "011110 01011 1100 n[0:0] ws wd 011001" "wd[n], ws[0]" "Copies the first element of a vector into an element.";
    "fill.df"  "011110 11000 000 df!=3 rs wd 011110"      "wd, rs"       "Copies a general register into all elements.";

    ["MSA", "Floating-Point Arithmetic"]
    "fadd.df"   "011110 0000 fdf wt ws wd 011011"    "wd, ws, wt" "Adds floating-point elements.";
    "fsub.df"   "011110 0001 fdf wt ws wd 011011"    "wd, ws, wt" "Subtracts floating-point elements.";
    "fmul.df"   "011110 0010 fdf wt ws wd 011011"    "wd, ws, wt" "Multiplies floating-point elements.";
    "fdiv.df"   "011110 0011 fdf wt ws wd 011011"    "wd, ws, wt" "Divides floating-point elements.";
    "fmadd.df"  "011110 0100 fdf wt ws wd 011011"    "wd, ws, wt" "Multiplies floating-point elements and adds the products to the destination, rounding once.";
    "fmsub.df"  "011110 0101 fdf wt ws wd 011011"    "wd, ws, wt" "Multiplies floating-point elements and subtracts the products from the destination, rounding once.";
    "fexp2.df"  "011110 0111 fdf wt ws wd 011011"    "wd, ws, wt" "Multiplies floating-point elements by powers of two.";
    "fmin.df"   "011110 1100 fdf wt ws wd 011011"    "wd, ws, wt" "Takes the smaller floating-point elements.";
    "frsqrt.df" "011110 11001 0100 fdf ws wd 011110" "wd, ws"     "Approximates reciprocals of square roots.";
    "fmin_a.df" "011110 1101 fdf wt ws wd 011011"    "wd, ws, wt" "Takes the floating-point elements of smaller magnitude.";
    "fmax.df"   "011110 1110 fdf wt ws wd 011011"    "wd, ws, wt" "Takes the greater floating-point elements.";
    "fmax_a.df" "011110 1111 fdf wt ws wd 011011"    "wd, ws, wt" "Takes the floating-point elements of greater magnitude.";
    "fclass.df" "011110 11001 0000 fdf ws wd 011110" "wd, ws"     "Tells the class of each floating-point element.";
    "flog2.df"  "011110 11001 0111 fdf ws wd 011110" "wd, ws"     "Takes the exponents of floating-point elements.";
    "fsqrt.df"  "011110 11001 0011 fdf ws wd 011110" "wd, ws"     "Takes square roots.";
    "frint.df"  "011110 11001 0110 fdf ws wd 011110" "wd, ws"     "Rounds floating-point elements to integral values.";
    "frcp.df"   "011110 11001 0101 fdf ws wd 011110" "wd, ws"     "Approximates reciprocals.";

    ["MSA", "Floating-Point Compare"]
    "fcaf.df"  "011110 0000 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones never, else to zero; quiet NaNs do not signal.";
    "fcun.df"  "011110 0001 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered, else to zero; quiet NaNs do not signal.";
    "fcor.df"  "011110 0001 fdf wt ws wd 011100" "wd, ws, wt" "Sets floating-point elements to all ones where ordered, else to zero; quiet NaNs do not signal.";
    "fceq.df"  "011110 0010 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where equal, else to zero; quiet NaNs do not signal.";
    "fcune.df" "011110 0010 fdf wt ws wd 011100" "wd, ws, wt" "Sets floating-point elements to all ones where unordered or not equal, else to zero; quiet NaNs do not signal.";
    "fcueq.df" "011110 0011 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered or equal, else to zero; quiet NaNs do not signal.";
    "fcne.df"  "011110 0011 fdf wt ws wd 011100" "wd, ws, wt" "Sets floating-point elements to all ones where not equal, else to zero; quiet NaNs do not signal.";
    "fclt.df"  "011110 0100 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where less, else to zero; quiet NaNs do not signal.";
    "fcult.df" "011110 0101 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered or less, else to zero; quiet NaNs do not signal.";
    "fcle.df"  "011110 0110 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where less or equal, else to zero; quiet NaNs do not signal.";
    "fcule.df" "011110 0111 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered, less or equal, else to zero; quiet NaNs do not signal.";
    "fsaf.df"  "011110 1000 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones never, else to zero; quiet NaNs signal.";
    "fsor.df"  "011110 1001 fdf wt ws wd 011100" "wd, ws, wt" "Sets floating-point elements to all ones where ordered, else to zero; quiet NaNs signal.";
    "fsun.df"  "011110 1001 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered, else to zero; quiet NaNs signal.";
    "fseq.df"  "011110 1010 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where equal, else to zero; quiet NaNs signal.";
    "fsune.df" "011110 1010 fdf wt ws wd 011100" "wd, ws, wt" "Sets floating-point elements to all ones where unordered or not equal, else to zero; quiet NaNs signal.";
    "fsueq.df" "011110 1011 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered or equal, else to zero; quiet NaNs signal.";
    "fsne.df"  "011110 1011 fdf wt ws wd 011100" "wd, ws, wt" "Sets floating-point elements to all ones where not equal, else to zero; quiet NaNs signal.";
    "fslt.df"  "011110 1100 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where less, else to zero; quiet NaNs signal.";
    "fsult.df" "011110 1101 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered or less, else to zero; quiet NaNs signal.";
    "fsle.df"  "011110 1110 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where less or equal, else to zero; quiet NaNs signal.";
    "fsule.df" "011110 1111 fdf wt ws wd 011010" "wd, ws, wt" "Sets floating-point elements to all ones where unordered, less or equal, else to zero; quiet NaNs signal.";

    ["MSA", "Floating-Point Conversion"]
    "fexdo.df"    "011110 1000 hdf wt ws wd 011011"    "wd, ws, wt" "Converts the elements of two vectors to half their width.";
    "ftq.df"      "011110 1010 hdf wt ws wd 011011"    "wd, ws, wt" "Converts floating-point to fixed-point fractions.";
    "fexupl.df"   "011110 11001 1000 fdf ws wd 011110" "wd, ws"     "Converts the left half to double width.";
    "ffqr.df"     "011110 11001 1011 fdf ws wd 011110" "wd, ws"     "Converts the right half of fixed-point fractions to floating-point.";
    "ftint_s.df"  "011110 11001 1100 fdf ws wd 011110" "wd, ws"     "Converts floating-point to signed integers.";
    "ftrunc_s.df" "011110 11001 0001 fdf ws wd 011110" "wd, ws"     "Converts floating-point to signed integers, rounding towards zero.";
    "ftint_u.df"  "011110 11001 1101 fdf ws wd 011110" "wd, ws"     "Converts floating-point to unsigned integers.";
    "ffql.df"     "011110 11001 1010 fdf ws wd 011110" "wd, ws"     "Converts the left half of fixed-point fractions to floating-point.";
    "ftrunc_u.df" "011110 11001 0010 fdf ws wd 011110" "wd, ws"     "Converts floating-point to unsigned integers, rounding towards zero.";
    "ffint_u.df"  "011110 11001 1111 fdf ws wd 011110" "wd, ws"     "Converts unsigned integers to floating-point.";
    "fexupr.df"   "011110 11001 1001 fdf ws wd 011110" "wd, ws"     "Converts the right half to double width.";
    "ffint_s.df"  "011110 11001 1110 fdf ws wd 011110" "wd, ws"     "Converts signed integers to floating-point.";

    ["MSA", "Fixed-Point Multiplication"]
    "mul_q.df"   "011110 0100 hdf wt ws wd 011100" "wd, ws, wt" "Multiplies fractions, saturating.";
    "madd_q.df"  "011110 0101 hdf wt ws wd 011100" "wd, ws, wt" "Multiplies fractions and adds to the destination, saturating.";
    "msub_q.df"  "011110 0110 hdf wt ws wd 011100" "wd, ws, wt" "Multiplies fractions and subtracts from the destination, saturating.";
    "mulr_q.df"  "011110 1100 hdf wt ws wd 011100" "wd, ws, wt" "Multiplies fractions, rounding and saturating.";
    "maddr_q.df" "011110 1101 hdf wt ws wd 011100" "wd, ws, wt" "Multiplies fractions and adds to the destination, rounding and saturating.";
    "msubr_q.df" "011110 1110 hdf wt ws wd 011100" "wd, ws, wt" "Multiplies fractions and subtracts from the destination, rounding and saturating.";

    ["MSA", "Load/Store and Move"]
    "ldi.df" "011110 110 df imm[9:0] wd 000111" "wd, imm"     "Loads an immediate into all elements.";
    "ld.df"  "011110 offset[9:0] rs wd 1000 df"    "wd, offset(rs)" "Loads a vector from memory.";
    "st.df"  "011110 offset[9:0] rs wd 1001 df"    "wd, offset(rs)" "Stores a vector to memory.";

    ["MSA", "Move"]
    "cfcmsa" "011110 00011 11110 cs rd 011001" "rd, cs" "Reads an MSA control register.";
    "ctcmsa" "011110 00001 11110 rs cd 011001" "cd, rs" "Writes an MSA control register.";

    ["MSA", "Branch"]
    "bz.v"   "010001 01011 wt offset[17:2]"  "wt, target" "Branches if an element, or the whole vector, is zero.";
    "bz.df"  "010001 110 df wt offset[17:2]" "wt, target" "Branches if an element, or the whole vector, is zero.";
    "bnz.v"  "010001 01111 wt offset[17:2]"  "wt, target" "Branches if all elements, or any bit of the vector, are not zero.";
    "bnz.df" "010001 111 df wt offset[17:2]" "wt, target" "Branches if all elements, or any bit of the vector, are not zero.";

    ["MSA, 64-bit", "Element Move"]
    "copy_s.d" "011110 00101 1100 n[0:0] ws rd 011001" "rd, ws[n]"    "Copies an element into a general register, sign-extended.";
    "copy_u.w" "011110 00111 100 n[1:0] ws rd 011001"  "rd, ws[n]"    "Copies an element into a general register, zero-extended.";
    "insert.d" "011110 01001 1100 n[0:0] rs wd 011001" "wd[n], rs"    "Copies a general register into an element.";
    "fill.d"   "011110 11000 000 11 rs wd 011110" "wd, rs" "Copies a general register into all elements.";
}
