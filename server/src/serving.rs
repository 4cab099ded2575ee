//! Answering connections: none is waited for for ever, and none is cut off in the middle of its answer when the
//! program stops.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use futures::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tower::Service as _;

/// Who connects has something to ask: its whole head is here within this time.
const FIRST_HEAD: Duration = Duration::from_secs(10);

/// A connection that is kept for the next request is closed after this time, and so is one whose next head stays
/// half-sent. Proxies keep theirs for a minute, and must be the ones to close them, or they send into the void.
const NEXT_HEAD: Duration = Duration::from_secs(75);

/// Answers until told to stop; then accepts no more, and finishes what was asked.
pub(crate) async fn serve(mut listener: TcpListener, router: Router, stopped: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let mut stopped = pin!(stopped);
    loop {
        tokio::select! {
            (stream, peer) = Listener::accept(&mut listener) => {
                converse_with(stream, peer, &router, &connections);
            }
            () = &mut stopped => break,
        }
    }
    // Who was connected when we stopped is answered, too.
    while let Some((stream, peer)) = Listener::accept(&mut listener).now_or_never() {
        converse_with(stream, peer, &router, &connections);
    }
    drop(listener);
    connections.shutdown().await;
}

fn converse_with(stream: TcpStream, peer: SocketAddr, router: &Router, connections: &GracefulShutdown) {
    // Answers and events are written whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    tokio::spawn(converse(stream, peer, router.clone(), connections.watcher()));
}

/// Answers what is asked on one connection.
async fn converse<S>(stream: S, peer: SocketAddr, router: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let asked = Arc::new(Notify::new());
    let asking = asked.clone();
    let answer = service_fn(move |request: Request<Incoming>| {
        asking.notify_one();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(NEXT_HEAD);
    let talking = watcher.watch(protocol.serve_connection(TokioIo::new(stream), answer));
    tokio::select! {
        outcome = talking => if let Err(error) = outcome {
            tracing::debug!(%error, "a connection ended");
        },
        () = says_nothing(&asked) => tracing::debug!("a connection asked nothing"),
    }
}

/// Ends when nothing was asked for too long; never, once something was.
async fn says_nothing(asked: &Notify) {
    if tokio::time::timeout(FIRST_HEAD, asked.notified()).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::task::JoinHandle;
    use tokio::time::Instant;

    use super::*;

    const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

    /// A connection to a program whose answers take a minute at `/slow`.
    struct Connected {
        ours: DuplexStream,
        talking: JoinHandle<()>,
        connections: GracefulShutdown,
    }

    impl Connected {
        fn new() -> Self {
            let slow = || async {
                tokio::time::sleep(Duration::from_secs(60)).await;
                "slowly"
            };
            let router = Router::new().route("/", get(|| async { "here" })).route("/slow", get(slow));
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            let connections = GracefulShutdown::new();
            let talking = tokio::spawn(converse(theirs, PEER, router, connections.watcher()));
            Self { ours, talking, connections }
        }

        async fn ask(&mut self) -> String {
            self.ours.write_all(ASK).await.unwrap();
            let mut answer = vec![0; 4_096];
            let length = self.ours.read(&mut answer).await.unwrap();
            String::from_utf8(answer[..length].to_vec()).unwrap()
        }

        /// How long it takes until the connection is closed from the other side.
        async fn closed_after(self) -> Duration {
            let before = Instant::now();
            self.talking.await.unwrap();
            before.elapsed()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_asks_nothing_is_closed() {
        assert_eq!(Connected::new().closed_after().await, FIRST_HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_byte_by_byte_is_not_waited_for() {
        let mut connected = Connected::new();
        let before = Instant::now();
        connected.ours.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
        while !connected.talking.is_finished() {
            // Whether the other side still takes it does not matter.
            let _ = connected.ours.write_all(b"x").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(before.elapsed() <= FIRST_HEAD + Duration::from_secs(1), "{:?}", before.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_keeps_a_connection_may_be_quiet_for_a_minute_between_two_requests() {
        let mut connected = Connected::new();
        for _ in 0..3 {
            assert!(connected.ask().await.ends_with("here"));
            tokio::time::sleep(Duration::from_secs(61)).await;
        }
        assert!(connected.ask().await.ends_with("here"));
        assert_eq!(connected.closed_after().await, NEXT_HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_head_is_not_waited_for_for_ever_either() {
        let mut connected = Connected::new();
        assert!(connected.ask().await.ends_with("here"));
        connected.ours.write_all(b"GET / HTTP/1.1\r\nhost: loc").await.unwrap();
        assert!(connected.closed_after().await <= NEXT_HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_takes_long_is_waited_for() {
        let mut connected = Connected::new();
        connected.ours.write_all(b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 4_096];
        let length = connected.ours.read(&mut answer).await.unwrap();
        assert!(String::from_utf8_lossy(&answer[..length]).ends_with("slowly"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_asked_when_the_program_stops_is_answered_and_then_the_connection_is_closed() {
        let mut connected = Connected::new();
        connected.ours.write_all(b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let stopped = tokio::spawn(connected.connections.shutdown());
        let mut answer = String::new();
        connected.ours.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("slowly") && answer.contains("connection: close"), "{answer}");
        stopped.await.unwrap();
    }
}
