//! Which mail is a report about?
//!
//! A `multipart/report` (RFC 6522) brings the mail that it is about along as its third part, whole or
//! its headers only; a receipt (RFC 8098 section 3.2.5) names it in its second. Looked for in the
//! octets and not in parsed parts, so that it takes linear time and no parts need to be there:
//! mail-parser follows mails inside mails, which is the sender's to nest.

use std::borrow::Cow;

use ::mail_parser::decoders::base64::base64_decode;
use ::mail_parser::decoders::quoted_printable::quoted_printable_decode;

/// How many octets of a report's body are looked at. The explanation comes first and may have
/// pictures in it.
const MAX_OCTETS: usize = 1024 * 1024;

/// How many parts are looked at. There should be three.
const MAX_PARTS: usize = 16;

/// How many octets of one part are looked at: its own headers and those of the mail in it.
const MAX_PART_OCTETS: usize = 64 * 1024;

/// The value of the field that names the mail which the report is about, folds and all; `body` is
/// what stands behind the report's own header fields.
pub(super) fn reported<'m>(body: &'m [u8], boundary: &str) -> Option<Cow<'m, [u8]>> {
    let body = body.get(..MAX_OCTETS).unwrap_or(body);
    Parts { rest: body, boundary: boundary.as_bytes() }
        // What stands before the first boundary is no part.
        .skip(1)
        .take(MAX_PARTS)
        .find_map(|part| named_in(part.get(..MAX_PART_OCTETS).unwrap_or(part)))
}

fn named_in(part: &[u8]) -> Option<Cow<'_, [u8]>> {
    let media = field(part, "Content-Type")?.split(|&octet| octet == b';').next()?.trim_ascii();
    let is = |known: &str| media.eq_ignore_ascii_case(known.as_bytes());
    let name = if is("message/disposition-notification")
        || is("message/global-disposition-notification")
    {
        "Original-Message-ID"
    } else if is("message/rfc822")
        || is("text/rfc822-headers")
        // RFC 6533 section 6
        || is("message/global")
        || is("message/global-headers")
    {
        "Message-ID"
    } else {
        return None;
    };
    let content = Fields(part).last().map_or(part, |(_, rest)| rest);
    let content = content.strip_prefix(b"\r\n").or_else(|| content.strip_prefix(b"\n"))?;
    let encoding = field(part, "Content-Transfer-Encoding").unwrap_or_default().trim_ascii();
    if encoding.eq_ignore_ascii_case(b"base64") {
        let decoded = base64_decode(content)?;
        field(&decoded, name).map(|value| Cow::Owned(value.to_vec()))
    } else if encoding.eq_ignore_ascii_case(b"quoted-printable") {
        let decoded = quoted_printable_decode(content)?;
        field(&decoded, name).map(|value| Cow::Owned(value.to_vec()))
    } else {
        field(content, name).map(Cow::Borrowed)
    }
}

/// The first field of that name before the blank line.
fn field<'m>(headers: &'m [u8], name: &str) -> Option<&'m [u8]> {
    Fields(headers).find_map(|(line, _)| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value = value.trim_ascii_start().strip_prefix(b":")?;
        found.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
    })
}

/// The header lines, folds joined to theirs, each with what stands behind it; up to the blank line.
struct Fields<'m>(&'m [u8]);

impl<'m> Iterator for Fields<'m> {
    type Item = (&'m [u8], &'m [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.0, [] | [b'\n', ..] | [b'\r', b'\n', ..]) {
            return None;
        }
        let is_end = |at: &usize| !matches!(self.0.get(at + 1), Some(b' ' | b'\t'));
        let end = memchr::memchr_iter(b'\n', self.0).find(is_end).map_or(self.0.len(), |at| at + 1);
        let (line, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some((line, rest))
    }
}

/// What stands between the lines that are the boundary, the line ends before them included.
struct Parts<'m, 'b> {
    rest: &'m [u8],
    boundary: &'b [u8],
}

impl<'m> Iterator for Parts<'m, '_> {
    type Item = &'m [u8];

    fn next(&mut self) -> Option<&'m [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut start = 0;
        while let Some(line) = self.rest.get(start..).filter(|line| !line.is_empty()) {
            let end = memchr::memchr(b'\n', line).map_or(line.len(), |at| at + 1);
            let line = line.get(..end)?;
            if let Some(behind) =
                line.strip_prefix(b"--").and_then(|line| line.strip_prefix(self.boundary))
                && matches!(behind.trim_ascii(), b"" | b"--")
            {
                let part = self.rest.get(..start)?;
                self.rest = self.rest.get(start + end..)?;
                return Some(part);
            }
            start += end;
        }
        // A report that breaks off.
        Some(std::mem::take(&mut self.rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<String> {
        let value = reported(body.as_bytes(), "b")?;
        Some(String::from_utf8_lossy(&value).trim().to_owned())
    }

    fn third(head: &str, content: &str) -> Option<String> {
        let explained = "preamble\n--b\nContent-Type: text/plain\n\nMessage-ID: <no@x>\n";
        read(&format!("{explained}\n--b\n{head}\n\n{content}\n--b--\nMessage-ID: <no@x>\n"))
    }

    #[test]
    fn a_mail_inside_or_its_headers_name_it() {
        let mail = "Subject: a\nMessage-ID:\n <1@x>\n\nMessage-ID: <2@x>\n";
        let found = Some("<1@x>".to_owned());
        for head in [
            "Content-Type: message/rfc822",
            "content-type: MESSAGE/RFC822; charset=us-ascii\nContent-Disposition: inline",
            "Content-Type: text/rfc822-headers",
            "Content-Type:\n message/global",
            "Content-Description: Undelivered Message\nContent-Type: message/global-headers",
        ] {
            assert_eq!(third(head, mail), found, "{head}");
            let windows = format!("--b\r\n{head}\r\n\r\n{}", mail.replace('\n', "\r\n"));
            assert_eq!(read(&windows), found, "{head}");
        }
        assert_eq!(third("Content-Type: text/plain", mail), None);
        assert_eq!(third("Content-Type: message/rfc822", "Subject: a\n\nMessage-ID: <2@x>"), None);
        assert_eq!(third("Content-Type: message/rfc822", "Message-ID: <1@x>"), found);
    }

    #[test]
    fn a_receipt_names_it() {
        let fields = "Final-Recipient: rfc822;a@x\nOriginal-Message-ID: <1@x>\nMessage-ID: <no@x>";
        let found = third("Content-Type: message/disposition-notification", fields);
        assert_eq!(found.as_deref(), Some("<1@x>"));
    }

    #[test]
    fn parts_may_be_encoded() {
        let head = "Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: ";
        let quoted = third(&format!("{head}quoted-printable"), "Message-ID:=20<1=40x>\n");
        assert_eq!(quoted.as_deref(), Some("<1@x>"));
        let packed = third(&format!("{head}base64"), "TWVzc2FnZS1JRDogPDFAeD4K");
        assert_eq!(packed.as_deref(), Some("<1@x>"));
        assert_eq!(third(&format!("{head}base64"), "***"), None);
    }

    #[test]
    fn only_the_boundary_divides() {
        let mail = "Content-Type: message/rfc822\n\nMessage-ID: <1@x>\n";
        assert_eq!(read(&format!("--bc\n{mail}")), None);
        assert_eq!(read(&format!(" --b\n{mail}")), None);
        assert_eq!(read(&format!("--b \t\r\n{mail}")).as_deref(), Some("<1@x>"));
        assert_eq!(read(mail), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn nothing_is_looked_at_without_end() {
        let mail = "--b\nContent-Type: message/rfc822\n\nMessage-ID: <1@x>\n";
        let far = |octets: usize| format!("--b\n\n{}\n{mail}", "x".repeat(octets));
        assert_eq!(read(&far(MAX_OCTETS / 2)).as_deref(), Some("<1@x>"));
        assert_eq!(read(&far(MAX_OCTETS)), None);
        assert_eq!(read(&format!("{}{mail}", "--b\n\nx\n".repeat(MAX_PARTS))), None);
        let late = format!("X: {}\n", "x".repeat(MAX_PART_OCTETS));
        assert_eq!(
            third("Content-Type: message/rfc822", &format!("{late}Message-ID: <1@x>")),
            None
        );
        // Mails inside mails are not followed.
        let nested = "Content-Type: message/rfc822\n\n".repeat(30_000);
        assert_eq!(read(&format!("--b\n{nested}")), None);
    }
}
