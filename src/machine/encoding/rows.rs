//! Tables of rows.

/// The instructions that are executed: defines `Op`, `ROWS` in the same order, and `execute`, which
/// calls the function of a row's name in the crate's module `semantics` with the crate's
/// `Instruction`.
///
/// ```text
/// rows! {
///     ["EXTENSION", "section of the manual"]
///     name "pattern" "operands" "One sentence.";
/// }
/// ```
#[macro_export]
macro_rules! rows {
    ($([$extension:literal, $section:literal]
        $($name:ident $pattern:literal $operands:literal $sentence:literal;)*)*) => {
        /// The instructions that are executed, named as their rows.
        #[allow(non_camel_case_types, missing_docs, reason = "the rows document them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Op { $($($name,)*)* }

        impl Op {
            /// Every instruction, in the order of [`ROWS`].
            pub const ALL: &[Op] = &[$($(Op::$name,)*)*];
        }

        /// The instructions that are executed.
        pub const ROWS: &[$crate::encoding::Row] = &[$($($crate::encoding::Row {
            name: $crate::mnemonic!($name),
            pattern: $pattern,
            operands: $operands,
            extension: $extension,
            section: $section,
            sentence: $sentence,
        },)*)*];

        /// Carries out an instruction in a domain.
        #[inline(always)]
        pub fn execute<D: $crate::domain::Domain>(
            cpu: D,
            instruction: &Instruction,
        ) -> Result<(), D::Leave> {
            match instruction.op {
                $($(Op::$name => semantics::$name(cpu, instruction),)*)*
            }
        }
    };
}
pub use rows;

/// A table of rows that are known by name only: disassembled and explained, and refused where they
/// are to be executed. Names are literals, as nothing is called like them.
#[macro_export]
macro_rules! named_rows {
    ($(#[$doc:meta])* $table:ident $([$extension:literal, $section:literal]
        $($name:literal $pattern:literal $operands:literal $sentence:literal;)*)*) => {
        $(#[$doc])*
        pub const $table: &[$crate::encoding::Row] = &[$($($crate::encoding::Row {
            name: $name,
            pattern: $pattern,
            operands: $operands,
            extension: $extension,
            section: $section,
            sentence: $sentence,
        },)*)*];
    };
}
pub use named_rows;
