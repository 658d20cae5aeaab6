//! People, and how they write their addresses and names.
//!
//! What is the same person is decided here a second time, without the crate: from what is written
//! alone, by the few letters that these people have.

use crate::random::Random;

/// Small letter, capital, and both as a base with a mark.
const LETTERS: [(char, char, char, char); 4] = [
    ('ö', 'Ö', 'o', '\u{308}'),
    ('ü', 'Ü', 'u', '\u{308}'),
    ('é', 'É', 'e', '\u{301}'),
    ('í', 'Í', 'i', '\u{301}'),
];

const DOMAINS: [&str; 3] = ["home.example", "bücher.example", "mail.home.example"];

/// The second name of the second domain.
const ASCII_NAME: (&str, &str) = ("xn--bcher-kva", "bücher");

/// Those who have an address of their own.
const ALONE: [(&str, &str); 4] =
    [("ann", "lee"), ("jürg", "weiß"), ("mary ann", "o'neil"), ("josé", "müller")];

/// Those who share one: three people whom only an accent tells apart.
const FAMILY: [(&str, &str); 3] = [("josé", "garcía"), ("jose", "garcía"), ("josé", "garcia")];

/// What people put around what they paste.
const AROUND: [&str; 6] = ["", "", " ", "\t ", "\u{a0}", "\u{200b} "];

/// Somebody who submits forms, in small letters.
#[derive(Clone, Debug)]
pub struct Person {
    pub address: String,
    pub first: &'static str,
    pub last: &'static str,
}

/// Who has the address of this number: mostly one, of each eighth a family.
pub fn household(number: usize) -> Vec<Person> {
    // Straße and Strasse are two streets: of such addresses there are pairs.
    let local = ["ann.lee", "strauß", "strauss", "jöhn"][number % 4];
    let pair = number / 4;
    let address = format!("{local}{pair}@{}", DOMAINS[pair % DOMAINS.len()]);
    let names = match number % 8 {
        5 => &FAMILY[..],
        other => std::slice::from_ref(&ALONE[other % ALONE.len()]),
    };
    let person = |(first, last): &(&'static str, &'static str)| Person {
        address: address.clone(),
        first,
        last,
    };
    names.iter().map(person).collect()
}

/// The text as somebody may write it.
pub fn spelled(text: &str, random: &mut Random) -> String {
    let capitals = random.below(3);
    let composed = random.once_in(2);
    let mut spelled = random.of(&AROUND).to_owned();
    for c in text.chars() {
        let capital = capitals == 1 || capitals == 2 && random.once_in(2);
        match LETTERS.iter().find(|letter| letter.0 == c) {
            Some((small, large, ..)) if composed => {
                spelled.push(if capital { *large } else { *small });
            }
            Some((_, _, base, mark)) => {
                spelled.push(if capital { base.to_ascii_uppercase() } else { *base });
                spelled.push(*mark);
            }
            None if c == 'ß' && capital => spelled.push('ẞ'),
            None if capital => spelled.push(c.to_ascii_uppercase()),
            None => spelled.push(c),
        }
    }
    spelled + random.of(&AROUND)
}

/// The address as somebody may write it.
pub fn spelled_address(address: &str, random: &mut Random) -> String {
    let (name, label) = ASCII_NAME;
    if random.once_in(2) {
        spelled(&address.replace(label, name), random)
    } else {
        spelled(address, random)
    }
}

/// What was meant: [`spelled`] undone.
pub fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.trim_matches(|c: char| c.is_whitespace() || c == '\u{200b}').chars() {
        let marked = LETTERS.iter().find(|letter| letter.3 == c && plain.ends_with(letter.2));
        if let Some((small, ..)) = marked {
            plain.pop();
            plain.push(*small);
            continue;
        }
        plain.push(match c {
            'ẞ' => 'ß',
            c => LETTERS
                .iter()
                .find(|letter| letter.1 == c)
                .map_or(c.to_ascii_lowercase(), |letter| letter.0),
        });
    }
    plain
}

/// What was meant: [`spelled_address`] undone.
pub fn plain_address(text: &str) -> String {
    let (name, label) = ASCII_NAME;
    plain(text).replace(name, label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn whatever_is_written_it_is_known_who_is_meant() {
        let mut random = Random::new(1);
        let people: Vec<Person> = (0..200).flat_map(household).collect();
        let mut known = HashSet::new();
        let mut spellings = HashSet::new();
        for Person { address, first, last } in &people {
            assert!(
                known.insert((address, first, last)),
                "{address} {first} {last} is there twice"
            );
            for _ in 0..20 {
                let written = spelled_address(address, &mut random);
                assert_eq!(plain_address(&written), *address);
                spellings.insert(written);
                for name in [first, last] {
                    assert_eq!(plain(&spelled(name, &mut random)), *name);
                }
            }
        }
        assert!(spellings.len() > people.len() * 10, "{}", spellings.len());
    }
}
