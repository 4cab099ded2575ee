//! A slow way to the database that remembers what the program said on it.

use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;

/// A way to the database, and what was said on it since somebody last asked.
#[derive(Debug)]
pub struct Proxy {
    pub url: String,
    said: Arc<Mutex<Vec<u8>>>,
    carrying: Carrying,
}

/// What carries bytes; `None` when nothing is let through.
type Carrying = Arc<Mutex<Option<JoinSet<()>>>>;

impl Proxy {
    /// Opens one that lets everything wait for so long, in each direction.
    pub async fn open(url: &str, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = PgConnectOptions::from_str(url).unwrap();
        let through = through(url, listener.local_addr().unwrap().port(), &options);
        let said = Arc::new(Mutex::new(Vec::new()));
        let carrying = Arc::new(Mutex::new(Some(JoinSet::new())));
        tokio::spawn(serve(listener, options, delay, said.clone(), carrying.clone()));
        Self { url: through, said, carrying }
    }

    /// Cuts every connection, and lets no other through.
    pub fn cut(&self) {
        self.carrying.lock().unwrap().take();
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        *self.carrying.lock().unwrap() = Some(JoinSet::new());
    }

    /// Forgets what was said so far.
    pub fn forget(&self) {
        self.said.lock().unwrap().clear();
    }

    /// The kinds of the messages sent since then: `Q` is a simple query, `S` ends an extended one, and a new
    /// connection begins with none.
    pub fn messages(&self) -> String {
        let said = self.said.lock().unwrap();
        let mut rest = said.as_slice();
        let mut kinds = String::new();
        while let [kind, a, b, c, d, ..] = *rest {
            kinds.push(char::from(kind));
            let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap();
            rest = rest.get(1 + length..).unwrap_or_default();
        }
        kinds
    }
}

/// The same URL by another port; a socket it may name is the proxy's concern.
fn through(url: &str, port: u16, options: &PgConnectOptions) -> String {
    let who = url.trim_start_matches("postgres://").split_once('@').map_or("postgres", |(who, _)| who);
    format!("postgres://{who}@127.0.0.1:{port}/{}?sslmode=disable", options.get_database().unwrap())
}

async fn serve(
    listener: TcpListener,
    to: PgConnectOptions,
    delay: Duration,
    said: Arc<Mutex<Vec<u8>>>,
    carrying: Carrying,
) {
    while let Ok((client, _)) = listener.accept().await {
        match to.get_socket() {
            Some(folder) => {
                let socket = folder.join(format!(".s.PGSQL.{}", to.get_port()));
                connect(client, UnixStream::connect(socket).await.unwrap(), delay, &said, &carrying);
            }
            None => {
                let address = (to.get_host().to_owned(), to.get_port());
                connect(client, TcpStream::connect(address).await.unwrap(), delay, &said, &carrying);
            }
        }
    }
}

fn connect<S>(client: TcpStream, server: S, delay: Duration, said: &Arc<Mutex<Vec<u8>>>, carrying: &Carrying)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = tokio::io::split(server);
    if let Some(carrying) = carrying.lock().unwrap().as_mut() {
        carrying.spawn(carry(from_client, to_server, delay, Some(said.clone())));
        carrying.spawn(carry(from_server, to_client, delay, None));
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: Duration,
    said: Option<Arc<Mutex<Vec<u8>>>>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if let Some(said) = &said {
            said.lock().unwrap().extend_from_slice(&buffer[..length]);
        }
        tokio::time::sleep(delay).await;
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
