//! Which From address does one recipient see, where an expression decides it?

use super::domains::SendingDomains;
use super::error::{HeaderError, HeaderPart, Problem};
use super::expression::{OPEN, Piece, is_value, pieces};
use super::field::{FromField, bounded};
use super::rewrite::{KeptBecause, Rewriting, kept};
use crate::settings::{AuthenticatedDomain, Link};
use crate::text;

impl SendingDomains {
    /// The From field for one recipient, for whom the expressions in name and address came to `name`
    /// and `address`. It is looked at like the address of a new message, also where somebody wrote the
    /// expression by hand: nobody saw what it would come to.
    ///
    /// Where the address came out blank, the default address takes its place
    /// ([`default_from_email`](crate::settings::DefaultMarketingSettings::default_from_email)), and is
    /// looked at like any; where the name is blank too, the default name.
    ///
    /// `sending_domain` is that of the message; without one, the default sending domain is.
    ///
    /// Whether it may go out is for [`check`](Self::check) to say: the check of the whole message knows
    /// no address that an expression comes to.
    ///
    /// # Errors
    ///
    /// What it came to is not fit for a header, no address, or an expression still; it is blank, and
    /// there is no default address, or one that is an expression. No mail can go to this recipient.
    pub fn resolved<'a>(
        &'a self,
        name: &'a str,
        address: &'a str,
        sending_domain: Option<Link<AuthenticatedDomain>>,
    ) -> Result<Rewriting<'a>, HeaderError> {
        let error = |part, problem| Err(HeaderError::new(part, problem));
        if name.contains(OPEN) {
            bounded(HeaderPart::FromName, name)?;
            return error(HeaderPart::FromName, Problem::Unresolved);
        }
        let by_default = text::trim(address).is_empty();
        let name = if text::trim(name).is_empty() { "" } else { name };
        let from = if !by_default {
            FromField::new(name, address)?
        } else if text::trim(&self.default_address).is_empty() {
            bounded(HeaderPart::FromName, name)?;
            return error(HeaderPart::FromAddress, Problem::NoDefaultAddress);
        } else {
            let name = if name.is_empty() { &self.default_name } else { name };
            FromField::new(name, &self.default_address)?
        };
        if from.is_dynamic() {
            let problem = if by_default { Problem::NoDefaultAddress } else { Problem::Unresolved };
            return error(HeaderPart::FromAddress, problem);
        }
        Ok(self.swap(from, sending_domain).by_default(by_default))
    }

    /// The From field of a message for one recipient: `value` is asked for what each expression of name
    /// and address comes to, without its braces (`contact.owner.emailaddress`), and `None` is blank.
    /// Then as [`resolved`](Self::resolved) says. Where an expression is a part of the address
    /// (`{{contact.owner.alias}}@contoso.com`) and comes out blank, so that no address is left, the
    /// default address takes its place too. An address that is no expression stays as it is, with the
    /// name that comes out: it was looked at when the message got it.
    ///
    /// ```
    /// use correspond::sender::{FromField, SendingDomains};
    ///
    /// let domains = SendingDomains::of(&[], None);
    /// let from = FromField::new("{{owner.name}} of Contoso", "{{ owner.email }}")?;
    /// let ann = domains.for_recipient(&from, None, |expression| match expression {
    ///     "owner.name" => Some("Ann"),
    ///     "owner.email" => Some("ann@contoso.com"),
    ///     _ => None,
    /// })?;
    /// assert_eq!(ann.from().to_string(), "Ann of Contoso <ann@contoso.com>");
    /// # Ok::<(), correspond::sender::HeaderError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`resolved`](Self::resolved), and for blocks (`{{#if ..}}`): who has their language resolves
    /// the whole text, and asks there. What comes out is longer than
    /// [`FromField::MAX`](FromField::MAX); more than that is not written.
    pub fn for_recipient<V: AsRef<str>>(
        &self,
        from: &FromField<'_>,
        sending_domain: Option<Link<AuthenticatedDomain>>,
        mut value: impl FnMut(&str) -> Option<V>,
    ) -> Result<Rewriting<'static>, HeaderError> {
        let name = from.name().unwrap_or_default();
        let name = filled(HeaderPart::FromName, name, &mut value)?;
        if !from.is_dynamic() {
            return Ok(kept(from.clone().into_owned().named(name.text)?, KeptBecause::Fixed));
        }
        let address = filled(HeaderPart::FromAddress, from.as_str(), &mut value)?;
        match self.resolved(&name.text, &address.text, sending_domain) {
            Err(error) if address.lacks && error.is_address() => {
                self.resolved(&name.text, "", sending_domain).map(Rewriting::into_owned)
            }
            rewriting => rewriting.map(Rewriting::into_owned),
        }
    }
}

/// A text whose expressions were resolved.
struct Filled {
    text: String,
    /// One of them came out blank.
    lacks: bool,
}

fn filled<V: AsRef<str>>(
    part: HeaderPart,
    text: &str,
    value: &mut impl FnMut(&str) -> Option<V>,
) -> Result<Filled, HeaderError> {
    let error = |problem| Err(HeaderError::new(part, problem));
    let mut filled = Filled { text: String::new(), lacks: false };
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.text.push_str(text),
            Piece::Expression(inside) if is_value(inside) => {
                let value = value(inside);
                let value = value.as_ref().map_or("", AsRef::as_ref);
                // Before anything is joined to it: half an expression must not find its other half.
                if value.contains(OPEN) {
                    return error(Problem::Unresolved);
                }
                if text::trim(value).is_empty() {
                    filled.lacks = true;
                    // Between the words of a name.
                    if part == HeaderPart::FromName && !value.is_empty() {
                        filled.text.push(' ');
                    }
                    continue;
                }
                bounded(part, value)?;
                filled.text.push_str(value);
            }
            Piece::Expression(_) => return error(Problem::Unresolved),
            Piece::Unclosed(at) => return error(Problem::OpenExpression { at }),
        }
        if filled.text.len() > FromField::MAX * 4 {
            break;
        }
    }
    // As soon as it is too long, it is not made any longer.
    bounded(part, &filled.text)?;
    Ok(filled)
}
