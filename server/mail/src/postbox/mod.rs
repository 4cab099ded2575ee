//! A mail server for tests.

mod letter;
mod session;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

pub use letter::ReceivedLetter;

/// Longer than a mailer tries.
const PATIENCE: Duration = Duration::from_secs(15);

/// A mail server on this machine that keeps what it is sent, until it is dropped.
///
/// It takes any login and offers no encryption.
#[derive(Debug)]
pub struct Postbox {
    address: SocketAddr,
    letters: watch::Receiver<Vec<ReceivedLetter>>,
    waited_for: Mutex<usize>,
    server: JoinHandle<()>,
}

impl Postbox {
    /// Opens one on a port of its own.
    pub async fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (keep, letters) = watch::channel(Vec::new());
        let server = tokio::spawn(serve(listener, keep));
        Self { address, letters, waited_for: Mutex::new(0), server }
    }

    /// What to make a [`Mailer`](crate::Mailer) from.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Every letter so far, in the order they came.
    #[must_use]
    pub fn letters(&self) -> Vec<ReceivedLetter> {
        self.letters.borrow().clone()
    }

    /// The next letter: the first time the first, then the second, whether it came before or is yet to come.
    pub async fn wait_for_letter(&self) -> ReceivedLetter {
        let mut waited_for = self.waited_for.lock().await;
        let mut letters = self.letters.clone();
        let came = timeout(PATIENCE, letters.wait_for(|letters| letters.len() > *waited_for)).await;
        let came = came.expect("a letter comes in time").expect("the server runs as long as the postbox");
        let letter = came.get(*waited_for).expect("there are more letters than were waited for").clone();
        *waited_for += 1;
        letter
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, keep: watch::Sender<Vec<ReceivedLetter>>) {
    // Dropped with the server, which ends the conversations.
    let mut sessions = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let keep = keep.clone();
        sessions.spawn(async move { session::hold(stream, &keep).await });
    }
}
