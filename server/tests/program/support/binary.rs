//! The program as it is installed: started as a process, with nothing of the test's environment.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// Keys to seal with, the older one last.
pub const SECRETS_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const NEWER_SECRETS_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub said: String,
    pub complained: String,
}

fn command(database_url: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_command-center"));
    command.env_clear().env("DATABASE_URL", database_url).env("SECRETS_KEY", SECRETS_KEY).args(arguments);
    command.envs(variables.iter().copied()).kill_on_drop(true);
    command
}

/// Runs a command to its end with this on its standard input.
pub async fn run_with(
    database_url: &str,
    arguments: &[&str],
    input: &str,
    variables: &[(&str, &str)],
) -> Outcome {
    let mut command = command(database_url, arguments, variables);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that does not read it may be gone already.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code(), said: text(output.stdout), complained: text(output.stderr) }
}

/// The program, serving until it is dropped.
pub struct Served {
    pub address: String,
    child: Child,
}

impl Served {
    /// Starts it, its log in a file, and waits until it answers.
    pub async fn start(database_url: &str, log: &Path, variables: &[(&str, &str)]) -> Self {
        let bind = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut command = command(database_url, &["serve"], variables);
        command
            .env("BIND_ADDR", &bind)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log).unwrap());
        let mut child = command.spawn().unwrap();
        let address = format!("http://{bind}");
        for _ in 0..500 {
            if reqwest::get(format!("{address}/healthz")).await.is_ok() {
                return Self { address, child };
            }
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended: {}",
                std::fs::read_to_string(log).unwrap()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it did not answer within ten seconds");
    }

    /// Kills it, so that it can do nothing more.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Tells it to stop, as a service manager does, and waits until it has.
    pub async fn stop(mut self) -> ExitStatus {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        self.child.wait().await.unwrap()
    }
}
