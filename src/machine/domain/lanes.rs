//! Operations on a word as a row of lanes: several numbers of 8, 16, 32 or 64 bits, the first in the
//! low bits. A register wider than a word is several words, and an operation on it one on each.

/// What is done with the lanes of two words, of which the first is the left one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lanes {
    /// Sums, cut to the width.
    Add,
    /// Differences, cut to the width.
    Sub,
    /// Signed sums, or the nearest number that fits.
    AddSaturatingSigned,
    /// Unsigned sums, or the nearest number that fits.
    AddSaturatingUnsigned,
    /// Signed differences, or the nearest number that fits.
    SubSaturatingSigned,
    /// Unsigned differences, or the nearest number that fits.
    SubSaturatingUnsigned,
    /// Lower halves of products.
    Mul,
    /// Upper halves of signed products.
    MulHighSigned,
    /// Upper halves of unsigned products.
    MulHighUnsigned,
    /// Unsigned averages, rounded up.
    Average,
    /// The lesser, signed.
    MinSigned,
    /// The lesser, unsigned.
    MinUnsigned,
    /// The greater, signed.
    MaxSigned,
    /// The greater, unsigned.
    MaxUnsigned,
    /// All ones where equal, zero elsewhere.
    Equal,
    /// All ones where the left one is greater, signed; zero elsewhere.
    GreaterSigned,
    /// Each left lane shifted left by the whole right word; zero if that is not less than the width.
    ShiftLeft,
    /// Each left lane shifted right, zeros coming in, by the whole right word.
    ShiftRight,
    /// Each left lane shifted right, copies of its sign coming in, by the whole right word.
    ShiftRightArithmetic,
    /// The lanes of the lower halves, by turns.
    InterleaveLow,
    /// The lanes of the upper halves, by turns.
    InterleaveHigh,
    /// The left lanes, then the right ones, each as the nearest signed number of half the width.
    PackSigned,
    /// The left lanes, signed, then the right ones, as the nearest unsigned number of half the width.
    PackUnsigned,
    /// Sums of neighbours: of the left lanes, then of the right ones.
    AddNeighbours,
    /// Differences of neighbours, the second taken from the first.
    SubNeighbours,
    /// Signed sums of neighbours, or the nearest number that fits.
    AddNeighboursSaturating,
    /// Signed differences of neighbours, or the nearest number that fits.
    SubNeighboursSaturating,
    /// Signed products of twice the width, neighbours added.
    MulAddNeighbours,
    /// Products of unsigned left lanes and signed right ones, neighbours added: the nearest signed
    /// numbers of twice the width.
    MulAddNeighboursSaturating,
    /// The upper bits of signed products, rounded: bits 15 and above of lanes of 16 bits.
    MulRounded,
    /// The sum of the absolute differences of all lanes, unsigned.
    SumOfDifferences,
}

impl Lanes {
    /// Every operation, in the order of their numbers.
    pub const ALL: [Lanes; 31] = [
        Lanes::Add,
        Lanes::Sub,
        Lanes::AddSaturatingSigned,
        Lanes::AddSaturatingUnsigned,
        Lanes::SubSaturatingSigned,
        Lanes::SubSaturatingUnsigned,
        Lanes::Mul,
        Lanes::MulHighSigned,
        Lanes::MulHighUnsigned,
        Lanes::Average,
        Lanes::MinSigned,
        Lanes::MinUnsigned,
        Lanes::MaxSigned,
        Lanes::MaxUnsigned,
        Lanes::Equal,
        Lanes::GreaterSigned,
        Lanes::ShiftLeft,
        Lanes::ShiftRight,
        Lanes::ShiftRightArithmetic,
        Lanes::InterleaveLow,
        Lanes::InterleaveHigh,
        Lanes::PackSigned,
        Lanes::PackUnsigned,
        Lanes::AddNeighbours,
        Lanes::SubNeighbours,
        Lanes::AddNeighboursSaturating,
        Lanes::SubNeighboursSaturating,
        Lanes::MulAddNeighbours,
        Lanes::MulAddNeighboursSaturating,
        Lanes::MulRounded,
        Lanes::SumOfDifferences,
    ];

    /// How explanations write it.
    pub const fn name(self) -> &'static str {
        match self {
            Lanes::Add => "add",
            Lanes::Sub => "sub",
            Lanes::AddSaturatingSigned => "add_saturating_s",
            Lanes::AddSaturatingUnsigned => "add_saturating_u",
            Lanes::SubSaturatingSigned => "sub_saturating_s",
            Lanes::SubSaturatingUnsigned => "sub_saturating_u",
            Lanes::Mul => "mul",
            Lanes::MulHighSigned => "mul_high_s",
            Lanes::MulHighUnsigned => "mul_high_u",
            Lanes::Average => "average",
            Lanes::MinSigned => "min_s",
            Lanes::MinUnsigned => "min_u",
            Lanes::MaxSigned => "max_s",
            Lanes::MaxUnsigned => "max_u",
            Lanes::Equal => "equal",
            Lanes::GreaterSigned => "greater_s",
            Lanes::ShiftLeft => "shift_left",
            Lanes::ShiftRight => "shift_right",
            Lanes::ShiftRightArithmetic => "shift_right_s",
            Lanes::InterleaveLow => "interleave_low",
            Lanes::InterleaveHigh => "interleave_high",
            Lanes::PackSigned => "pack_s",
            Lanes::PackUnsigned => "pack_u",
            Lanes::AddNeighbours => "add_neighbours",
            Lanes::SubNeighbours => "sub_neighbours",
            Lanes::AddNeighboursSaturating => "add_neighbours_saturating",
            Lanes::SubNeighboursSaturating => "sub_neighbours_saturating",
            Lanes::MulAddNeighbours => "mul_add_neighbours",
            Lanes::MulAddNeighboursSaturating => "mul_add_neighbours_saturating",
            Lanes::MulRounded => "mul_rounded",
            Lanes::SumOfDifferences => "sum_of_differences",
        }
    }

    /// The operation on numbers, on lanes of 8, 16, 32 or 64 bits. Those that make lanes of another
    /// width take what fits: 16 or 32 bits to be packed, 8 or 16 to be multiplied and added.
    #[inline]
    pub fn apply(self, bits: u8, left: u64, right: u64) -> u64 {
        let row = Row { bits };
        let (low, high) = (row.least(), row.greatest());
        let all = i128::from(row.mask());
        let signed = |f: &dyn Fn(i128, i128) -> i128| {
            row.build(|n| f(row.signed(left, n), row.signed(right, n)) as u64)
        };
        let unsigned = |f: &dyn Fn(i128, i128) -> i128| {
            row.build(|n| f(row.unsigned(left, n), row.unsigned(right, n)) as u64)
        };
        let neighbours = |f: &dyn Fn(i128, i128) -> i128| {
            row.build(|n| {
                let (word, n) = row.of_both(left, right, 2 * n);
                f(row.signed(word, n), row.signed(word, n + 1)) as u64
            })
        };
        let double = Row {
            bits: bits.saturating_mul(2).min(64),
        };
        let half = Row { bits: bits / 2 };
        let pack = |low, high| {
            half.build(|n| {
                let (word, n) = row.of_both(left, right, n);
                row.signed(word, n).clamp(low, high) as u64
            })
        };
        match self {
            Lanes::Add => signed(&|a, b| a + b),
            Lanes::Sub => signed(&|a, b| a - b),
            Lanes::AddSaturatingSigned => signed(&|a, b| (a + b).clamp(low, high)),
            Lanes::SubSaturatingSigned => signed(&|a, b| (a - b).clamp(low, high)),
            Lanes::AddSaturatingUnsigned => unsigned(&|a, b| (a + b).min(all)),
            Lanes::SubSaturatingUnsigned => unsigned(&|a, b| (a - b).max(0)),
            Lanes::Mul => signed(&|a, b| a * b),
            Lanes::MulHighSigned => signed(&|a, b| (a * b) >> bits),
            Lanes::MulHighUnsigned => unsigned(&|a, b| ((a as u128 * b as u128) >> bits) as i128),
            Lanes::Average => unsigned(&|a, b| (a + b + 1) >> 1),
            Lanes::MinSigned => signed(&|a, b| a.min(b)),
            Lanes::MinUnsigned => unsigned(&|a, b| a.min(b)),
            Lanes::MaxSigned => signed(&|a, b| a.max(b)),
            Lanes::MaxUnsigned => unsigned(&|a, b| a.max(b)),
            Lanes::Equal => signed(&|a, b| -i128::from(a == b)),
            Lanes::GreaterSigned => signed(&|a, b| -i128::from(a > b)),
            Lanes::ShiftLeft | Lanes::ShiftRight if right >= bits.into() => 0,
            Lanes::ShiftLeft => unsigned(&|a, _| a << right),
            Lanes::ShiftRight => unsigned(&|a, _| a >> right),
            Lanes::ShiftRightArithmetic => signed(&|a, _| a >> right.min(63)),
            Lanes::InterleaveLow => row.build(|n| row.lane([left, right][n & 1], n / 2)),
            Lanes::InterleaveHigh => {
                row.build(|n| row.lane([left, right][n & 1], row.lanes() / 2 + n / 2))
            }
            Lanes::PackSigned => pack(half.least(), half.greatest()),
            Lanes::PackUnsigned => pack(0, half.mask().into()),
            Lanes::AddNeighbours => neighbours(&|a, b| a + b),
            Lanes::SubNeighbours => neighbours(&|a, b| a - b),
            Lanes::AddNeighboursSaturating => neighbours(&|a, b| (a + b).clamp(low, high)),
            Lanes::SubNeighboursSaturating => neighbours(&|a, b| (a - b).clamp(low, high)),
            Lanes::MulAddNeighbours => {
                let product = |n| row.signed(left, n) * row.signed(right, n);
                double.build(|n| (product(2 * n) + product(2 * n + 1)) as u64)
            }
            Lanes::MulAddNeighboursSaturating => {
                let product = |n| row.unsigned(left, n) * row.signed(right, n);
                let (low, high) = (double.least(), double.greatest());
                double.build(|n| (product(2 * n) + product(2 * n + 1)).clamp(low, high) as u64)
            }
            Lanes::MulRounded => signed(&|a, b| (((a * b) >> (bits - 2)) + 1) >> 1),
            Lanes::SumOfDifferences => (0..row.lanes())
                .map(|n| row.lane(left, n).abs_diff(row.lane(right, n)))
                .fold(0, u64::wrapping_add),
        }
    }
}

/// A word as lanes of a width.
#[derive(Clone, Copy)]
struct Row {
    bits: u8,
}

impl Row {
    fn lanes(self) -> usize {
        usize::from(64 / self.bits)
    }

    fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits)
    }

    /// The least signed number of the width.
    fn least(self) -> i128 {
        -1 << (self.bits - 1)
    }

    /// The greatest signed number of the width.
    fn greatest(self) -> i128 {
        !self.least()
    }

    fn lane(self, word: u64, n: usize) -> u64 {
        word >> (n * usize::from(self.bits)) & self.mask()
    }

    fn unsigned(self, word: u64, n: usize) -> i128 {
        self.lane(word, n).into()
    }

    fn signed(self, word: u64, n: usize) -> i128 {
        let unused = 64 - self.bits;
        i128::from(((self.lane(word, n) << unused) as i64) >> unused)
    }

    /// Which word has a lane of two words in a row, and as which.
    fn of_both(self, left: u64, right: u64, n: usize) -> (u64, usize) {
        match n.checked_sub(self.lanes()) {
            None => (left, n),
            Some(n) => (right, n),
        }
    }

    /// A word of what `lane` says of each.
    fn build(self, lane: impl Fn(usize) -> u64) -> u64 {
        let place = |n| (lane(n) & self.mask()) << (n * usize::from(self.bits));
        (0..self.lanes()).map(place).fold(0, |all, one| all | one)
    }
}
