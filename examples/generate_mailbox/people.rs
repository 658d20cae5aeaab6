//! Who writes: agents and queues of one organisation, its customers, mailing lists, third parties.
//! Everybody is made from a number, so a million people need no memory.

use std::rc::Rc;

use super::language::{Language, Name, languages};
use super::program::{Program, programs};
use super::random::Random;

/// The organisation whose mailbox this is.
pub(crate) const HOME: &str = "tidewell.example";
pub(crate) const LISTS: [(&str, &str); 3] =
    [("users", "tide-users"), ("partners", "Partners"), ("beta", "beta-42")];
pub(crate) const PRODUCTS: [&str; 8] = [
    "Tidewell 300",
    "Tidewell 550",
    "PumpView",
    "FlowDesk 2",
    "Sluice Pro",
    "BuoyLink",
    "Weir Mini",
    "GaugeCloud",
];
const QUEUES: [(&str, &str); 2] = [("Tidewell Support", "support"), ("Tidewell Sales", "sales")];
const DOMAIN_FIRST: [&str; 16] = [
    "amberfield",
    "brackwater",
    "copperlane",
    "driftwood",
    "eastmoor",
    "fernbridge",
    "glasswing",
    "heronsgate",
    "ironvale",
    "junipertop",
    "kelpshore",
    "larkspur",
    "millpond",
    "northbeck",
    "oakhollow",
    "pebblecross",
];
const DOMAIN_LAST: [&str; 12] = [
    "tools", "foods", "optics", "clinic", "freight", "energy", "press", "school", "farms", "parts",
    "labs", "print",
];
const FREE_MAIL: [&str; 3] = ["postbox.example", "quickmail.test", "mailhaven.invalid"];
/// What gateways write before a subject that came from outside, as often as real mail has it.
const GATEWAYS: [(u64, &str); 9] = [
    (40, "[EXT]"),
    (35, "[EXTERNAL]"),
    (6, "[External mail]"),
    (5, "(EXT)"),
    (4, "[extern]"),
    (3, "[SPAM]"),
    (3, "*** SPAM ***"),
    (3, "[External Email]"),
    (2, "EXT:"),
];

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Agent,
    Queue,
    Customer,
    List,
}

/// Somebody with an address.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) side: Side,
    pub(crate) zone: i64,
    pub(crate) language: Rc<Language>,
    pub(crate) program: Rc<Program>,
    /// The tag that the gateway of this person's organisation adds to mail from outside.
    pub(crate) gateway: Option<&'static str>,
}

impl Person {
    pub(crate) fn domain(&self) -> &str {
        self.address.rsplit('@').next().unwrap_or_default()
    }

    pub(crate) fn is_home(&self) -> bool {
        matches!(self.side, Side::Agent | Side::Queue)
    }
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct People {
    seed: u64,
    languages: Vec<Rc<Language>>,
    programs: Vec<Rc<Program>>,
    pub(crate) agents: u64,
    pub(crate) customers: u64,
    domains: u64,
}

impl People {
    /// As many as a mailbox of so many mails needs: 12 agents and 300 customers at 80 domains for
    /// 2,000. There are never more than 900 agents, for their numbers have three digits.
    ///
    /// # Errors
    /// The phrases or programs could not be read.
    pub(crate) fn new(seed: u64, mails: u64) -> Result<Self, String> {
        Ok(Self {
            seed,
            languages: languages()?,
            programs: programs()?,
            agents: (mails * 12 / 2_000).clamp(12, 900),
            customers: (mails * 300 / 2_000).max(300),
            domains: (mails * 77 / 2_000).max(77),
        })
    }

    pub(crate) fn english(&self) -> Rc<Language> {
        let english = self.languages.iter().find(|language| language.code == "en");
        english.or_else(|| self.languages.first()).map(Rc::clone).unwrap_or_default()
    }

    pub(crate) fn program(&self, name: &str) -> Option<Rc<Program>> {
        self.programs.iter().find(|program| program.name == name).map(Rc::clone)
    }

    /// An agent of the organisation, whose CRM number is `index` + 1.
    pub(crate) fn agent(&self, index: u64) -> Rc<Person> {
        let mut random = Random::of(self.seed, 1, index);
        let language = self.language(&mut random);
        let (name, latin) = name(&language, index);
        let address = format!("{latin}{}@{HOME}", numbered(index));
        // The organisation has Outlook; every third agent writes with something else.
        let outlook = self.programs.iter().find(|p| p.thread_index && p.language == language.code);
        let program = match outlook {
            Some(program) if !random.chance(333) => Rc::clone(program),
            _ => self.program_for(&language, &mut random, true),
        };
        Rc::new(Person {
            name,
            address,
            side: Side::Agent,
            zone: 60,
            language,
            program,
            gateway: None,
        })
    }

    pub(crate) fn queue(&self, index: u64) -> Option<Rc<Person>> {
        let (name, local) = QUEUES.get(index as usize % QUEUES.len())?;
        Some(Rc::new(Person {
            name: (*name).to_owned(),
            address: format!("{local}@{HOME}"),
            side: Side::Queue,
            zone: 60,
            language: Rc::clone(self.languages.first()?),
            program: self.program("thunderbird")?,
            gateway: None,
        }))
    }

    pub(crate) fn list(&self, index: u64) -> Option<(Rc<Person>, &'static str)> {
        let (local, tag) = LISTS.get(index as usize % LISTS.len())?;
        let person = Person {
            name: (*tag).to_owned(),
            address: format!("{local}@lists.{HOME}"),
            side: Side::List,
            zone: 0,
            language: Rc::clone(self.languages.first()?),
            program: self.program("mutt")?,
            gateway: None,
        };
        Some((Rc::new(person), tag))
    }

    /// A customer. Those of one domain share language, gateway and often the mail program.
    pub(crate) fn customer(&self, index: u64) -> Rc<Person> {
        let index = index % self.customers;
        let free = index % 6 == 5;
        // Neighbours in a domain are `domains` apart.
        let domain = index % self.domains;
        let mut company =
            Random::of(self.seed, 2, if free { self.domains + index } else { domain });
        let language = self.language(&mut company);
        let shared = self.program_for(&language, &mut company, true);
        let tagged = company.chance(160);
        let gateway = company.weighted(&GATEWAYS, |(weight, _)| *weight).1;
        let mut random = Random::of(self.seed, 3, index);
        let (name, latin) = name(&language, random.next() >> 8);
        let address = if free {
            let host = random.pick(&FREE_MAIL);
            format!("{latin}{index}@{host}")
        } else {
            format!("{latin}{}@{}", numbered(index / self.domains / 40), domain_name(domain))
        };
        let own = free || random.chance(300);
        let program = if own { self.program_for(&language, &mut random, !free) } else { shared };
        Rc::new(Person {
            name,
            address,
            side: Side::Customer,
            zone: *company.pick(&language.zones),
            language,
            program,
            gateway: (tagged && !free).then_some(gateway),
        })
    }

    /// Another customer at the same domain, where there is one.
    pub(crate) fn colleague(&self, index: u64) -> Rc<Person> {
        self.customer(index % self.customers + self.domains)
    }

    /// Somebody who is no customer: a supplier, a stranger.
    pub(crate) fn third_party(&self, index: u64) -> Rc<Person> {
        let mut random = Random::of(self.seed, 4, index);
        let language = self.language(&mut random);
        let (name, latin) = name(&language, random.next() >> 8);
        let program = self.program_for(&language, &mut random, true);
        Rc::new(Person {
            name,
            address: format!("{latin}@supplier{}.test", index % 41 + 1),
            side: Side::Customer,
            zone: *random.pick(&language.zones),
            language,
            program,
            gateway: None,
        })
    }

    fn language(&self, random: &mut Random) -> Rc<Language> {
        Rc::clone(random.weighted(&self.languages, |language| language.weight))
    }

    /// A program set to the language; no Outlook outside companies.
    fn program_for(&self, language: &Language, random: &mut Random, company: bool) -> Rc<Program> {
        Rc::clone(random.weighted(&self.programs, |program| {
            let local = program.language == language.code && (company || !program.thread_index);
            if local || program.language == "*" { program.weight } else { 0 }
        }))
    }
}

/// A name as displayed, and the local part made of it.
fn name(language: &Language, index: u64) -> (String, String) {
    let of = |names: &[Name], at: u64| names.get(at as usize % names.len().max(1)).copied();
    let count = language.first.len().max(1) as u64;
    let (Some(first), Some(last)) = (of(&language.first, index), of(&language.last, index / count))
    else {
        return (String::new(), "nobody".into());
    };
    let written = match language.code {
        "zh" | "ko" => format!("{}{}", last.written, first.written),
        "ja" => format!("{} {}", last.written, first.written),
        _ => format!("{} {}", first.written, last.written),
    };
    // Every third writes their name in Latin letters.
    let latin = format!("{} {}", first.latin, last.latin);
    let display = if index % 3 == 2 { latin.clone() } else { written };
    (display, plain(&latin))
}

/// Lower-case ASCII, a dot between the names.
fn plain(name: &str) -> String {
    name.chars()
        .filter_map(|c| match c {
            ' ' => Some('.'),
            'ä' | 'á' | 'ã' | 'å' | 'ą' => Some('a'),
            'ç' | 'Ç' | 'ć' => Some('c'),
            'é' | 'è' | 'ê' | 'ę' => Some('e'),
            'ğ' => Some('g'),
            'í' | 'ı' => Some('i'),
            'ł' | 'Ł' => Some('l'),
            'ñ' => Some('n'),
            'ö' | 'ó' | 'ô' => Some('o'),
            'ş' | 'ś' => Some('s'),
            'ü' => Some('u'),
            'ż' => Some('z'),
            _ if c.is_ascii_alphabetic() => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

fn numbered(index: u64) -> String {
    if index < 40 { String::new() } else { index.to_string() }
}

fn domain_name(index: u64) -> String {
    let first = DOMAIN_FIRST.get(index as usize % DOMAIN_FIRST.len()).unwrap_or(&"a");
    let last = DOMAIN_LAST.get(index as usize / 7 % DOMAIN_LAST.len()).unwrap_or(&"b");
    let tld = match index % 10 {
        0..7 => "example",
        7..9 => "test",
        _ => "invalid",
    };
    let number = index / (DOMAIN_FIRST.len() * DOMAIN_LAST.len()) as u64;
    if number == 0 {
        format!("{first}-{last}.{tld}")
    } else {
        format!("{first}-{last}{number}.{tld}")
    }
}
