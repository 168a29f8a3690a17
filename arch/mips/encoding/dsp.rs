//! The DSP module, revisions 1 and 2: fractions, packed integers and accumulators beside HI and
//! LO (*MIPS Architecture For Programmers, Volume IV-e*). Known by name, not executed.
//!
//! `.qb` is four unsigned bytes, `.ph` two halfwords, `.w` a word; in 64 bits `.ob` is eight bytes,
//! `.qh` four halfwords, `.pw` two words, `.l` a doubleword. An `l` or `r` after that is the left
//! or the right half.

use portolan_machine::encoding::named_rows;

named_rows! {
    /// The DSP module.
    DSP
    ["DSP", "Arithmetic"]
    "precequ.ph.qbl"  "011111 00000 rt rd 00100 010010" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "precequ.ph.qbr"  "011111 00000 rt rd 00101 010010" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "precequ.ph.qbla" "011111 00000 rt rd 00110 010010" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "precequ.ph.qbra" "011111 00000 rt rd 00111 010010" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "absq_s.ph"       "011111 00000 rt rd 01001 010010" "rd, rt"     "Takes absolute values of signed fractions, saturating.";
    "preceq.w.phl"    "011111 00000 rt rd 01100 010010" "rd, rt"     "Widens fractions of some lanes.";
    "preceq.w.phr"    "011111 00000 rt rd 01101 010010" "rd, rt"     "Widens fractions of some lanes.";
    "absq_s.w"        "011111 00000 rt rd 10001 010010" "rd, rt"     "Takes absolute values of signed fractions, saturating.";
    "preceu.ph.qbl"   "011111 00000 rt rd 11100 010010" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "preceu.ph.qbr"   "011111 00000 rt rd 11101 010010" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "preceu.ph.qbla"  "011111 00000 rt rd 11110 010010" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "preceu.ph.qbra"  "011111 00000 rt rd 11111 010010" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "raddu.w.qb"      "011111 rs 00000 rd 10100 010000" "rd, rs"     "Adds up all unsigned bytes of a register.";
    "addu.qb"         "011111 rs rt rd 00000 010000"    "rd, rs, rt" "Adds unsigned integers lane by lane; overflow wraps and is noted in DSPControl.";
    "subu.qb"         "011111 rs rt rd 00001 010000"    "rd, rs, rt" "Subtracts unsigned integers lane by lane; underflow wraps and is noted in DSPControl.";
    "addu_s.qb"       "011111 rs rt rd 00100 010000"    "rd, rs, rt" "Adds unsigned integers lane by lane, saturating.";
    "subu_s.qb"       "011111 rs rt rd 00101 010000"    "rd, rs, rt" "Subtracts unsigned integers lane by lane, saturating.";
    "addq.ph"         "011111 rs rt rd 01010 010000"    "rd, rs, rt" "Adds signed fractions lane by lane; overflow wraps and is noted in DSPControl.";
    "subq.ph"         "011111 rs rt rd 01011 010000"    "rd, rs, rt" "Subtracts signed fractions lane by lane; overflow wraps and is noted in DSPControl.";
    "precrq.qb.ph"    "011111 rs rt rd 01100 010001"    "rd, rs, rt" "Narrows the fractions of two registers into one, keeping the high bits.";
    "addq_s.ph"       "011111 rs rt rd 01110 010000"    "rd, rs, rt" "Adds signed fractions lane by lane, saturating.";
    "subq_s.ph"       "011111 rs rt rd 01111 010000"    "rd, rs, rt" "Subtracts signed fractions lane by lane, saturating.";
    "precrqu_s.qb.ph" "011111 rs rt rd 01111 010001"    "rd, rs, rt" "Narrows the fractions of two registers to unsigned bytes, saturating.";
    "addsc"           "011111 rs rt rd 10000 010000"    "rd, rs, rt" "Adds two words and puts the carry into DSPControl.";
    "addwc"           "011111 rs rt rd 10001 010000"    "rd, rs, rt" "Adds two words and the carry of DSPControl.";
    "modsub"          "011111 rs rt rd 10010 010000"    "rd, rs, rt" "Decrements an index by a step, wrapping to a given value below zero.";
    "precrq.ph.w"     "011111 rs rt rd 10100 010001"    "rd, rs, rt" "Narrows the fractions of two registers into one, keeping the high bits.";
    "precrq_rs.ph.w"  "011111 rs rt rd 10101 010001"    "rd, rs, rt" "Narrows the fractions of two registers into one, rounding and saturating.";
    "addq_s.w"        "011111 rs rt rd 10110 010000"    "rd, rs, rt" "Adds signed fractions lane by lane, saturating.";
    "subq_s.w"        "011111 rs rt rd 10111 010000"    "rd, rs, rt" "Subtracts signed fractions lane by lane, saturating.";

    ["DSP R2", "Arithmetic"]
    "absq_s.qb"        "011111 00000 rt rd 00001 010010"   "rd, rt"     "Takes absolute values of signed fractions, saturating.";
    "adduh.qb"         "011111 rs rt rd 00000 011000"      "rd, rs, rt" "Adds unsigned bytes and halves the sums.";
    "subuh.qb"         "011111 rs rt rd 00001 011000"      "rd, rs, rt" "Subtracts unsigned bytes and halves the differences.";
    "adduh_r.qb"       "011111 rs rt rd 00010 011000"      "rd, rs, rt" "Adds unsigned bytes and halves the sums, rounding.";
    "subuh_r.qb"       "011111 rs rt rd 00011 011000"      "rd, rs, rt" "Subtracts unsigned bytes and halves the differences, rounding.";
    "addu.ph"          "011111 rs rt rd 01000 010000"      "rd, rs, rt" "Adds unsigned integers lane by lane; overflow wraps and is noted in DSPControl.";
    "addqh.ph"         "011111 rs rt rd 01000 011000"      "rd, rs, rt" "Adds signed fractions and halves the sums.";
    "subu.ph"          "011111 rs rt rd 01001 010000"      "rd, rs, rt" "Subtracts unsigned integers lane by lane; underflow wraps and is noted in DSPControl.";
    "subqh.ph"         "011111 rs rt rd 01001 011000"      "rd, rs, rt" "Subtracts signed fractions and halves the differences.";
    "addqh_r.ph"       "011111 rs rt rd 01010 011000"      "rd, rs, rt" "Adds signed fractions and halves the sums, rounding.";
    "subqh_r.ph"       "011111 rs rt rd 01011 011000"      "rd, rs, rt" "Subtracts signed fractions and halves the differences, rounding.";
    "addu_s.ph"        "011111 rs rt rd 01100 010000"      "rd, rs, rt" "Adds unsigned integers lane by lane, saturating.";
    "subu_s.ph"        "011111 rs rt rd 01101 010000"      "rd, rs, rt" "Subtracts unsigned integers lane by lane, saturating.";
    "precr.qb.ph"      "011111 rs rt rd 01101 010001"      "rd, rs, rt" "Narrows the lanes of two registers into one, keeping the low bits.";
    "addqh.w"          "011111 rs rt rd 10000 011000"      "rd, rs, rt" "Adds signed fractions and halves the sums.";
    "subqh.w"          "011111 rs rt rd 10001 011000"      "rd, rs, rt" "Subtracts signed fractions and halves the differences.";
    "addqh_r.w"        "011111 rs rt rd 10010 011000"      "rd, rs, rt" "Adds signed fractions and halves the sums, rounding.";
    "subqh_r.w"        "011111 rs rt rd 10011 011000"      "rd, rs, rt" "Subtracts signed fractions and halves the differences, rounding.";
    "precr_sra.ph.w"   "011111 rs rt sa[4:0] 11110 010001" "rt, rs, sa" "Shifts two words right and packs their low halfwords.";
    "precr_sra_r.ph.w" "011111 rs rt sa[4:0] 11111 010001" "rt, rs, sa" "Shifts two words right, rounding, and packs their low halfwords.";

    ["DSP, 64-bit", "Arithmetic"]
    "precequ.pw.qhl"  "011111 00000 rt rd 00100 010110" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "precequ.pw.qhr"  "011111 00000 rt rd 00101 010110" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "precequ.pw.qhla" "011111 00000 rt rd 00110 010110" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "precequ.pw.qhra" "011111 00000 rt rd 00111 010110" "rd, rt"     "Widens unsigned bytes of some lanes to fractions.";
    "absq_s.qh"       "011111 00000 rt rd 01001 010110" "rd, rt"     "Takes absolute values of signed fractions, saturating.";
    "preceq.pw.qhl"   "011111 00000 rt rd 01100 010110" "rd, rt"     "Widens fractions of some lanes.";
    "preceq.pw.qhr"   "011111 00000 rt rd 01101 010110" "rd, rt"     "Widens fractions of some lanes.";
    "preceq.pw.qhla"  "011111 00000 rt rd 01110 010110" "rd, rt"     "Widens fractions of some lanes.";
    "preceq.pw.qhra"  "011111 00000 rt rd 01111 010110" "rd, rt"     "Widens fractions of some lanes.";
    "absq_s.pw"       "011111 00000 rt rd 10001 010110" "rd, rt"     "Takes absolute values of signed fractions, saturating.";
    "preceq.s.l.pwl"  "011111 00000 rt rd 10100 010110" "rd, rt"     "Widens fractions of some lanes.";
    "preceq.s.l.pwr"  "011111 00000 rt rd 10101 010110" "rd, rt"     "Widens fractions of some lanes.";
    "preceu.qh.obl"   "011111 00000 rt rd 11100 010110" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "preceu.qh.obr"   "011111 00000 rt rd 11101 010110" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "preceu.qh.obla"  "011111 00000 rt rd 11110 010110" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "preceu.qh.obra"  "011111 00000 rt rd 11111 010110" "rd, rt"     "Widens unsigned bytes of some lanes to integers.";
    "raddu.l.ob"      "011111 rs 00000 rd 10100 010100" "rd, rs"     "Adds up all unsigned bytes of a register.";
    "addu.ob"         "011111 rs rt rd 00000 010100"    "rd, rs, rt" "Adds unsigned integers lane by lane; overflow wraps and is noted in DSPControl.";
    "subu.ob"         "011111 rs rt rd 00001 010100"    "rd, rs, rt" "Subtracts unsigned integers lane by lane; underflow wraps and is noted in DSPControl.";
    "addu_s.ob"       "011111 rs rt rd 00100 010100"    "rd, rs, rt" "Adds unsigned integers lane by lane, saturating.";
    "subu_s.ob"       "011111 rs rt rd 00101 010100"    "rd, rs, rt" "Subtracts unsigned integers lane by lane, saturating.";
    "addq.qh"         "011111 rs rt rd 01010 010100"    "rd, rs, rt" "Adds signed fractions lane by lane; overflow wraps and is noted in DSPControl.";
    "subq.qh"         "011111 rs rt rd 01011 010100"    "rd, rs, rt" "Subtracts signed fractions lane by lane; overflow wraps and is noted in DSPControl.";
    "precrq.ob.qh"    "011111 rs rt rd 01100 010101"    "rd, rs, rt" "Narrows the fractions of two registers into one, keeping the high bits.";
    "addq_s.qh"       "011111 rs rt rd 01110 010100"    "rd, rs, rt" "Adds signed fractions lane by lane, saturating.";
    "subq_s.qh"       "011111 rs rt rd 01111 010100"    "rd, rs, rt" "Subtracts signed fractions lane by lane, saturating.";
    "precrqu_s.ob.qh" "011111 rs rt rd 01111 010101"    "rd, rs, rt" "Narrows the fractions of two registers to unsigned bytes, saturating.";
    "addq.pw"         "011111 rs rt rd 10010 010100"    "rd, rs, rt" "Adds signed fractions lane by lane; overflow wraps and is noted in DSPControl.";
    "subq.pw"         "011111 rs rt rd 10011 010100"    "rd, rs, rt" "Subtracts signed fractions lane by lane; overflow wraps and is noted in DSPControl.";
    "precrq.qh.pw"    "011111 rs rt rd 10100 010101"    "rd, rs, rt" "Narrows the fractions of two registers into one, keeping the high bits.";
    "precrq_rs.qh.pw" "011111 rs rt rd 10101 010101"    "rd, rs, rt" "Narrows the fractions of two registers into one, rounding and saturating.";
    "addq_s.pw"       "011111 rs rt rd 10110 010100"    "rd, rs, rt" "Adds signed fractions lane by lane, saturating.";
    "subq_s.pw"       "011111 rs rt rd 10111 010100"    "rd, rs, rt" "Subtracts signed fractions lane by lane, saturating.";
    "precrq.pw.l"     "011111 rs rt rd 11100 010101"    "rd, rs, rt" "Narrows the fractions of two registers into one, keeping the high bits.";

    ["DSP", "GPR-Based Shift"]
    "shll.qb"    "011111 00 sa[2:0] rt rd 00000 010011" "rd, rt, sa" "Shifts each lane left.";
    "shrl.qb"    "011111 00 sa[2:0] rt rd 00001 010011" "rd, rt, sa" "Shifts each lane right; zeros come in.";
    "shll.ph"    "011111 0 sa[3:0] rt rd 01000 010011"  "rd, rt, sa" "Shifts each lane left.";
    "shra.ph"    "011111 0 sa[3:0] rt rd 01001 010011"  "rd, rt, sa" "Shifts each lane right; copies of its sign bit come in.";
    "shll_s.ph"  "011111 0 sa[3:0] rt rd 01100 010011"  "rd, rt, sa" "Shifts each lane left, saturating.";
    "shra_r.ph"  "011111 0 sa[3:0] rt rd 01101 010011"  "rd, rt, sa" "Shifts each lane right arithmetically, rounding.";
    "shllv.qb"   "011111 rs rt rd 00010 010011"         "rd, rt, rs" "Shifts each lane left by an amount in a register.";
    "shrlv.qb"   "011111 rs rt rd 00011 010011"         "rd, rt, rs" "Shifts each lane right by an amount in a register; zeros come in.";
    "shllv.ph"   "011111 rs rt rd 01010 010011"         "rd, rt, rs" "Shifts each lane left by an amount in a register.";
    "shrav.ph"   "011111 rs rt rd 01011 010011"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register.";
    "shllv_s.ph" "011111 rs rt rd 01110 010011"         "rd, rt, rs" "Shifts each lane left by an amount in a register, saturating.";
    "shrav_r.ph" "011111 rs rt rd 01111 010011"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register, rounding.";
    "shll_s.w"   "011111 sa[4:0] rt rd 10100 010011"    "rd, rt, sa" "Shifts each lane left, saturating.";
    "shra_r.w"   "011111 sa[4:0] rt rd 10101 010011"    "rd, rt, sa" "Shifts each lane right arithmetically, rounding.";
    "shllv_s.w"  "011111 rs rt rd 10110 010011"         "rd, rt, rs" "Shifts each lane left by an amount in a register, saturating.";
    "shrav_r.w"  "011111 rs rt rd 10111 010011"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register, rounding.";

    ["DSP R2", "GPR-Based Shift"]
    "shra.qb"    "011111 00 sa[2:0] rt rd 00100 010011" "rd, rt, sa" "Shifts each lane right; copies of its sign bit come in.";
    "shra_r.qb"  "011111 00 sa[2:0] rt rd 00101 010011" "rd, rt, sa" "Shifts each lane right arithmetically, rounding.";
    "shrl.ph"    "011111 0 sa[3:0] rt rd 11001 010011"  "rd, rt, sa" "Shifts each lane right; zeros come in.";
    "shrav.qb"   "011111 rs rt rd 00110 010011"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register.";
    "shrav_r.qb" "011111 rs rt rd 00111 010011"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register, rounding.";
    "shrlv.ph"   "011111 rs rt rd 11011 010011"         "rd, rt, rs" "Shifts each lane right by an amount in a register; zeros come in.";

    ["DSP, 64-bit", "GPR-Based Shift"]
    "shll.ob"    "011111 00 sa[2:0] rt rd 00000 010111" "rd, rt, sa" "Shifts each lane left.";
    "shrl.ob"    "011111 00 sa[2:0] rt rd 00001 010111" "rd, rt, sa" "Shifts each lane right; zeros come in.";
    "shll.qh"    "011111 0 sa[3:0] rt rd 01000 010111"  "rd, rt, sa" "Shifts each lane left.";
    "shra.qh"    "011111 0 sa[3:0] rt rd 01001 010111"  "rd, rt, sa" "Shifts each lane right; copies of its sign bit come in.";
    "shll_s.qh"  "011111 0 sa[3:0] rt rd 01100 010111"  "rd, rt, sa" "Shifts each lane left, saturating.";
    "shra_r.qh"  "011111 0 sa[3:0] rt rd 01101 010111"  "rd, rt, sa" "Shifts each lane right arithmetically, rounding.";
    "shllv.ob"   "011111 rs rt rd 00010 010111"         "rd, rt, rs" "Shifts each lane left by an amount in a register.";
    "shrlv.ob"   "011111 rs rt rd 00011 010111"         "rd, rt, rs" "Shifts each lane right by an amount in a register; zeros come in.";
    "shllv.qh"   "011111 rs rt rd 01010 010111"         "rd, rt, rs" "Shifts each lane left by an amount in a register.";
    "shrav.qh"   "011111 rs rt rd 01011 010111"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register.";
    "shllv_s.qh" "011111 rs rt rd 01110 010111"         "rd, rt, rs" "Shifts each lane left by an amount in a register, saturating.";
    "shrav_r.qh" "011111 rs rt rd 01111 010111"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register, rounding.";
    "shll.pw"    "011111 sa[4:0] rt rd 10000 010111"    "rd, rt, sa" "Shifts each lane left.";
    "shra.pw"    "011111 sa[4:0] rt rd 10001 010111"    "rd, rt, sa" "Shifts each lane right; copies of its sign bit come in.";
    "shllv.pw"   "011111 rs rt rd 10010 010111"         "rd, rt, rs" "Shifts each lane left by an amount in a register.";
    "shrav.pw"   "011111 rs rt rd 10011 010111"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register.";
    "shll_s.pw"  "011111 sa[4:0] rt rd 10100 010111"    "rd, rt, sa" "Shifts each lane left, saturating.";
    "shra_r.pw"  "011111 sa[4:0] rt rd 10101 010111"    "rd, rt, sa" "Shifts each lane right arithmetically, rounding.";
    "shllv_s.pw" "011111 rs rt rd 10110 010111"         "rd, rt, rs" "Shifts each lane left by an amount in a register, saturating.";
    "shrav_r.pw" "011111 rs rt rd 10111 010111"         "rd, rt, rs" "Shifts each lane right arithmetically by an amount in a register, rounding.";

    ["DSP", "Multiply"]
    "dpau.h.qbl"     "011111 rs rt 000 ac 00011 110000" "ac, rs, rt" "Multiplies unsigned bytes and adds the sum of the products to an accumulator.";
    "dpaq_s.w.ph"    "011111 rs rt 000 ac 00100 110000" "ac, rs, rt" "Multiplies fractions, saturating, and adds the sum of the products to an accumulator.";
    "dpsq_s.w.ph"    "011111 rs rt 000 ac 00101 110000" "ac, rs, rt" "Multiplies fractions, saturating, and subtracts the sum of the products from an accumulator.";
    "mulsaq_s.w.ph"  "011111 rs rt 000 ac 00110 110000" "ac, rs, rt" "Multiplies fractions, saturating, and adds the difference of the products to an accumulator.";
    "dpau.h.qbr"     "011111 rs rt 000 ac 00111 110000" "ac, rs, rt" "Multiplies unsigned bytes and adds the sum of the products to an accumulator.";
    "dpsu.h.qbl"     "011111 rs rt 000 ac 01011 110000" "ac, rs, rt" "Multiplies unsigned bytes and subtracts the sum of the products from an accumulator.";
    "dpaq_sa.l.w"    "011111 rs rt 000 ac 01100 110000" "ac, rs, rt" "Multiplies fractions and adds the product to an accumulator, saturating both.";
    "dpsq_sa.l.w"    "011111 rs rt 000 ac 01101 110000" "ac, rs, rt" "Multiplies fractions and subtracts the product from an accumulator, saturating both.";
    "dpsu.h.qbr"     "011111 rs rt 000 ac 01111 110000" "ac, rs, rt" "Multiplies unsigned bytes and subtracts the sum of the products from an accumulator.";
    "maq_sa.w.phl"   "011111 rs rt 000 ac 10000 110000" "ac, rs, rt" "Multiplies one lane of fractions and adds the product to an accumulator, saturating both.";
    "maq_sa.w.phr"   "011111 rs rt 000 ac 10010 110000" "ac, rs, rt" "Multiplies one lane of fractions and adds the product to an accumulator, saturating both.";
    "maq_s.w.phl"    "011111 rs rt 000 ac 10100 110000" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "maq_s.w.phr"    "011111 rs rt 000 ac 10110 110000" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "muleu_s.ph.qbl" "011111 rs rt rd 00110 010000"     "rd, rs, rt" "Multiplies half of the unsigned bytes with unsigned halfwords, saturating.";
    "muleu_s.ph.qbr" "011111 rs rt rd 00111 010000"     "rd, rs, rt" "Multiplies half of the unsigned bytes with unsigned halfwords, saturating.";
    "muleq_s.w.phl"  "011111 rs rt rd 11100 010000"     "rd, rs, rt" "Multiplies half of the lanes as fractions to double width, saturating.";
    "muleq_s.w.phr"  "011111 rs rt rd 11101 010000"     "rd, rs, rt" "Multiplies half of the lanes as fractions to double width, saturating.";
    "mulq_s.ph"      "011111 rs rt rd 11110 010000"     "rd, rs, rt" "Multiplies fractions, saturating.";
    "mulq_rs.ph"     "011111 rs rt rd 11111 010000"     "rd, rs, rt" "Multiplies fractions, rounding and saturating.";

    ["DSP R2", "Multiply"]
    "dpa.w.ph"      "011111 rs rt 000 ac 00000 110000" "ac, rs, rt" "Multiplies the lanes and adds the sum of the products to an accumulator.";
    "dps.w.ph"      "011111 rs rt 000 ac 00001 110000" "ac, rs, rt" "Multiplies the lanes and subtracts the sum of the products from an accumulator.";
    "mulsa.w.ph"    "011111 rs rt 000 ac 00010 110000" "ac, rs, rt" "Multiplies the lanes and adds the difference of the products to an accumulator.";
    "dpax.w.ph"     "011111 rs rt 000 ac 01000 110000" "ac, rs, rt" "Multiplies the lanes crosswise and adds the sum of the products to an accumulator.";
    "dpsx.w.ph"     "011111 rs rt 000 ac 01001 110000" "ac, rs, rt" "Multiplies the lanes crosswise and subtracts the sum of the products from an accumulator.";
    "dpaqx_s.w.ph"  "011111 rs rt 000 ac 11000 110000" "ac, rs, rt" "Multiplies fractions crosswise, saturating, and adds the sum of the products to an accumulator.";
    "dpsqx_s.w.ph"  "011111 rs rt 000 ac 11001 110000" "ac, rs, rt" "Multiplies fractions crosswise, saturating, and subtracts the sum of the products from an accumulator.";
    "dpaqx_sa.w.ph" "011111 rs rt 000 ac 11010 110000" "ac, rs, rt" "Multiplies fractions crosswise and adds the sum of the products to an accumulator, saturating both.";
    "dpsqx_sa.w.ph" "011111 rs rt 000 ac 11011 110000" "ac, rs, rt" "Multiplies fractions crosswise and subtracts the sum of the products from an accumulator, saturating both.";
    "mul.ph"        "011111 rs rt rd 01100 011000"     "rd, rs, rt" "Multiplies halfwords; the low halves of the products stay.";
    "mul_s.ph"      "011111 rs rt rd 01110 011000"     "rd, rs, rt" "Multiplies halfwords, saturating.";
    "mulq_s.w"      "011111 rs rt rd 10110 011000"     "rd, rs, rt" "Multiplies fractions, saturating.";
    "mulq_rs.w"     "011111 rs rt rd 10111 011000"     "rd, rs, rt" "Multiplies fractions, rounding and saturating.";

    ["DSP, 64-bit", "Multiply"]
    "dpau.h.obl"     "011111 rs rt 000 ac 00011 110100" "ac, rs, rt" "Multiplies unsigned bytes and adds the sum of the products to an accumulator.";
    "dpaq_s.w.qh"    "011111 rs rt 000 ac 00100 110100" "ac, rs, rt" "Multiplies fractions, saturating, and adds the sum of the products to an accumulator.";
    "dpsq_s.w.qh"    "011111 rs rt 000 ac 00101 110100" "ac, rs, rt" "Multiplies fractions, saturating, and subtracts the sum of the products from an accumulator.";
    "mulsaq_s.w.qh"  "011111 rs rt 000 ac 00110 110100" "ac, rs, rt" "Multiplies fractions, saturating, and adds the difference of the products to an accumulator.";
    "dpau.h.obr"     "011111 rs rt 000 ac 00111 110100" "ac, rs, rt" "Multiplies unsigned bytes and adds the sum of the products to an accumulator.";
    "dpsu.h.obl"     "011111 rs rt 000 ac 01011 110100" "ac, rs, rt" "Multiplies unsigned bytes and subtracts the sum of the products from an accumulator.";
    "dpaq_sa.l.pw"   "011111 rs rt 000 ac 01100 110100" "ac, rs, rt" "Multiplies fractions and adds the product to an accumulator, saturating both.";
    "dpsq_sa.l.pw"   "011111 rs rt 000 ac 01101 110100" "ac, rs, rt" "Multiplies fractions and subtracts the product from an accumulator, saturating both.";
    "mulsaq_s.l.pw"  "011111 rs rt 000 ac 01110 110100" "ac, rs, rt" "Multiplies fractions, saturating, and adds the difference of the products to an accumulator.";
    "dpsu.h.obr"     "011111 rs rt 000 ac 01111 110100" "ac, rs, rt" "Multiplies unsigned bytes and subtracts the sum of the products from an accumulator.";
    "maq_sa.w.qhll"  "011111 rs rt 000 ac 10000 110100" "ac, rs, rt" "Multiplies one lane of fractions and adds the product to an accumulator, saturating both.";
    "maq_sa.w.qhlr"  "011111 rs rt 000 ac 10001 110100" "ac, rs, rt" "Multiplies one lane of fractions and adds the product to an accumulator, saturating both.";
    "maq_sa.w.qhrl"  "011111 rs rt 000 ac 10010 110100" "ac, rs, rt" "Multiplies one lane of fractions and adds the product to an accumulator, saturating both.";
    "maq_sa.w.qhrr"  "011111 rs rt 000 ac 10011 110100" "ac, rs, rt" "Multiplies one lane of fractions and adds the product to an accumulator, saturating both.";
    "maq_s.w.qhll"   "011111 rs rt 000 ac 10100 110100" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "maq_s.w.qhlr"   "011111 rs rt 000 ac 10101 110100" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "maq_s.w.qhrl"   "011111 rs rt 000 ac 10110 110100" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "maq_s.w.qhrr"   "011111 rs rt 000 ac 10111 110100" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "dmadd"          "011111 rs rt 000 ac 11001 110100" "ac, rs, rt" "Multiplies the signed words of both halves and adds both products to an accumulator.";
    "dmsub"          "011111 rs rt 000 ac 11011 110100" "ac, rs, rt" "Multiplies the signed words of both halves and subtracts both products from an accumulator.";
    "maq_s.l.pwl"    "011111 rs rt 000 ac 11100 110100" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "dmaddu"         "011111 rs rt 000 ac 11101 110100" "ac, rs, rt" "Multiplies the unsigned words of both halves and adds both products to an accumulator.";
    "maq_s.l.pwr"    "011111 rs rt 000 ac 11110 110100" "ac, rs, rt" "Multiplies one lane of fractions, saturating, and adds the product to an accumulator.";
    "dmsubu"         "011111 rs rt 000 ac 11111 110100" "ac, rs, rt" "Multiplies the unsigned words of both halves and subtracts both products from an accumulator.";
    "muleu_s.qh.obl" "011111 rs rt rd 00110 010100"     "rd, rs, rt" "Multiplies half of the unsigned bytes with unsigned halfwords, saturating.";
    "muleu_s.qh.obr" "011111 rs rt rd 00111 010100"     "rd, rs, rt" "Multiplies half of the unsigned bytes with unsigned halfwords, saturating.";
    "muleq_s.pw.qhl" "011111 rs rt rd 11100 010100"     "rd, rs, rt" "Multiplies half of the lanes as fractions to double width, saturating.";
    "muleq_s.pw.qhr" "011111 rs rt rd 11101 010100"     "rd, rs, rt" "Multiplies half of the lanes as fractions to double width, saturating.";
    "mulq_rs.qh"     "011111 rs rt rd 11111 010100"     "rd, rs, rt" "Multiplies fractions, rounding and saturating.";

    ["DSP", "Bit/Manipulation"]
    "replv.qb" "011111 00000 rt rd 00011 010010"     "rd, rt"   "Copies the lowest lane into every lane.";
    "replv.ph" "011111 00000 rt rd 01011 010010"     "rd, rt"   "Copies the lowest lane into every lane.";
    "bitrev"   "011111 00000 rt rd 11011 010010"     "rd, rt"   "Reverses the order of the low 16 bits.";
    "repl.qb"  "011111 00 uimm[7:0] rd 00010 010010" "rd, uimm" "Copies an immediate into every lane.";
    "insv"     "011111 rs rt 00000 00000 001100"     "rt, rs"   "Inserts low bits at the position and of the size that DSPControl says.";
    "repl.ph"  "011111 imm[9:0] rd 01010 010010"     "rd, imm"  "Copies an immediate into every lane.";

    ["DSP R2", "Bit/Manipulation"]
    "balign"  "011111 rs rt 000 bp[1:0] 10000 110001" "rt, rs, bp" "Cuts a word at a byte boundary out of two registers.";
    "append"  "011111 rs rt sa[4:0] 00000 110001"     "rt, rs, sa" "Shifts left and appends the low bits of another register.";
    "prepend" "011111 rs rt sa[4:0] 00001 110001"     "rt, rs, sa" "Shifts right and prepends the low bits of another register.";

    ["DSP, 64-bit", "Bit/Manipulation"]
    "replv.ob" "011111 00000 rt rd 00011 010110"     "rd, rt"   "Copies the lowest lane into every lane.";
    "replv.qh" "011111 00000 rt rd 01011 010110"     "rd, rt"   "Copies the lowest lane into every lane.";
    "replv.pw" "011111 00000 rt rd 10011 010110"     "rd, rt"   "Copies the lowest lane into every lane.";
    "repl.ob"  "011111 00 uimm[7:0] rd 00010 010110" "rd, uimm" "Copies an immediate into every lane.";
    "dinsv"    "011111 rs rt 00000 00000 001101"     "rt, rs"   "Inserts low bits at the position and of the size that DSPControl says, in 64 bits.";
    "repl.qh"  "011111 imm[9:0] rd 01010 010110"     "rd, imm"  "Copies an immediate into every lane.";
    "repl.pw"  "011111 imm[9:0] rd 10010 010110"     "rd, imm"  "Copies an immediate into every lane.";

    ["DSP", "Compare-Pick"]
    "cmpu.eq.qb"  "011111 rs rt 00000 00000 010001" "rs, rt"     "Compares unsigned lanes; the results go to the condition codes in DSPControl.";
    "cmpu.lt.qb"  "011111 rs rt 00000 00001 010001" "rs, rt"     "Compares unsigned lanes; the results go to the condition codes in DSPControl.";
    "cmpu.le.qb"  "011111 rs rt 00000 00010 010001" "rs, rt"     "Compares unsigned lanes; the results go to the condition codes in DSPControl.";
    "cmp.eq.ph"   "011111 rs rt 00000 01000 010001" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "cmp.lt.ph"   "011111 rs rt 00000 01001 010001" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "cmp.le.ph"   "011111 rs rt 00000 01010 010001" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "pick.qb"     "011111 rs rt rd 00011 010001"    "rd, rs, rt" "Picks each lane from one of two registers, as the condition codes in DSPControl say.";
    "cmpgu.eq.qb" "011111 rs rt rd 00100 010001"    "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register.";
    "cmpgu.lt.qb" "011111 rs rt rd 00101 010001"    "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register.";
    "cmpgu.le.qb" "011111 rs rt rd 00110 010001"    "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register.";
    "pick.ph"     "011111 rs rt rd 01011 010001"    "rd, rs, rt" "Picks each lane from one of two registers, as the condition codes in DSPControl say.";
    "packrl.ph"   "011111 rs rt rd 01110 010001"    "rd, rs, rt" "Packs the right lane of one register and the left lane of another.";

    ["DSP R2", "Compare-Pick"]
    "cmpgdu.eq.qb" "011111 rs rt rd 11000 010001" "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register and to DSPControl.";
    "cmpgdu.lt.qb" "011111 rs rt rd 11001 010001" "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register and to DSPControl.";
    "cmpgdu.le.qb" "011111 rs rt rd 11010 010001" "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register and to DSPControl.";

    ["DSP, 64-bit", "Compare-Pick"]
    "cmpu.eq.ob"  "011111 rs rt 00000 00000 010101" "rs, rt"     "Compares unsigned lanes; the results go to the condition codes in DSPControl.";
    "cmpu.lt.ob"  "011111 rs rt 00000 00001 010101" "rs, rt"     "Compares unsigned lanes; the results go to the condition codes in DSPControl.";
    "cmpu.le.ob"  "011111 rs rt 00000 00010 010101" "rs, rt"     "Compares unsigned lanes; the results go to the condition codes in DSPControl.";
    "cmp.eq.qh"   "011111 rs rt 00000 01000 010101" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "cmp.lt.qh"   "011111 rs rt 00000 01001 010101" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "cmp.le.qh"   "011111 rs rt 00000 01010 010101" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "cmp.eq.pw"   "011111 rs rt 00000 10000 010101" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "cmp.lt.pw"   "011111 rs rt 00000 10001 010101" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "cmp.le.pw"   "011111 rs rt 00000 10010 010101" "rs, rt"     "Compares signed lanes; the results go to the condition codes in DSPControl.";
    "pick.ob"     "011111 rs rt rd 00011 010101"    "rd, rs, rt" "Picks each lane from one of two registers, as the condition codes in DSPControl say.";
    "cmpgu.eq.ob" "011111 rs rt rd 00100 010101"    "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register.";
    "cmpgu.lt.ob" "011111 rs rt rd 00101 010101"    "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register.";
    "cmpgu.le.ob" "011111 rs rt rd 00110 010101"    "rd, rs, rt" "Compares unsigned lanes; the results go to the low bits of a register.";
    "pick.qh"     "011111 rs rt rd 01011 010101"    "rd, rs, rt" "Picks each lane from one of two registers, as the condition codes in DSPControl say.";
    "packrl.pw"   "011111 rs rt rd 01110 010101"    "rd, rs, rt" "Packs the right lane of one register and the left lane of another.";
    "pick.pw"     "011111 rs rt rd 10011 010101"    "rd, rs, rt" "Picks each lane from one of two registers, as the condition codes in DSPControl say.";

    ["DSP", "Accumulator and DSPControl Access"]
    "rddsp"      "011111 0000 mask[5:0] rd 10010 111000"      "rd, mask"   "Reads the fields of DSPControl that a mask names.";
    "shilov"     "011111 rs 00000 000 ac 11011 111000"        "ac, rs"     "Shifts an accumulator by a signed amount in a register, to the left if it is negative.";
    "mthlip"     "011111 rs 00000 000 ac 11111 111000"        "rs, ac"     "Copies LO into HI of an accumulator, a register into LO, and moves the position in DSPControl on.";
    "wrdsp"      "011111 rs 0000 mask[5:0] 10011 111000"      "rs, mask"   "Writes the fields of DSPControl that a mask names.";
    "shilo"      "011111 shift[5:0] 0000 000 ac 11010 111000" "ac, shift"  "Shifts an accumulator by a signed amount, to the left if it is negative.";
    "extr.w"     "011111 sa[4:0] rt 000 ac 00000 111000"      "rt, ac, sa" "Shifts an accumulator right and extracts its low bits.";
    "extrv.w"    "011111 rs rt 000 ac 00001 111000"           "rt, ac, rs" "Shifts an accumulator right by an amount in a register and extracts its low bits.";
    "extp"       "011111 sa[4:0] rt 000 ac 00010 111000"      "rt, ac, sa" "Extracts bits of an accumulator at the position that DSPControl says.";
    "extpv"      "011111 rs rt 000 ac 00011 111000"           "rt, ac, rs" "Extracts bits, as many as a register says, of an accumulator at the position that DSPControl says.";
    "extr_r.w"   "011111 sa[4:0] rt 000 ac 00100 111000"      "rt, ac, sa" "Shifts an accumulator right, rounds, and extracts its low bits.";
    "extrv_r.w"  "011111 rs rt 000 ac 00101 111000"           "rt, ac, rs" "Shifts an accumulator right by an amount in a register, rounds, and extracts its low bits.";
    "extr_rs.w"  "011111 sa[4:0] rt 000 ac 00110 111000"      "rt, ac, sa" "Shifts an accumulator right, rounds, and extracts its low bits, saturating.";
    "extrv_rs.w" "011111 rs rt 000 ac 00111 111000"           "rt, ac, rs" "Shifts an accumulator right by an amount in a register, rounds, and extracts its low bits, saturating.";
    "extpdp"     "011111 sa[4:0] rt 000 ac 01010 111000"      "rt, ac, sa" "Extracts bits of an accumulator at the position that DSPControl says, and moves the position on.";
    "extpdpv"    "011111 rs rt 000 ac 01011 111000"           "rt, ac, rs" "Extracts bits, as many as a register says, of an accumulator, and moves the position in DSPControl on.";
    "extr_s.h"   "011111 sa[4:0] rt 000 ac 01110 111000"      "rt, ac, sa" "Shifts an accumulator right and extracts a halfword, saturating.";
    "extrv_s.h"  "011111 rs rt 000 ac 01111 111000"           "rt, ac, rs" "Shifts an accumulator right by an amount in a register and extracts a halfword, saturating.";

    ["DSP, 64-bit", "Accumulator and DSPControl Access"]
    "dshilov"     "011111 rs 00000 000 ac 11011 111100"       "ac, rs"     "Shifts a wide accumulator by a signed amount in a register, to the left if it is negative.";
    "dmthlip"     "011111 rs 00000 000 ac 11111 111100"       "rs, ac"     "Copies LO into HI of a wide accumulator, a register into LO, and moves the position in DSPControl on.";
    "dshilo"      "011111 shift[6:0] 000 000 ac 11010 111100" "ac, shift"  "Shifts a wide accumulator by a signed amount, to the left if it is negative.";
    "dextr.w"     "011111 sa[4:0] rt 000 ac 00000 111100"     "rt, ac, sa" "Shifts a wide accumulator right and extracts its low bits.";
    "dextrv.w"    "011111 rs rt 000 ac 00001 111100"          "rt, ac, rs" "Shifts a wide accumulator right by an amount in a register and extracts its low bits.";
    "dextp"       "011111 sa[4:0] rt 000 ac 00010 111100"     "rt, ac, sa" "Extracts bits of a wide accumulator at the position that DSPControl says.";
    "dextpv"      "011111 rs rt 000 ac 00011 111100"          "rt, ac, rs" "Extracts bits, as many as a register says, of a wide accumulator at the position that DSPControl says.";
    "dextr_r.w"   "011111 sa[4:0] rt 000 ac 00100 111100"     "rt, ac, sa" "Shifts a wide accumulator right, rounds, and extracts its low bits.";
    "dextrv_r.w"  "011111 rs rt 000 ac 00101 111100"          "rt, ac, rs" "Shifts a wide accumulator right by an amount in a register, rounds, and extracts its low bits.";
    "dextr_rs.w"  "011111 sa[4:0] rt 000 ac 00110 111100"     "rt, ac, sa" "Shifts a wide accumulator right, rounds, and extracts its low bits, saturating.";
    "dextrv_rs.w" "011111 rs rt 000 ac 00111 111100"          "rt, ac, rs" "Shifts a wide accumulator right by an amount in a register, rounds, and extracts its low bits, saturating.";
    "dextpdp"     "011111 sa[4:0] rt 000 ac 01010 111100"     "rt, ac, sa" "Extracts bits of a wide accumulator at the position that DSPControl says, and moves the position on.";
    "dextpdpv"    "011111 rs rt 000 ac 01011 111100"          "rt, ac, rs" "Extracts bits, as many as a register says, of a wide accumulator, and moves the position in DSPControl on.";
    "dextr_s.h"   "011111 sa[4:0] rt 000 ac 01110 111100"     "rt, ac, sa" "Shifts a wide accumulator right and extracts a halfword, saturating.";
    "dextrv_s.h"  "011111 rs rt 000 ac 01111 111100"          "rt, ac, rs" "Shifts a wide accumulator right by an amount in a register and extracts a halfword, saturating.";
    "dextr.l"     "011111 sa[4:0] rt 000 ac 10000 111100"     "rt, ac, sa" "Shifts a wide accumulator right and extracts its low bits.";
    "dextrv.l"    "011111 rs rt 000 ac 10001 111100"          "rt, ac, rs" "Shifts a wide accumulator right by an amount in a register and extracts its low bits.";
    "dextr_r.l"   "011111 sa[4:0] rt 000 ac 10100 111100"     "rt, ac, sa" "Shifts a wide accumulator right, rounds, and extracts its low bits.";
    "dextrv_r.l"  "011111 rs rt 000 ac 10101 111100"          "rt, ac, rs" "Shifts a wide accumulator right by an amount in a register, rounds, and extracts its low bits.";
    "dextr_rs.l"  "011111 sa[4:0] rt 000 ac 10110 111100"     "rt, ac, sa" "Shifts a wide accumulator right, rounds, and extracts its low bits, saturating.";
    "dextrv_rs.l" "011111 rs rt 000 ac 10111 111100"          "rt, ac, rs" "Shifts a wide accumulator right by an amount in a register, rounds, and extracts its low bits, saturating.";

    ["DSP", "Indexed-Load"]
    "lwx"  "011111 rs rt rd 00000 001010" "rd, rt(rs)" "Loads a word, sign-extended, from the sum of two registers.";
    "lhx"  "011111 rs rt rd 00100 001010" "rd, rt(rs)" "Loads a halfword, sign-extended, from the sum of two registers.";
    "lbux" "011111 rs rt rd 00110 001010" "rd, rt(rs)" "Loads a byte, zero-extended, from the sum of two registers.";

    ["DSP, 64-bit", "Indexed-Load"]
    "ldx" "011111 rs rt rd 01000 001010" "rd, rt(rs)" "Loads a doubleword from the sum of two registers.";

    ["DSP", "Branch"]
    "bposge32" "000001 00000 11100 offset[17:2]" "target" "Branches if the position in DSPControl is at least 32.";

    ["DSP, 64-bit", "Branch"]
    "bposge64" "000001 00000 11101 offset[17:2]" "target" "Branches if the position in DSPControl is at least 64.";
}
