//! What goes to the server, counted: the write steps of a store that writes to a socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use correspond::conformance::crash::Steps;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::Result;

/// So many octets at a time go to the server: so few that an ordinary commit has about as many steps
/// as there are kills to place.
const SLICE: usize = 64;

/// Where the server is, by TCP.
pub fn server_of(config: &Config) -> Result<(String, u16)> {
    match (config.get_hosts().first(), config.get_ports().first()) {
        (Some(Host::Tcp(host)), port) => Ok((host.clone(), port.copied().unwrap_or(5432))),
        _ => Err("expected a server on TCP".into()),
    }
}

/// The same database by way of a port of this machine, as a connection that calls itself `name`.
pub fn by_way_of(config: &Config, port: u16, name: &str) -> String {
    let user = config.get_user().unwrap_or("postgres");
    let database = config.get_dbname().unwrap_or(user);
    let mut text = format!(
        "host=127.0.0.1 port={port} user='{user}' dbname='{database}' application_name='{name}'"
    );
    if let Some(password) = config.get_password() {
        text.push_str(&format!(" password='{}'", String::from_utf8_lossy(password)));
    }
    text
}

/// Listens on a port and hands on what comes: each slice that goes to the server is a write of
/// `steps`, so a client can be stopped before it, after it, and when half of it is sent.
pub fn start(server: (String, u16), steps: &Steps) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let steps = steps.clone();
    thread::spawn(move || {
        for client in listener.incoming().map_while(std::result::Result::ok) {
            let Ok(server) = TcpStream::connect((server.0.as_str(), server.1)) else { continue };
            // Without delay: what is measured is not Nagle's algorithm.
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let (Ok(answers), Ok(answered)) = (server.try_clone(), client.try_clone()) else {
                continue;
            };
            let steps = steps.clone();
            thread::spawn(move || {
                hand_on(client, server, |mut to, data| {
                    data.chunks(SLICE)
                        .try_for_each(|slice| steps.write(slice, |_, part| to.write_all(part)))
                });
            });
            thread::spawn(move || hand_on(answers, answered, |mut to, data| to.write_all(data)));
        }
    });
    Ok(port)
}

fn hand_on(
    mut from: TcpStream,
    to: TcpStream,
    mut write: impl FnMut(&TcpStream, &[u8]) -> std::io::Result<()>,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if write(&to, &buffer[..read]).is_err() {
            break;
        }
    }
    let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
}
