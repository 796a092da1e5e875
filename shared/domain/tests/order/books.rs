//! The processor's own books, kept a second time as plain integers; and the random numbers that fill them.

/// A payment in the processor's books, or a draw in those of the merchant's accounts.
#[derive(Clone, Debug, Default)]
pub struct Booked {
    pub reference: String,
    pub processor: bool,
    pub held: i64,
    pub taken: i64,
    pub returned: i64,
    pub withdrawn: i64,
    pub open: bool,
}

impl Booked {
    pub fn capturable(&self) -> i64 {
        if self.open { self.held - self.taken } else { 0 }
    }

    pub fn left(&self) -> i64 {
        self.taken - self.returned - self.withdrawn
    }
}

/// The books, and the disputes in them: which payment, how much, open?
#[derive(Clone, Debug, Default)]
pub struct Books {
    pub payments: Vec<Booked>,
    pub disputes: Vec<(usize, i64, bool)>,
    pub fees: i64,
    pub outside_refunds: usize,
}

/// Random numbers, the same for the same seed (the generator `SplitMix64`).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub fn amount(&mut self, most: i64) -> i64 {
        i64::try_from(self.below(u64::try_from(most.max(1)).unwrap())).unwrap() + 1
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(usize::try_from(self.below(all.len().max(1) as u64)).unwrap())
    }
}
