//! An SMTP server that counts what it gets, and misbehaves as it is told to.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::server::SmtpServer;

/// The most connections at a time; more are closed at once.
const CONNECTIONS: usize = 512;
/// The longest line, in octets.
const LINE: u64 = 4_096;
/// The longest mail, in octets.
const MAIL: usize = 1 << 20;
/// Who says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Its recipient was named.
    Recipient,
    /// All of it was sent; it is not counted yet.
    Content,
}

/// A mail on its way.
#[derive(Clone, Copy, Debug)]
pub struct Coming<'a> {
    pub moment: Moment,
    /// The name that the client gave itself.
    pub hello: &'a str,
    /// The address, as the client wrote it.
    pub recipient: &'a str,
}

/// What the server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Takes it; at the end of the content it is counted, and then the client is told.
    Accept,
    /// `550`, for good.
    Refuse,
    /// `451`, for now.
    Defer,
    /// Takes what there is, counts it where it is all, and closes the connection without a word.
    HangUp,
    /// Closes the connection without a word, and forgets what it got.
    Forget,
}

type Plan = dyn Fn(&Coming<'_>) -> Reply + Send + Sync;

/// A server on loopback. Dropped, it takes no more connections.
pub struct CountingServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    plan: Box<Plan>,
    mails: Mutex<Mails>,
    open: AtomicUsize,
    ended: AtomicBool,
}

#[derive(Default)]
struct Mails {
    by_recipient: HashMap<String, u32>,
    last: HashMap<String, String>,
}

impl CountingServer {
    /// How many mails are kept as they came; of the others only their number.
    pub const KEPT: usize = 100;

    /// A server that takes everything.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub fn start() -> io::Result<Self> {
        Self::with_plan(|_| Reply::Accept)
    }

    /// A server that asks `plan` at each [`Moment`]; it may take its time.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub fn with_plan(
        plan: impl Fn(&Coming<'_>) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            plan: Box::new(plan),
            mails: Mutex::default(),
            open: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let of_thread = shared.clone();
        let accepting = thread::Builder::new().spawn(move || accept(&listener, &of_thread))?;
        Ok(Self { address, shared, accepting: Some(accepting) })
    }

    /// Its address: `smtp://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The same, as [`Sending`](crate::Sending) wants it.
    #[must_use]
    pub fn server(&self) -> SmtpServer {
        SmtpServer { host: self.address.ip().to_string(), port: self.address.port() }
    }

    /// How many mails each recipient got.
    #[must_use]
    pub fn counts(&self) -> HashMap<String, u32> {
        self.shared.mails().by_recipient.clone()
    }

    /// How many mails it got.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.shared.mails().by_recipient.values().map(|count| u64::from(*count)).sum()
    }

    /// The last mail to a recipient, header and body, where it is among the [kept](Self::KEPT) ones.
    #[must_use]
    pub fn last(&self, recipient: &str) -> Option<String> {
        self.shared.mails().last.get(recipient).cloned()
    }
}

impl Drop for CountingServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // It waits for a connection: here is one.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn mails(&self) -> MutexGuard<'_, Mails> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, recipients: &[String], content: &str) {
        let mut mails = self.mails();
        for recipient in recipients {
            *mails.by_recipient.entry(recipient.clone()).or_default() += 1;
            if mails.last.len() < CountingServer::KEPT || mails.last.contains_key(recipient) {
                mails.last.insert(recipient.clone(), content.to_owned());
            }
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if shared.open.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS {
            shared.open.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let of_thread = shared.clone();
        let talk = move || {
            // A client that leaves is no failure of the server's.
            let _ = talk(&stream, &of_thread);
            of_thread.open.fetch_sub(1, Ordering::SeqCst);
        };
        if thread::Builder::new().spawn(talk).is_err() {
            shared.open.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// A line without its end; `None` where the client is gone, or talks too long.
fn line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut octets = Vec::new();
    input.take(LINE).read_until(b'\n', &mut octets)?;
    if octets.pop() != Some(b'\n') {
        return Ok(None);
    }
    if octets.last() == Some(&b'\r') {
        octets.pop();
    }
    Ok(Some(String::from_utf8_lossy(&octets).into_owned()))
}

fn talk(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut input = BufReader::new(stream);
    let say = |text: &str| -> io::Result<()> {
        let mut stream = stream;
        stream.write_all(format!("{text}\r\n").as_bytes())
    };
    say("220 counting.example")?;
    let (mut hello, mut from, mut recipients) = (String::new(), false, Vec::new());
    while let Some(command) = line(&mut input)? {
        let (verb, rest) = command.split_once([' ', ':']).unwrap_or((&command, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                hello = rest.trim().to_owned();
                say("250-counting.example\r\n250-8BITMIME\r\n250 SMTPUTF8")?;
            }
            "MAIL" if hello.is_empty() || from => say("503 not now")?,
            "MAIL" => {
                from = true;
                say("250 ok")?;
            }
            "RCPT" if !from => say("503 not now")?,
            "RCPT" => {
                let address = rest.split_once('<').and_then(|(_, rest)| rest.rsplit_once('>'));
                let Some((address, _)) = address else {
                    say("501 no address")?;
                    continue;
                };
                let moment = Moment::Recipient;
                match (shared.plan)(&Coming { moment, hello: &hello, recipient: address }) {
                    Reply::Accept => {
                        recipients.push(address.to_owned());
                        say("250 ok")?;
                    }
                    Reply::Refuse => say("550 no such mailbox")?,
                    Reply::Defer => say("451 later")?,
                    Reply::HangUp | Reply::Forget => return Ok(()),
                }
            }
            "DATA" if recipients.is_empty() => say("503 not now")?,
            "DATA" => {
                say("354 go on")?;
                let mut content = String::new();
                loop {
                    let Some(text) = line(&mut input)? else { return Ok(()) };
                    if text == "." {
                        break;
                    }
                    if content.len() + text.len() > MAIL {
                        return Ok(());
                    }
                    content.push_str(text.strip_prefix('.').unwrap_or(&text));
                    content.push_str("\r\n");
                }
                let recipient = recipients.first().map_or("", String::as_str);
                let moment = Moment::Content;
                let reply = (shared.plan)(&Coming { moment, hello: &hello, recipient });
                if matches!(reply, Reply::Accept | Reply::HangUp) {
                    shared.count(&recipients, &content);
                }
                match reply {
                    Reply::Accept => say("250 taken")?,
                    Reply::Refuse => say("554 not this one")?,
                    Reply::Defer => say("452 no room")?,
                    Reply::HangUp | Reply::Forget => return Ok(()),
                }
                from = false;
                recipients.clear();
            }
            "RSET" => {
                from = false;
                recipients.clear();
                say("250 ok")?;
            }
            "NOOP" => say("250 ok")?,
            "QUIT" => return say("221 bye"),
            _ => say("502 what?")?,
        }
    }
    Ok(())
}
