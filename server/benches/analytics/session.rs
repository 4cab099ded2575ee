//! One plain connection: psql, kept open, told what to run.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::now;

/// A psql that waits for statements.
pub(crate) struct Session {
    child: Child,
    statements: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Session {
    /// Opens it; what statements answer is thrown away.
    pub(crate) fn open(psql: &Path, url: &str) -> Self {
        let mut command = Command::new(psql);
        command.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", "/dev/null", url]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("psql starts");
        let statements = child.stdin.take().expect("psql listens");
        let answers = BufReader::new(child.stdout.take().expect("psql speaks")).lines();
        Self { child, statements, answers }
    }

    /// Runs statements, and says how long that took.
    pub(crate) async fn run(&mut self, statements: &str) -> Duration {
        let begun = now();
        let told = format!("{statements}\n\\echo done\n");
        self.statements.write_all(told.as_bytes()).await.expect("psql listens");
        let answer = self.answers.next_line().await.expect("psql speaks");
        assert_eq!(answer.as_deref(), Some("done"), "the statements run");
        begun.elapsed()
    }

    /// Lets it go.
    pub(crate) async fn close(mut self) {
        drop(self.statements);
        self.child.wait().await.expect("psql ends");
    }
}
