//! Who sends events: on connections that are kept, one event after the other.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use server::clock::Clock;
use server::stripe::signature::sign;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::program::SECRET;

/// Connections that are kept.
#[derive(Debug)]
pub(crate) struct Senders {
    address: SocketAddr,
    connections: Vec<TcpStream>,
}

/// How a round went.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Events that were acknowledged in a second.
    pub(crate) a_second: u128,
    /// How long each took, the quickest first.
    taken: Vec<Duration>,
}

impl Senders {
    /// Connects as many.
    pub(crate) async fn connect(address: SocketAddr, count: usize) -> Self {
        let connecting = (0..count).map(|_| async {
            let connection = TcpStream::connect(address).await.expect("the program answers");
            connection.set_nodelay(true).expect("a connection takes options");
            connection
        });
        Self { address, connections: join_all(connecting).await }
    }

    /// Sends all of it, dealt out one by one.
    pub(crate) async fn send(self, bodies: Vec<Vec<u8>>) -> Measured {
        let Self { address, connections } = self;
        let count = connections.len();
        let mut hands = vec![Vec::new(); count];
        for (place, body) in bodies.iter().enumerate() {
            hands.get_mut(place % count).expect("a place").push(request(address, body));
        }
        let begun = now();
        let sending = connections.into_iter().zip(hands).map(|(to, hand)| tokio::spawn(send_all(to, hand)));
        let taken = join_all(sending).await.into_iter().flat_map(|sent| sent.expect("every event is taken"));
        let mut taken: Vec<Duration> = taken.collect();
        let micros = begun.elapsed().as_micros().max(1);
        taken.sort_unstable();
        let events = u128::try_from(taken.len()).expect("a count fits");
        Measured { a_second: events * 1_000_000 / micros, taken }
    }
}

fn request(address: SocketAddr, body: &[u8]) -> Vec<u8> {
    let signature = sign(body, SECRET, Clock::System.now());
    let length = body.len();
    let mut request = format!(
        "POST /api/webhooks/stripe HTTP/1.1\r\nhost: {address}\r\nstripe-signature: {signature}\r\n\
         content-type: application/json; charset=utf-8\r\nuser-agent: bench\r\ncontent-length: {length}\r\n\r\n"
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

async fn send_all(mut to: TcpStream, hand: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut taken = Vec::with_capacity(hand.len());
    let mut answer = vec![0; 4_096];
    for request in hand {
        let begun = now();
        to.write_all(&request).await.expect("the program reads");
        let length = to.read(&mut answer).await.expect("the program answers");
        taken.push(begun.elapsed());
        let answer = answer.get(..length).unwrap_or_default();
        let is_whole = answer.ends_with(b"}") && answer.starts_with(b"HTTP/1.1 200");
        assert!(is_whole, "{}", String::from_utf8_lossy(answer));
    }
    taken
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |permille: usize| {
            let place = self.taken.len() * permille / 1_000;
            self.taken.get(place).copied().unwrap_or_default().as_micros()
        };
        write!(f, "{}/s (p50 {} µs, p95 {} µs, p99 {} µs)", self.a_second, at(500), at(950), at(990))
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}
