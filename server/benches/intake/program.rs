//! The program as it is installed, a process of its own.

use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// What its events are signed with.
pub(crate) const SECRET: &str = "whsec_bench";

/// The program, running until it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    address: SocketAddr,
    child: Child,
}

impl Program {
    /// Starts it on this database and waits until it answers.
    pub(crate) async fn start(database_url: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a port is free");
        let mut command = Command::new(env!("CARGO_BIN_EXE_command-center"));
        command.env_clear().env("DATABASE_URL", database_url).env("STRIPE_WEBHOOK_SECRET", SECRET);
        command.env("BIND_ADDR", address.to_string()).env("RUST_LOG", "error").arg("serve");
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().expect("the program starts");
        let answers = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), answers).await.expect("the program answers");
        Self { address, child }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it holds of the machine's memory.
    pub(crate) fn memory_mib(&self) -> u64 {
        let pid = self.child.id().expect("the program runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the system says");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
        let kib: Option<u64> = line.split_whitespace().next().and_then(|number| number.parse().ok());
        kib.expect("memory is a number") / 1024
    }
}
