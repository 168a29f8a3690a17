//! What the words in effects mean.

/// A word or sign of effects, and what it means.
pub type Term = (&'static str, &'static str);

macro_rules! terms {
    ($($text:literal => $term:literal $meaning:literal;)*) => {
        /// Each is explained if an effect contains the text in the first column.
        const TERMS: &[(&str, Term)] = &[$(($text, ($term, $meaning)),)*];
    };
}

terms! {
    ":0]"             => "x[n:m]"           "the bits n to m of x";
    "sext"            => "sextN(x)"         "the low N bits of x, sign-extended";
    "zext"            => "zextN(x)"         "the low N bits of x, zero-extended";
    " <s "            => "<s"               "less, as signed numbers";
    " >s "            => ">s"               "greater, as signed numbers";
    " >=s "           => ">=s"              "greater or equal, as signed numbers";
    " <u "            => "<u"               "less, as unsigned numbers";
    " >u "            => ">u"               "greater, as unsigned numbers";
    " >=u "           => ">=u"              "greater or equal, as unsigned numbers";
    ">>s "            => ">>s"              "shifted right, with copies of the sign coming in";
    ">>u "            => ">>u"              "shifted right, with zeros coming in";
    "/s "             => "/s"               "the quotient of signed numbers, rounded towards zero";
    "/u "             => "/u"               "the quotient of unsigned numbers";
    "%s "             => "%s"               "the remainder of signed numbers, with the dividend's sign";
    "%u "             => "%u"               "the remainder of unsigned numbers";
    "high64_ss"       => "high64_ss"        "the high half of the 128-bit product of signed numbers";
    "high64_uu"       => "high64_uu"        "the high half of the 128-bit product of unsigned numbers";
    "high64_su"       => "high64_su"        "the same of a signed and an unsigned number";
    "min_s"           => "min_s, max_s"     "the smaller, the larger, as signed numbers";
    "max_s"           => "min_s, max_s"     "the smaller, the larger, as signed numbers";
    "min_u"           => "min_u, max_u"     "the smaller, the larger, as unsigned numbers";
    "max_u"           => "min_u, max_u"     "the smaller, the larger, as unsigned numbers";
    "unbox32"         => "unbox32(x)"       "the low half of x if the high half is all ones, else the canonical NaN";
    " box32"          => "box32(x)"         "x below a high half of all ones: a NaN to those who read 64 bits";
    "copy_sign"       => "copy_signN(x, y)" "x with bit N-1, the sign, of y";
    "class("          => "class(x)"         "a single one among ten bits, for the class of x";
    "to nearest even" => "nearest even"     "of two equally near, the one whose last bit is 0";
    "to nearest away" => "nearest away"     "of two equally near, the one of greater magnitude";
    "exceptions"      => "exceptions"       "those of IEEE 754 that the operation raises";
    "atomically"      => "atomically"       "no other access comes between the read and the write";
}

/// The words in effects that need an explanation.
pub fn terms(effects: &[String]) -> Vec<Term> {
    let mut used: Vec<Term> = Vec::new();
    for &(text, term) in TERMS {
        if effects.iter().any(|effect| effect.contains(text)) && !used.contains(&term) {
            used.push(term);
        }
    }
    used
}
