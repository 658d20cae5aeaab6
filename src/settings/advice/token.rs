//! Tracking tokens: prefixes, numbers, and how soon they come again.

use super::{AdviceKind, Facts, Found};
use crate::settings::{EmailSettings, Strangers, TokenTracking};
use crate::subject;
use crate::text::fold;
use crate::token::{Prefix, TokenPlan};

/// From these odds on, in per cent, guessing pays.
const GUESSABLE: f64 = 10.0;

/// In the order of the page.
pub(super) fn tokens(
    settings: &EmailSettings,
    tracking: &TokenTracking,
    facts: &Facts,
    found: &mut Found,
) {
    found.add_if(!tracking.enabled, || AdviceKind::TokensOff);
    others(settings, facts, found);
    if let Some(next) = &facts.next_prefix
        && let Ok(change) = settings.token_prefixes().change(next.clone())
        && !change.dropped().is_empty()
    {
        let (next, dropped) = (next.clone(), change.dropped().len());
        found.add(AdviceKind::PrefixHistoryDrops { next, dropped });
    }
    let Some(plan) = TokenPlan::of(tracking) else {
        found.add(AdviceKind::DigitsLost { digits: settings.counter_digits() });
        return;
    };
    let prefix = settings.token_prefixes().current();
    found.add_if(prefix.as_str().ends_with(|c: char| c.is_ascii_digit()), || {
        AdviceKind::PrefixEndsInDigit { prefix: prefix.clone() }
    });
    found.add_if(begins_an_answer(prefix), || AdviceKind::PrefixIsReplyPrefix {
        prefix: prefix.clone(),
    });

    let (base, digits) = (settings.token_base().get(), settings.token_user_digits().get());
    let numbers = 10_i64.saturating_pow(u32::try_from(digits).unwrap_or(1));
    if base >= numbers {
        found.add(AdviceKind::BaseTooWide { base, digits });
    } else if let Some(user) = facts.highest_user
        && base.saturating_add(user.into()) >= numbers
    {
        found.add(AdviceKind::UserNumbersTooWide { base, user, digits });
    }
    if let Some(mails) = facts.mails_per_day {
        let (days, lives) = (plan.days_to_repeat(mails), facts.conversation_days);
        found.add_if(days < lives, || AdviceKind::CounterWraps { days, lives });
    }
    if let Some(open) = facts.open_conversations {
        let percent = plan.guess_odds(open) * 100.0;
        let matched = tracking.strangers == Strangers::Match;
        found.add_if(matched && percent >= GUESSABLE, || AdviceKind::TokensGuessable { percent });
    }
}

/// Deployments that share the prefix: their numbers meet, or are kept apart by their bases.
fn others(settings: &EmailSettings, facts: &Facts, found: &mut Found) {
    let prefix = settings.token_prefixes().current();
    let base = settings.token_base().get();
    let folded = fold(prefix.as_str());
    let mut shared = false;
    for (with, other) in &facts.others {
        if fold(other.token_prefixes().current().as_str()) != folded {
            continue;
        }
        shared = true;
        let (prefix, with) = (prefix.clone(), with.clone());
        // The numbers of the lower deployment reach so far above its base; of the other's users
        // nothing is known, so it is taken to have as many.
        let reach = facts.highest_user.map_or(0, i64::from);
        let apart = base.abs_diff(other.token_base().get()) > reach.unsigned_abs();
        found.add(if apart {
            AdviceKind::PrefixSharedApart { prefix, with }
        } else {
            AdviceKind::PrefixShared { prefix, with }
        });
    }
    found.add_if(!shared && !facts.others.is_empty() && *prefix == Prefix::CRM, || {
        AdviceKind::DefaultPrefix { prefix: prefix.clone() }
    });
}

/// Would the prefix before a subject be taken for that of an answer or a forward?
fn begins_an_answer(prefix: &Prefix) -> bool {
    let subject = format!("{} x", prefix.as_str());
    let base = subject::base(&subject);
    base.is_reply() || base.is_forward()
}
