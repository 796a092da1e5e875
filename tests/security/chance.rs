//! Chance by a seed: the same seed, the same requests on every machine.

/// Set to a number to look further than the seed below does.
const VARIABLE: &str = "WAYBILL_SEED";
const SEED: u64 = 20_261_130;

/// A generator of numbers (`SplitMix64`).
pub struct Chance(u64);

impl Chance {
    /// By the seed of this run, which is printed.
    pub fn of_this_run() -> Self {
        let told = std::env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
        let seed = told.unwrap_or(SEED);
        println!("seed {seed}: {VARIABLE}={seed} plays it again");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    /// One of them.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A word that stands nowhere else: what was sent is known by it.
    pub fn word(&mut self) -> String {
        format!("zq{:016x}", self.next())
    }
}
