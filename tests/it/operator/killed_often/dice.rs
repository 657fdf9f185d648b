//! Numbers that look random and are the same for the same seed.

/// Where they have got to.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Less than `sides`.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    /// How long a daemon lives, in ms: it is killed as it starts, in its first round, and later.
    pub(super) fn lifetime(&mut self) -> i64 {
        let (from, sides) = [(0, 60), (60, 240), (300, 900), (1200, 1800)][self.place(4)];
        i64::try_from(from + self.roll(sides)).unwrap()
    }

    /// How long it lives on after many messages at once, in ms: it is killed as it wakes.
    pub(super) fn moment(&mut self) -> i64 {
        i64::try_from(30 + self.roll(150)).unwrap()
    }

    /// A place in a list of so many.
    pub(super) fn place(&mut self, of: usize) -> usize {
        usize::try_from(self.roll(of.try_into().unwrap())).unwrap()
    }
}
