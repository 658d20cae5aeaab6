//! Writes a mail down as RFC 5322 text and as an entry of an mbox file.

use super::charset::Charset;
use super::clock;
use super::mail::{Body, Form, Mail};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BOUNDARY: &str = "=_part_";
/// Octets of an encoded word before encoding, so that the line stays within 76 characters.
const WORD: usize = 39;

/// The mail as it stands in an mbox file: postmark, quoted lines, a blank line at the end.
pub(crate) fn mbox_entry(mail: &Mail) -> Vec<u8> {
    let sender = match &mail.rewritten_from {
        _ if matches!(mail.body, Body::Report { .. }) => "MAILER-DAEMON",
        Some((_, address)) => address,
        None => &mail.from.address,
    };
    let mut out = format!("From {sender} {}\n", clock::postmark(mail.arrival)).into_bytes();
    for line in message(mail).split_inclusive(|&byte| byte == b'\n') {
        let bare = line.iter().position(|&byte| byte != b'>').unwrap_or(0);
        if line.get(bare..).is_some_and(|rest| rest.starts_with(b"From ")) {
            out.push(b'>');
        }
        out.extend_from_slice(line);
    }
    out.push(b'\n');
    out
}

fn message(mail: &Mail) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_500);
    let mut line = |name: &str, value: &[u8]| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.push(b'\n');
    };
    let charset = mail.from.program.charset;
    let date = clock::header(mail.date, mail.from.zone);
    line("Date", mail.broken_date.unwrap_or(&date).as_bytes());
    let from = match &mail.rewritten_from {
        Some((name, address)) => mailbox(name, address, charset),
        None => mailbox(&mail.from.name, &mail.from.address, charset),
    };
    line("From", from.as_bytes());
    for (name, people) in [("To", &mail.to), ("Cc", &mail.cc)] {
        if !people.is_empty() {
            let all: Vec<String> =
                people.iter().map(|p| mailbox(&p.name, &p.address, charset)).collect();
            line(name, all.join(",\n ").as_bytes());
        }
    }
    line("Subject", &subject(&mail.subject, mail.form));
    if let Some(id) = &mail.id {
        line("Message-ID", format!("<{id}>").as_bytes());
    }
    if let Some(value) = &mail.in_reply_to {
        line("In-Reply-To", value.as_bytes());
    }
    if !mail.references.is_empty() {
        let all: Vec<String> = mail.references.iter().map(|id| format!("<{id}>")).collect();
        line("References", all.join("\n ").as_bytes());
    }
    if let Some(topic) = &mail.thread_topic {
        line("Thread-Topic", &subject(topic, Form::Encoded(charset)));
    }
    if !mail.thread_index.is_empty() {
        line("Thread-Index", base64(&mail.thread_index).as_bytes());
    }
    for extra in &mail.lines {
        let (name, value) = extra.split_once(": ").unwrap_or((extra, ""));
        line(name, value.as_bytes());
    }
    body(&mut out, &mail.body);
    out
}

fn body(out: &mut Vec<u8>, body: &Body) {
    let text_part = |text: &str| {
        let (charset, transfer) =
            if text.is_ascii() { ("us-ascii", "7bit") } else { ("utf-8", "8bit") };
        format!(
            "Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {transfer}\n\n\
             {text}"
        )
    };
    let multipart = |kind: &str, parts: &[String]| {
        let mut all = format!("Content-Type: multipart/{kind}; boundary=\"{BOUNDARY}\"\n");
        for part in parts {
            all += &format!("\n--{BOUNDARY}\n{part}");
        }
        all + &format!("\n--{BOUNDARY}--\n")
    };
    let all = match body {
        Body::Text(text) => text_part(text),
        Body::Html(text) => {
            let paragraphs: Vec<String> = text
                .split("\n\n")
                .map(|paragraph| paragraph.replace('<', "&lt;").replace('\n', "<br>\n"))
                .collect();
            let html = format!(
                "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
                 <html><body><p>{}</p></body></html>\n",
                paragraphs.join("</p>\n<p>")
            );
            multipart("alternative", &[text_part(text), html])
        }
        Body::Attachment(text) => {
            let file = "Content-Type: application/pdf; name=\"figures.pdf\"\n\
                        Content-Transfer-Encoding: base64\n\
                        Content-Disposition: attachment; filename=\"figures.pdf\"\n\n\
                        JVBERi0xLjQKJSBhIHN0dWIsIG5vIHBhZ2VzCiUlRU9GCg==\n";
            multipart("mixed", &[text_part(text), file.to_owned()])
        }
        Body::Report { text, recipient, id, subject: original } => {
            let status = format!(
                "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.tidewell.example\n\n\
                 Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n"
            );
            let original = subject(original, Form::Encoded(Charset::Utf8));
            let headers = format!(
                "Content-Type: text/rfc822-headers\n\nMessage-ID: <{id}>\nTo: {recipient}\nSubject: {}\n",
                String::from_utf8_lossy(&original)
            );
            multipart("report; report-type=delivery-status", &[text_part(text), status, headers])
        }
    };
    out.extend_from_slice(b"MIME-Version: 1.0\n");
    out.extend_from_slice(all.as_bytes());
}

/// A name and address.
fn mailbox(name: &str, address: &str, charset: Charset) -> String {
    if name.is_empty() {
        return address.to_owned();
    }
    if !name.is_ascii() {
        return format!("{} <{address}>", encoded_words(name, charset).join("\n "));
    }
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || b" -".contains(&b)) {
        format!("{name} <{address}>")
    } else {
        format!("\"{name}\" <{address}>")
    }
}

/// The value of a Subject line.
fn subject(text: &str, form: Form) -> Vec<u8> {
    match form {
        Form::Nul => format!("{text} \0").into_bytes(),
        _ if text.is_ascii() => folded(text).into_bytes(),
        Form::Raw => text.as_bytes().to_vec(),
        Form::RawLatin1 => Charset::Latin1.encode(text).unwrap_or_else(|| text.as_bytes().to_vec()),
        Form::Split => split_words(text).join("\n ").into_bytes(),
        Form::Encoded(charset) => {
            // Programs that write Q leave the plain words at the beginning as they are.
            let plain = if charset.prefers_q() { plain_words(text) } else { 0 };
            let (head, tail) = text.split_at_checked(plain).unwrap_or(("", text));
            let mut words = encoded_words(tail, charset);
            if let Some(first) = words.first_mut() {
                let fold = if head.len() > 30 { "\n " } else { " " };
                *first = match head.trim_end() {
                    "" => std::mem::take(first),
                    head => format!("{head}{fold}{first}"),
                };
            }
            words.join("\n ").into_bytes()
        }
    }
}

/// Bytes before the first word that is not ASCII.
fn plain_words(text: &str) -> usize {
    let mut length = 0;
    for word in text.split_inclusive(' ') {
        if !word.is_ascii() {
            break;
        }
        length += word.len();
    }
    length
}

/// An ASCII text folded at blanks to lines of at most about 70 characters.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut column = 9;
    for word in text.split_inclusive(' ') {
        if column + word.len() > 72 && out.ends_with(' ') {
            out.pop();
            out += "\n ";
            column = 1;
        }
        out += word;
        column += word.len();
    }
    out
}

fn encoded_words(text: &str, charset: Charset) -> Vec<String> {
    let charset = if charset.encode(text).is_some() { charset } else { Charset::Utf8 };
    let per_word = if charset.prefers_q() { WORD / 3 + 6 } else { WORD };
    let mut words = Vec::new();
    let mut piece = String::new();
    for c in text.chars() {
        let longer = format!("{piece}{c}");
        if !piece.is_empty() && charset.encode(&longer).is_none_or(|it| it.len() > per_word) {
            words.push(encoded_word(&charset.encode(&piece).unwrap_or_default(), charset));
            piece = c.to_string();
        } else {
            piece = longer;
        }
    }
    if !piece.is_empty() {
        words.push(encoded_word(&charset.encode(&piece).unwrap_or_default(), charset));
    }
    words
}

/// Words of UTF-8 that break inside a character wherever they can.
fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let mut end = (start + WORD).min(text.len());
        while text.is_char_boundary(end) && end > start + WORD / 2 && end < text.len() {
            end -= 1;
        }
        words
            .push(encoded_word(text.as_bytes().get(start..end).unwrap_or_default(), Charset::Utf8));
        start = end;
    }
    words
}

fn encoded_word(octets: &[u8], charset: Charset) -> String {
    if charset.prefers_q() {
        let mut text = String::new();
        for &byte in octets {
            match byte {
                b' ' => text.push('_'),
                _ if byte.is_ascii_alphanumeric() || b"-.,/:".contains(&byte) => {
                    text.push(char::from(byte));
                }
                _ => text += &format!("={byte:02X}"),
            }
        }
        format!("=?{}?Q?{text}?=", charset.name())
    } else {
        format!("=?{}?B?{}?=", charset.name(), base64(octets))
    }
}

/// RFC 4648 base64, with padding.
pub(crate) fn base64(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let mut bits = 0_u32;
        for at in 0..3 {
            bits = bits << 8 | u32::from(group.get(at).copied().unwrap_or(0));
        }
        for at in 0..4 {
            if at <= group.len() {
                let digit = (bits >> (18 - 6 * at)) as usize & 63;
                out.push(BASE64.get(digit).map_or('A', |&byte| char::from(byte)));
            } else {
                out.push('=');
            }
        }
    }
    out
}
