//! A place for one test's cluster, the app that uses it, and what can be asked of both.
//!
//! The app that can be killed is this test binary itself, run again with only `the_app`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use cluster::{Cluster, Installation, Settings};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;

const NOBODY: u32 = 65534;
const APP_DATA_DIR: &str = "CLUSTER_TEST_APP_DATA_DIR";

/// A directory of its own, which leaves no server behind.
pub(crate) struct Playground {
    dir: TempDir,
    below: PathBuf,
}

impl Playground {
    /// Where everybody may pass.
    pub(crate) fn new() -> Self {
        let playground = Self::private();
        fs::set_permissions(playground.dir.path(), Permissions::from_mode(0o755)).unwrap();
        playground
    }

    /// Where only we may pass.
    pub(crate) fn private() -> Self {
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
        Self { dir, below: PathBuf::new() }
    }

    /// Where everybody may pass, a long way down.
    pub(crate) fn deep() -> Self {
        let mut playground = Self::new();
        playground.below = PathBuf::from("d".repeat(60)).join("e".repeat(60));
        playground
    }

    /// What belongs to nobody, the ordinary user.
    pub(crate) fn of_nobody() -> Self {
        let playground = Self::new();
        chown(playground.dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        playground
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join(&self.below).join(".data")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.data_dir().join("postgres")
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::new(self.data_dir()).throw_away()
    }

    pub(crate) async fn start(&self) -> Cluster {
        Cluster::start(self.settings()).await.unwrap()
    }

    pub(crate) fn pid_file(&self) -> PathBuf {
        self.home().join("data/postmaster.pid")
    }

    /// The server's process, if its data names one.
    pub(crate) fn server(&self) -> Option<i32> {
        fs::read_to_string(self.pid_file()).ok()?.lines().next()?.parse().ok()
    }

    fn stop_server(&self) {
        let Some(pid) = self.server().filter(|pid| is_server(*pid)) else { return };
        send(pid, Signal::SIGQUIT);
        wait_until(|| !is_server(pid));
    }

    fn remove_socket_dir_elsewhere(&self) {
        let Ok(note) = fs::read_to_string(self.pid_file()) else { return };
        let socket_dir = note.lines().nth(4).filter(|dir| dir.contains("/command-center-"));
        socket_dir.map(fs::remove_dir_all);
    }

    fn remove_home_elsewhere(&self) {
        let Ok(home) = fs::read_link(self.home()) else { return };
        fs::remove_dir_all(&home).ok();
        // Only when it is empty, for it may be in use by others.
        fs::remove_dir(home.parent().unwrap()).ok();
    }
}

impl Drop for Playground {
    fn drop(&mut self) {
        self.remove_socket_dir_elsewhere();
        self.stop_server();
        self.remove_home_elsewhere();
    }
}

/// An app in a process of its own, killed when it is dropped.
pub(crate) struct App {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl App {
    /// Starts an app and waits until its cluster runs.
    pub(crate) fn ready_on(playground: &Playground) -> Self {
        Self::spawn(Command::new(std::env::current_exe().unwrap()), playground).ready()
    }

    /// Starts an app and does not wait.
    pub(crate) fn starting_on(playground: &Playground) -> Self {
        Self::spawn(Command::new(std::env::current_exe().unwrap()), playground)
    }

    /// Starts an app as the ordinary user, who may not reach where this test was built.
    pub(crate) fn of_nobody_on(playground: &Playground) -> Self {
        let program = playground.root().join("app");
        let copy = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status().unwrap();
        assert!(copy.success());
        let mut command = Command::new(program);
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        Self::spawn(command, playground).ready()
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Lets the app end by itself, and waits for it.
    pub(crate) fn quit(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }

    fn spawn(mut command: Command, playground: &Playground) -> Self {
        command.args(["the_app", "--exact", "--ignored", "--nocapture"]);
        command.env(APP_DATA_DIR, playground.data_dir()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said }
    }

    fn ready(mut self) -> Self {
        let is_ready = self.said.by_ref().lines().map_while(Result::ok).any(|line| line.ends_with("READY"));
        assert!(is_ready, "the app ended before its cluster ran");
        self
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What the app does: it runs the cluster until nobody holds its standard input any more.
pub(crate) async fn be_the_app() {
    let Ok(data_dir) = std::env::var(APP_DATA_DIR) else { return };
    let cluster = Cluster::start(Settings::new(data_dir).throw_away()).await.unwrap();
    println!("READY");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    cluster.stop().await;
}

/// Asks the database, which must answer.
pub(crate) async fn ask(cluster: &Cluster, statement: &str) -> String {
    let (succeeded, said) = psql(&cluster.database_url(), statement).await;
    assert!(succeeded, "{said}");
    said
}

/// Asks the database again and again, until it answers.
pub(crate) async fn ask_until_answered(cluster: &Cluster, statement: &str) -> String {
    for _ in 0..200 {
        if let (true, said) = psql(&cluster.database_url(), statement).await {
            return said;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the database does not answer");
}

async fn psql(url: &str, statement: &str) -> (bool, String) {
    let psql = Installation::find().await.unwrap().bin_dir().join("psql");
    let mut command = tokio::process::Command::new(psql);
    let output =
        command.args(["-X", "-w", "-q", "-A", "-t", "-d", url, "-c", statement]).output().await.unwrap();
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(said).unwrap().trim().to_owned())
}

pub(crate) fn send(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).unwrap();
}

pub(crate) fn wait_until(is_so: impl Fn() -> bool) {
    let patience = (0..200).any(|_| {
        sleep(Duration::from_millis(50));
        is_so()
    });
    assert!(patience, "it did not become so in ten seconds");
}

/// Whether the process is a server; a zombie is not.
pub(crate) fn is_server(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|arguments| arguments.contains("postgres"))
}

/// Who owns a file, or a process by its directory.
pub(crate) fn owner(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().uid()
}

pub(crate) fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(crate) fn we_are_root() -> bool {
    geteuid().is_root()
}

pub(crate) fn is_nobody(uid: u32) -> bool {
    uid == NOBODY
}
