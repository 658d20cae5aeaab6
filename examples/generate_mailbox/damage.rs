//! What goes wrong with real mail: broken headers, odd ways to name the parent, late arrival.

use super::charset::Charset;
use super::clock;
use super::mail::{Form, Mail};
use super::program::Threading;
use super::thread::{Sent, Thread, odd_tokens};

/// References are cut to the first and the last ones, as most programs do.
const REFERENCES: usize = 12;

/// Breaks something in the header now and then, and says what. `answer`: it is a reply, whose
/// clock may be wrong.
pub(crate) fn to_header(
    thread: &mut Thread,
    mail: &mut Mail,
    answer: bool,
) -> Option<&'static str> {
    if mail.from.is_home() {
        return None;
    }
    let roll = thread.random.below(1_000);
    let latin = Charset::Latin1.encode(&mail.subject).is_some();
    match roll {
        0..10 => {
            mail.id = None;
            Some("no-message-id")
        }
        10..16 => {
            mail.broken_date =
                Some(*thread.random.pick(&["yesterday at noon", "Thu, 32 Foo 2025 27:00", "0"]));
            // Nobody answers it, for nobody can tell what was first.
            Some("unreadable-date")
        }
        16..24 => {
            mail.form = Form::Nul;
            Some("nul-byte")
        }
        24..38 if !mail.subject.is_ascii() => {
            mail.form = if latin && roll < 31 { Form::RawLatin1 } else { Form::Raw };
            Some("raw-8bit")
        }
        38..74 if !mail.subject.is_ascii() => {
            mail.form = Form::Split;
            Some("split-character")
        }
        74..84 => {
            mail.arrival = mail.date + thread.random.between(3_600, 4 * 86_400) as i64;
            Some("late-arrival")
        }
        84..92 if answer => {
            mail.date -= thread.random.between(6, 20) as i64 * 3_600;
            Some("clock-slow")
        }
        _ => None,
    }
}

/// Names the parent in the threading headers, in the usual form or an odd one; gives the ids that
/// a right reading finds there, and what is odd.
pub(crate) fn name_parent(
    thread: &mut Thread,
    mail: &mut Mail,
    parent: &Sent,
    threading: Threading,
) -> (Vec<String>, Option<&'static str>) {
    let id = &parent.id;
    let date = clock::header(parent.date, parent.from.zone);
    let (name, address) = (ascii(&parent.from.name), &parent.from.address);
    let outside = !mail.from.is_home() && threading != Threading::None;
    let odd = match thread.random.below(1_000) {
        0..14 if outside => Some((id.clone(), "bare-id")),
        14..34 if outside => {
            Some((format!("<{id}> ({name}'s message of\n \"{date}\")"), "comment-form"))
        }
        34..43 if outside => {
            Some((format!("Your message of \"{date}\"\n <{id}>"), "your-message-form"))
        }
        43..52 if outside => Some((
            format!("Message from {name} <{address}>\n of \"{date}\" <{id}>"),
            "address-first",
        )),
        52..60 if outside => {
            let other = format!("draft-{}@{}", thread.random.below(1_000_000), mail.from.domain());
            Some((format!("<{other}> <{id}>"), "several-ids"))
        }
        60..68 if outside => {
            let quoted = id.replace('+', "=2B").replace('_', "=5F").replace('@', "=40");
            Some((format!("=?utf-8?q?=3C{quoted}=3E?="), "encoded-id"))
        }
        68..74 if outside => {
            let (left, right) = id.split_at_checked(id.len() / 2).unwrap_or((id, ""));
            Some((format!("<{left}\n {right}>"), "folded-id"))
        }
        _ => None,
    };
    if let Some((value, what)) = odd {
        mail.in_reply_to = Some(value);
        return (vec![id.clone()], Some(what));
    }
    let mut chain = parent.references.clone();
    chain.push(id.clone());
    if chain.len() > REFERENCES {
        chain.drain(1..chain.len() + 1 - REFERENCES);
    }
    let mut what = None;
    if outside && thread.random.chance(22) {
        // A mail between the two went past this mailbox.
        let between = super::compose::new_id(&mut thread.random, &mail.from, parent.date + 900);
        chain.push(between);
        what = Some("unseen-parent");
    }
    let last = chain.last().cloned().unwrap_or_default();
    let bracketed = Some(format!("<{last}>"));
    match threading {
        Threading::Full => (mail.in_reply_to, mail.references) = (bracketed, chain.clone()),
        Threading::Last => {
            (mail.in_reply_to, mail.references) = (bracketed, vec![last]);
            return (mail.references.clone(), what);
        }
        Threading::References => mail.references = chain.clone(),
        Threading::InReplyTo => {
            mail.in_reply_to = bracketed;
            return (vec![last], what);
        }
        Threading::Bare => {
            mail.in_reply_to = Some(last.clone());
            return (vec![last], Some("bare-id"));
        }
        Threading::None => return (Vec::new(), Some("no-headers")),
    }
    (chain, what)
}

/// Writes the token in a way that people and programs do.
pub(crate) fn misspell_token(thread: &mut Thread, mail: &mut Mail) -> Option<&'static str> {
    let token = thread.token.as_ref()?;
    let odd = thread.random.pick(&odd_tokens(token)).clone();
    mail.subject = mail.subject.replace(token.as_str(), &odd);
    Some("token-odd")
}

fn ascii(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { "Customer".to_owned() }
}
