//! Runs a command beside a throw-away PostgreSQL and ends as the command ends:
//! `throwaway cargo nextest run`. The command finds the database in `DATABASE_URL` and
//! `TEST_DATABASE_URL`; nothing is left of it afterwards.

use std::error::Error;
use std::ffi::OsString;
use std::process::{ExitCode, ExitStatus};

use cluster::{Cluster, Settings};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: throwaway COMMAND…");
        return Ok(ExitCode::from(2));
    };
    let directory = tempfile::tempdir()?;
    let cluster = Cluster::start(Settings::new(directory.path()).throw_away()).await?;
    let status = run(&program, arguments, &cluster.database_url()).await;
    cluster.stop().await;
    directory.close()?;
    Ok(exit_code(status?))
}

/// Waits for the command. An interrupt reaches it by itself and a request to end is passed on: the
/// database is stopped only after whoever uses it.
async fn run(
    program: &OsString,
    arguments: impl Iterator<Item = OsString>,
    database_url: &str,
) -> Result<ExitStatus, Failure> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut command = Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", database_url)
        .env("TEST_DATABASE_URL", database_url)
        .spawn()?;
    loop {
        tokio::select! {
            status = command.wait() => return Ok(status?),
            _ = interrupted.recv() => {}
            _ = terminated.recv() => terminate(&command)?,
        }
    }
}

fn terminate(command: &Child) -> Result<(), Failure> {
    let Some(id) = command.id() else { return Ok(()) };
    Ok(kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM)?)
}

/// What the command said; one that a signal ended has failed.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
