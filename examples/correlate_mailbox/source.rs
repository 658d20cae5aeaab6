//! The mails of all inputs in date order.
//!
//! Two passes: the first learns the dates. A file that is in date order is then streamed; of another
//! one the mails are read where they stand, in order of their dates. Only a packed file or a
//! directory that is out of order is held in memory.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use correspond::adapter::mail_parser;
use correspond::message::{Message, MessageLine};

use crate::notices::Notices;
use crate::support::again::Again;
use crate::support::input::{self, Found, Item, Problem};

/// A mail at its place.
pub(crate) struct Mail {
    /// Its place in the input, over all files.
    pub(crate) ordinal: usize,
    /// Its date; that of the mail before it where it has none.
    pub(crate) date: DateTime<Utc>,
    pub(crate) found: Found,
}

/// Reads what the crate needs of the mail and hands it on; the problem of a mail that is none.
pub(crate) fn with_message<T>(
    found: &Found,
    then: impl FnOnce(&Message<'_>) -> T,
) -> Result<T, Problem> {
    match &found.item {
        Item::Raw(raw) => Ok(mail_parser::with(raw, |message| then(&message))),
        Item::Line(_) => Ok(then(&Message::from(found.json::<MessageLine<'_>>()?))),
    }
}

/// One input after the first pass.
struct Survey {
    path: PathBuf,
    first: usize,
    mails: usize,
    order: Order,
}

enum Order {
    /// As it stands.
    Dates,
    /// Date, in microseconds, and offset of each mail.
    Offsets(Vec<(i64, u64)>),
    /// Out of order, and to be read front to back.
    Unsorted,
}

impl Survey {
    fn by_date(&self) -> Option<Box<dyn Iterator<Item = Mail> + '_>> {
        let streamed = || dated(&self.path, self.first, None).ok();
        Some(match &self.order {
            Order::Dates => Box::new(streamed()?),
            Order::Unsorted => {
                let mut all = Vec::with_capacity(self.mails);
                all.extend(streamed()?);
                all.sort_by_key(|mail| (mail.date, mail.ordinal));
                Box::new(all.into_iter())
            }
            Order::Offsets(places) => {
                let mut again = Again::open(&self.path)?;
                let mut order: Vec<usize> = (0..places.len()).collect();
                order.sort_by_key(|at| (places.get(*at).map(|(date, _)| *date), *at));
                Box::new(order.into_iter().filter_map(move |at| {
                    let (date, offset) = *places.get(at)?;
                    let end = places.get(at + 1).map(|(_, offset)| *offset);
                    let found = again.mail(offset, end)?;
                    let date = DateTime::from_timestamp_micros(date)?;
                    Some(Mail { ordinal: self.first + at, date, found })
                }))
            }
        })
    }
}

/// All inputs, surveyed.
pub(crate) struct Sources {
    surveys: Vec<Survey>,
    pub(crate) mails: usize,
}

/// The mails of one input, each with its date; what is wrong with them is noted on the way.
fn dated<'a>(
    path: &Path,
    first: usize,
    notices: Option<&'a Notices>,
) -> Result<impl Iterator<Item = Mail> + use<'a>, Problem> {
    let mut ordinal = first;
    let mut last = DateTime::UNIX_EPOCH;
    Ok(input::open(path)?.filter_map(move |found| {
        let read = found.and_then(|found| {
            let date = with_message(&found, |message| {
                if let Some(notices) = notices {
                    notices.defects(&found.at, message);
                }
                message.date()
            })?;
            Ok((found, date))
        });
        match read {
            Ok((found, date)) => {
                last = date.unwrap_or(last);
                ordinal += 1;
                Some(Mail { ordinal: ordinal - 1, date: last, found })
            }
            Err(problem) => {
                if let Some(notices) = notices {
                    notices.problem(&problem);
                }
                None
            }
        }
    }))
}

impl Sources {
    /// The first pass over every input; what is wrong is noted here, once. Inputs that cannot be
    /// opened are left out.
    pub(crate) fn survey(paths: &[PathBuf], notices: &Notices) -> Self {
        let mut sources = Self { surveys: Vec::new(), mails: 0 };
        for path in paths {
            let first = sources.mails;
            let mails = match dated(path, first, Some(notices)) {
                Ok(mails) => mails,
                Err(problem) => {
                    notices.unopened(&problem);
                    continue;
                }
            };
            let (mut places, mut in_order, mut last) = (Vec::new(), true, i64::MIN);
            for mail in mails {
                let date = mail.date.timestamp_micros();
                in_order &= last <= date;
                last = date;
                places.push((date, mail.found.at.offset));
            }
            let count = places.len();
            let order = if in_order {
                Order::Dates
            } else if Again::open(path).is_some() {
                Order::Offsets(places)
            } else {
                Order::Unsorted
            };
            sources.mails += count;
            sources.surveys.push(Survey { path: path.clone(), first, mails: count, order });
        }
        sources
    }

    /// The second pass: every mail, by date, then by place in the input.
    pub(crate) fn by_date(&self) -> impl Iterator<Item = Mail> + '_ {
        let mut heads: Vec<_> = self
            .surveys
            .iter()
            .filter_map(|survey| {
                // Opened a minute ago; one that is gone now has no mails left.
                let mut mails = survey.by_date()?;
                mails.next().map(|head| (head, mails))
            })
            .collect();
        std::iter::from_fn(move || {
            let earliest = (0..heads.len()).min_by_key(|at| {
                let head = &heads[*at].0;
                (head.date, head.ordinal)
            })?;
            let (head, rest) = &mut heads[earliest];
            match rest.next() {
                Some(next) => Some(std::mem::replace(head, next)),
                None => Some(heads.remove(earliest).0),
            }
        })
    }
}
