//! What does a segment of contacts look like to whoever sends it a mail?
//!
//! A [`Segment`] draws one raw address after another, as forms, imports and salespeople left them:
//!
//! | rows | of | are |
//! |---|---|---|
//! | 30 % | all | of a mailbox that an earlier row has, spelt anew |
//! | 15 % | all | in mixed or upper case |
//! | 3 % | all | with white space around, a fifth of that U+00A0 |
//! | 5 % | all | with a display name |
//! | 2 % | mailboxes | internationalised domains: 30 % of their rows as A-label, 5 % decomposed (NFD) |
//!
//! A row has about 28 octets. How many mailboxes there are is known from how the rows are made, not by
//! counting keys: each mailbox has a number, and no two numbers have the same address ([`Mailbox`]
//! says why).

use std::io::{self, Write};

mod words;

use words::{FIRST, INTERNATIONAL, LAST, PROVIDER, SYLLABLE, WORD};

/// Of a thousand rows.
const DUPLICATES: u64 = 300;
const MIXED_CASE: u64 = 150;
const WHITE_SPACE: u64 = 30;
const DISPLAY_NAME: u64 = 50;
/// Of a thousand mailboxes.
const IDN: u64 = 20;
/// Of a thousand rows of those.
const A_LABEL: u64 = 300;
const NFD: u64 = 50;

/// Rows and mailboxes are numbered in 32 bits.
pub const MAX_ROWS: u64 = 1 << 32;

/// One step of SplitMix64 (Steele, Lea and Flood, 2014): a bijection that leaves no pattern.
#[must_use]
pub const fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Numbers that are the same for the same seed.
#[derive(Clone, Debug)]
struct Draw(u64);

impl Draw {
    fn bits(&mut self) -> u64 {
        let bits = mix(self.0);
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        bits
    }

    /// A number below `n`, which is at most 2^32.
    fn below(&mut self, n: u64) -> u64 {
        ((self.bits() >> 32) * n) >> 32
    }

    /// True for so many of a thousand.
    fn mille(&mut self, n: u64) -> bool {
        self.below(1000) < n
    }
}

/// What is true of the rows that were drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    pub rows: u64,
    /// Of all rows, without line ends.
    pub octets: u64,
    /// Mailboxes that have a row.
    pub distinct: u64,
    /// The wrapping sum of [`mix`] over the numbers of the rows, from 0, that are the first of their
    /// mailbox: who keeps the first of each and nobody else has the same sum.
    pub firsts: u64,
    pub mixed_case: u64,
    pub white_space: u64,
    pub no_break_space: u64,
    pub display_name: u64,
    pub idn: u64,
    pub a_label: u64,
    pub nfd: u64,
}

/// A mailbox, by what makes its address.
///
/// Its number is scattered over 32 bits by a bijection, and those are dealt out without remainder: 6
/// to a first name, 6 to a last name, 3 to a pattern, 17 to a number in the address. Patterns have
/// different separators or a different order, the two lists of names share none, names are of
/// letters and numbers are of digits: the local part can be read back. So numbers that differ have
/// local parts that differ, whatever the domain, and in lower-case ASCII, so that no folding merges
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mailbox {
    first: &'static str,
    last: &'static str,
    pattern: u32,
    number: u32,
    domain: u64,
}

fn of<'a>(words: &[&'a str; 64], bits: u64) -> &'a str {
    words[(bits % 64) as usize]
}

impl Mailbox {
    /// The mailbox with a number: the same for the same seed.
    #[must_use]
    pub fn new(seed: u64, number: u32) -> Self {
        // Each line a bijection of 32 bits.
        let mut bits = number.wrapping_add(mix(seed) as u32);
        bits = (bits ^ (bits >> 16)).wrapping_mul(0x7feb_352d);
        bits = (bits ^ (bits >> 15)).wrapping_mul(0x846c_a68b);
        bits ^= bits >> 16;
        Self {
            first: of(&FIRST, bits.into()),
            last: of(&LAST, (bits >> 6).into()),
            pattern: (bits >> 12) & 7,
            number: bits >> 15,
            domain: mix(seed ^ (u64::from(number) << 32)),
        }
    }

    /// The three spellings of an internationalised domain: U-label, A-label, decomposed U-label.
    fn international(&self) -> Option<[&'static str; 3]> {
        let idn = ((self.domain >> 32) * 1000) >> 32 < IDN;
        idn.then(|| INTERNATIONAL[(self.domain % INTERNATIONAL.len() as u64) as usize])
    }

    fn push_local(&self, out: &mut String) {
        let Self { first, last, pattern, number, .. } = *self;
        let (one, separator, two, dot) = match pattern {
            0 => (first, ".", last, ""),
            1 => (first, "_", last, ""),
            2 => (first, "-", last, ""),
            3 => (last, ".", first, ""),
            4 => (last, "_", first, ""),
            5 => (last, "-", first, ""),
            6 => (first, ".", last, "."),
            _ => (first, ".", last, "+"),
        };
        for part in [one, separator, two, dot] {
            out.push_str(part);
        }
        push_number(number, out);
    }

    fn push_domain(&self, out: &mut String) {
        let bits = self.domain;
        if bits % 20 < 11 {
            out.push_str(PROVIDER[(bits / 20 % PROVIDER.len() as u64) as usize]);
        } else {
            out.push_str(of(&WORD, bits / 20));
            out.push_str(of(&SYLLABLE, bits / 1280));
            out.push_str(".example");
        }
    }

    /// The address as its owner would dictate it: lower case, the domain as U-label in NFC.
    pub fn push(&self, out: &mut String) {
        self.push_local(out);
        out.push('@');
        match self.international() {
            Some([u_label, ..]) => out.push_str(u_label),
            None => self.push_domain(out),
        }
    }
}

fn push_number(number: u32, out: &mut String) {
    let mut digits = [0; 10];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend(digits[start..].iter().map(|digit| char::from(*digit)));
}

fn push_capital(word: &str, out: &mut String) {
    let start = out.len();
    out.push_str(word);
    out[start..start + 1].make_ascii_uppercase();
}

fn upper_case(out: &mut String, start: usize) {
    if out[start..].is_ascii() {
        out[start..].make_ascii_uppercase();
    } else {
        let upper: String = out[start..].chars().flat_map(char::to_uppercase).collect();
        out.truncate(start);
        out.push_str(&upper);
    }
}

/// Raw addresses, a row at a time.
#[derive(Clone, Debug)]
pub struct Segment {
    seed: u64,
    left: u64,
    draw: Draw,
    truth: Truth,
}

impl Segment {
    /// The first rows of a seed: a longer segment begins with the shorter one.
    ///
    /// # Panics
    ///
    /// For more than [`MAX_ROWS`].
    #[must_use]
    pub fn new(rows: u64, seed: u64) -> Self {
        assert!(rows <= MAX_ROWS, "expected at most {MAX_ROWS} rows, found {rows}");
        Self { seed, left: rows, draw: Draw(mix(seed ^ 0x5e9)), truth: Truth::default() }
    }

    /// What is true of the rows drawn until now.
    #[must_use]
    pub const fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Appends the next row and returns the number of its mailbox; `None` after the last.
    pub fn push_next(&mut self, out: &mut String) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let known = self.truth.distinct;
        let number = if known > 0 && self.draw.mille(DUPLICATES) {
            self.draw.below(known)
        } else {
            self.truth.firsts = self.truth.firsts.wrapping_add(mix(self.truth.rows));
            self.truth.distinct += 1;
            known
        } as u32;
        let start = out.len();
        self.push_spelt(Mailbox::new(self.seed, number), out);
        self.truth.rows += 1;
        self.truth.octets += (out.len() - start) as u64;
        Some(number)
    }

    fn push_spelt(&mut self, mailbox: Mailbox, out: &mut String) {
        let space = self.draw.mille(WHITE_SPACE).then(|| self.space());
        let (before, after) = space.unwrap_or_default();
        out.push_str(before);
        if self.draw.mille(DISPLAY_NAME) {
            self.truth.display_name += 1;
            if self.draw.mille(700) {
                push_capital(mailbox.first, out);
                out.push(' ');
                push_capital(mailbox.last, out);
                out.push_str(" <");
            } else {
                out.push('"');
                push_capital(mailbox.last, out);
                out.push_str(", ");
                push_capital(mailbox.first, out);
                out.push_str("\" <");
            }
            self.push_address(&mailbox, out);
            out.push('>');
        } else {
            self.push_address(&mailbox, out);
        }
        out.push_str(after);
    }

    fn push_address(&mut self, mailbox: &Mailbox, out: &mut String) {
        let start = out.len();
        mailbox.push_local(out);
        let at = out.len();
        out.push('@');
        match mailbox.international() {
            Some([u_label, a_label, nfd]) => {
                self.truth.idn += 1;
                let spelling = self.draw.below(1000);
                out.push_str(if spelling < A_LABEL {
                    self.truth.a_label += 1;
                    a_label
                } else if spelling < A_LABEL + NFD {
                    self.truth.nfd += 1;
                    nfd
                } else {
                    u_label
                });
            }
            None => mailbox.push_domain(out),
        }
        if self.draw.mille(MIXED_CASE) {
            self.truth.mixed_case += 1;
            match self.draw.below(4) {
                0 => upper_case(out, start),
                1 => upper_case(out, at),
                2 => out[start..=start].make_ascii_uppercase(),
                _ => {
                    // A slip of the finger; the shortest local part has four characters.
                    let slip = start + self.draw.below(3) as usize;
                    out[slip..=slip].make_ascii_uppercase();
                }
            }
        }
    }

    /// What stands before and behind.
    fn space(&mut self) -> (&'static str, &'static str) {
        self.truth.white_space += 1;
        if self.draw.mille(200) {
            self.truth.no_break_space += 1;
            return if self.draw.mille(500) { ("\u{a0}", "") } else { ("", "\u{a0}") };
        }
        match self.draw.below(5) {
            0 => (" ", ""),
            1 => ("", " "),
            2 => ("", "  "),
            3 => ("\t", ""),
            _ => (" ", " "),
        }
    }

    /// Writes what is left, one row a line, in pieces of a megabyte.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn write_to(mut self, mut out: impl Write) -> io::Result<Truth> {
        const PIECE: usize = 1 << 20;
        let mut piece = String::with_capacity(PIECE + 512);
        while self.push_next(&mut piece).is_some() {
            piece.push('\n');
            if piece.len() >= PIECE {
                out.write_all(piece.as_bytes())?;
                piece.clear();
            }
        }
        out.write_all(piece.as_bytes())?;
        out.flush()?;
        Ok(self.truth)
    }

    /// What is left, one row a line.
    #[must_use]
    pub fn into_text(mut self) -> (String, Truth) {
        let mut text = String::with_capacity(self.left as usize * 32);
        while self.push_next(&mut text).is_some() {
            text.push('\n');
        }
        (text, self.truth)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use correspond::address;

    use super::*;

    const ROWS: u64 = 100_000;

    /// Asked of the crate, whose answer does not come from here.
    fn key(row: &str) -> String {
        let mailbox = address::Mailbox::parse(row);
        mailbox.unwrap_or_else(|error| panic!("{row:?}: {error}")).address().key()
    }

    #[test]
    fn rows_of_one_mailbox_and_they_alone_have_one_key() {
        let mut segment = Segment::new(ROWS, 7);
        let (mut row, mut of_key, mut of_mailbox) = (String::new(), HashMap::new(), HashMap::new());
        while let Some(mailbox) = segment.push_next(&mut row) {
            let key = key(&row);
            assert_eq!(*of_key.entry(key.clone()).or_insert(mailbox), mailbox, "{row}");
            assert_eq!(*of_mailbox.entry(mailbox).or_insert_with(|| key.clone()), key, "{row}");
            row.clear();
        }
        assert_eq!(of_key.len() as u64, segment.truth().distinct);
        assert_eq!(segment.truth().rows, ROWS);
    }

    #[test]
    fn the_first_rows_are_known_too() {
        let (text, truth) = Segment::new(ROWS, 8).into_text();
        let mut seen = HashSet::new();
        let firsts = text.lines().zip(0..).filter(|(row, _)| seen.insert(key(row)));
        let sum = firsts.fold(0_u64, |sum, (_, number)| sum.wrapping_add(mix(number)));
        assert_eq!(sum, truth.firsts);
    }

    #[test]
    fn the_mix_is_as_told() {
        let (text, truth) = Segment::new(ROWS, 9).into_text();
        // Counted in the text where it shows there, so that what is told is also what is written.
        let rows: Vec<&str> = text.lines().collect();
        let count = |shows: fn(&&&str) -> bool| rows.iter().filter(shows).count() as u64;
        assert_eq!(count(|row| row.trim() != **row), truth.white_space);
        assert_eq!(count(|row| row.contains('\u{a0}')), truth.no_break_space);
        assert_eq!(count(|row| row.contains('<')), truth.display_name);
        let lower = |row: &str| row.to_ascii_lowercase();
        assert_eq!(count(|row| !row.trim_matches('\u{a0}').is_ascii()), truth.idn - truth.a_label);
        assert_eq!(
            rows.iter().filter(|row| lower(row).contains("@xn--")).count() as u64,
            truth.a_label
        );
        assert_eq!(rows.iter().map(|row| row.len() as u64).sum::<u64>(), truth.octets);
        assert_eq!(rows.len() as u64, truth.rows);

        let share = |found: u64, of: u64, expected: f64| {
            let (share, tolerance) =
                (found as f64 / of as f64, 4.0 * (expected / of as f64).sqrt());
            assert!((share - expected).abs() < tolerance, "{share}, expected {expected}");
        };
        share(truth.rows - truth.distinct, truth.rows, 0.30);
        share(truth.mixed_case, truth.rows, 0.15);
        share(truth.white_space, truth.rows, 0.03);
        share(truth.no_break_space, truth.white_space, 0.2);
        share(truth.display_name, truth.rows, 0.05);
        share(truth.idn, truth.rows, 0.02);
        share(truth.a_label, truth.idn, 0.3);
        share(truth.nfd, truth.idn, 0.05);
        let mean = truth.octets as f64 / truth.rows as f64;
        assert!((27.5..29.0).contains(&mean), "{mean}");
    }

    #[test]
    fn names_can_be_told_apart() {
        let names: HashSet<&str> = FIRST.into_iter().chain(LAST).collect();
        assert_eq!(names.len(), FIRST.len() + LAST.len());
        assert!(names.iter().all(|name| name.bytes().all(|letter| letter.is_ascii_lowercase())));
    }

    #[test]
    fn numbers_have_addresses_of_their_own() {
        // The ends, and numbers that differ in high bits alone.
        let numbers: HashSet<u32> = (0..20_000)
            .chain(u32::MAX - 20_000..=u32::MAX)
            .chain((0..1 << 16).map(|high| high << 16))
            .collect();
        let address = |number: &u32| {
            let mut address = String::new();
            Mailbox::new(3, *number).push(&mut address);
            address
        };
        let addresses: HashSet<String> = numbers.iter().map(address).collect();
        assert_eq!(addresses.len(), numbers.len());
    }

    #[test]
    fn a_seed_says_it_all() {
        let (text, truth) = Segment::new(2_000, 1).into_text();
        assert_eq!(Segment::new(2_000, 1).into_text(), (text.clone(), truth));
        assert_ne!(Segment::new(2_000, 2).into_text().0, text);
        assert!(text.starts_with(&Segment::new(1_000, 1).into_text().0));
        let mut written = Vec::new();
        assert_eq!(Segment::new(2_000, 1).write_to(&mut written).unwrap(), truth);
        assert_eq!(written, text.as_bytes());
    }
}
