//! From mail to mail: filed, and printed.

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, Write};

use correspond::correlation::{Correlator, Outcome, Verdict};
use correspond::flow::{Arrival, file_with};
use correspond::id::{RecordId, TenantId};
use correspond::message::Message;
use correspond::store::{Blocking, Immediate, MessageIndex, Store, StoreError};

use crate::activity::Activity;
use crate::entry::{Entry, Links};
use crate::listing::Listing;
use crate::names::Names;
use crate::notices::Notices;
use crate::options::{Format, Options};
use crate::progress::Progress;
use crate::report::{self, InOrder, Summary};
use crate::source::{Mail, Sources, with_message};

/// Whose mail it is; a mailbox has but one owner.
pub(crate) const TENANT: TenantId = TenantId::new(1);

/// What was filed so far, and what is printed of it.
pub(crate) struct Run<'a, S, N> {
    options: &'a Options,
    correlator: Correlator,
    store: &'a Blocking<S>,
    names: N,
    listing: Listing,
    summary: Summary,
}

impl<'a, S: Store + MessageIndex + Immediate, N: Names> Run<'a, S, N> {
    pub(crate) fn new(
        options: &'a Options,
        correlator: Correlator,
        store: &'a Blocking<S>,
        names: N,
        listing: Listing,
    ) -> Self {
        Self { options, correlator, store, names, listing, summary: Summary::default() }
    }

    /// True where every input could be opened.
    pub(crate) fn run(mut self) -> Result<bool, Box<dyn Error>> {
        let options = self.options;
        let notices = Notices::new(options.defects);
        let sources = Sources::survey(&options.paths, &notices);
        notices.finish();
        let progress = Progress::new(sources.mails, options.format == Format::Jsonl);
        let out = io::stdout().lock();
        let mut lines = InOrder::new(BufWriter::new(out));
        for (done, mail) in sources.by_date().enumerate() {
            let filed = with_message(&mail.found, |message| self.file(message, &mail));
            // Read once already: a mail that cannot be read any more was reported then.
            let Ok(filed) = filed else { continue };
            let (id, verdict) = filed?;
            let wanted = options.explain.is_some() && options.explain == id;
            if wanted {
                drop(progress);
                let id = id.as_deref().unwrap_or_default();
                report::explain(&mut io::stdout(), id, &verdict, &self.names)?;
                return Ok(notices.all_opened());
            }
            if options.format == Format::Jsonl && options.explain.is_none() {
                let line = report::json_line(id.as_deref(), &verdict, &self.names)?;
                lines.line(mail.ordinal, line)?;
            }
            progress.at(done + 1);
        }
        lines.finish()?;
        drop(progress);
        if let Some(id) = &options.explain {
            return Err(format!("expected a mail with Message-ID <{id}>, found none").into());
        }
        self.finish(&notices.counts())?;
        Ok(notices.all_opened())
    }

    fn file(
        &mut self,
        message: &Message<'_>,
        mail: &Mail,
    ) -> Result<(Option<String>, Verdict), Box<dyn Error>> {
        let (names, correlator) = (&self.names, &self.correlator);
        let rules = &correlator.settings().subject;
        let id = names.id(&mail.found, message);
        let arrival = Arrival::new(TENANT, id, mail.date);
        let beside = |verdict: &Verdict| {
            let activity = || Activity::of(message, mail.date, rules, verdict);
            std::future::ready(names.beside(id, activity))
        };
        let filed = self
            .store
            .run(async |store| file_with(store, correlator, arrival, message, beside).await);
        let verdict = filed??.verdict;
        let name = message.message_id().map(|id| id.as_str().to_owned());
        if let Outcome::Duplicate { of } = verdict.outcome() {
            self.summary.count(&verdict, self.names.is_earlier(of));
            return Ok((name, verdict));
        }
        self.summary.count(&verdict, false);
        self.names.push(id, name.as_deref());
        if self.options.format == Format::Text {
            let entry = Entry::of(message, mail.date, rules, &verdict);
            let links = Links::of(&verdict);
            for linked in links.iter().chain(verdict.conversation()) {
                self.recall(linked)?;
            }
            self.listing.push(id, entry, &links);
        }
        Ok((name, verdict))
    }

    /// Lists a mail of an earlier run, and those that it was matched to, back to the first.
    fn recall(&mut self, id: RecordId) -> Result<(), StoreError> {
        let (mut chain, mut met) = (Vec::new(), HashSet::new());
        let mut next = Some(id);
        while let Some(id) = next.take() {
            let fresh = !self.listing.shows(id) && met.insert(id);
            if fresh && let Some(activity) = self.names.activity(id)? {
                next = activity.links.matched;
                chain.push((id, activity));
            }
        }
        while let Some((id, activity)) = chain.pop() {
            self.listing.push_earlier(id, activity.entry, &activity.links);
        }
        Ok(())
    }

    fn finish(mut self, notices: &str) -> io::Result<()> {
        match self.options.format {
            Format::Text => {
                let mut out = BufWriter::new(io::stdout().lock());
                self.listing.print(&mut out, self.options.all)?;
                self.summary.print(&mut out, notices, Some(&mut self.listing))?;
                out.flush()
            }
            // Standard output is for the lines alone.
            Format::Jsonl => self.summary.print(&mut io::stderr(), notices, None),
            Format::Summary => {
                self.summary.print(&mut io::stdout(), notices, None)?;
                print_memory(self.summary.mails);
                Ok(())
            }
        }
    }
}

/// The resident memory of this process, where the system tells it.
fn print_memory(mails: usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (field, what) in [("VmRSS:", "resident"), ("VmHWM:", "at the most")] {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
        if let Some(kib) = kib {
            println!("memory      {kib} KiB {what}, {} octets a mail", kib * 1024 / mails.max(1));
        }
    }
}
