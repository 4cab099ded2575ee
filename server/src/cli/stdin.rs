//! Secrets come on standard input: everybody on a machine can read its command lines.

use std::io::{IsTerminal as _, Read as _};

/// No secret is longer.
const MOST: u64 = 8 * 1024;

/// The first line of standard input; `what` is asked for when a person sits there.
pub(super) fn secret(what: &str) -> Result<String, Box<dyn std::error::Error>> {
    if std::io::stdin().is_terminal() {
        eprintln!("{what}, then Enter (it is shown while you type; a pipe is better):");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        return read(&line, what);
    }
    let mut text = String::new();
    std::io::stdin().take(MOST).read_to_string(&mut text)?;
    read(text.lines().next().unwrap_or_default(), what)
}

fn read(line: &str, what: &str) -> Result<String, Box<dyn std::error::Error>> {
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        Err(format!("{what} is expected on standard input").into())
    } else {
        Ok(line.to_owned())
    }
}
