//! One conversation: as much of SMTP as it takes to be handed a letter.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::ReceivedLetter;

/// Talks with one client until it has had enough.
pub(super) async fn hold(stream: TcpStream, keep: &watch::Sender<Vec<ReceivedLetter>>) -> io::Result<()> {
    let mut stream = BufStream::new(stream);
    let mut recipients = Vec::new();
    say(&mut stream, "220 postbox").await?;
    while let Some(line) = next_line(&mut stream).await? {
        let line = String::from_utf8_lossy(&line).into_owned();
        match line.split(' ').next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => {
                say(&mut stream, "250-postbox\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?
            }
            "AUTH" => say(&mut stream, "235 welcome").await?,
            "RCPT" => {
                recipients.extend(between_brackets(&line));
                say(&mut stream, "250 noted").await?;
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let source = read_letter(&mut stream).await?;
                let letter = ReceivedLetter::read(&std::mem::take(&mut recipients), &source);
                keep.send_modify(|letters| letters.push(letter));
                say(&mut stream, "250 kept").await?;
            }
            "MAIL" | "RSET" => {
                recipients.clear();
                say(&mut stream, "250 fine").await?;
            }
            "QUIT" => return say(&mut stream, "221 good-bye").await,
            _ => say(&mut stream, "502 a postbox does not know that").await?,
        }
    }
    Ok(())
}

fn between_brackets(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    rest.rsplit_once('>').map(|(address, _)| address.to_owned())
}

/// Everything up to a line with nothing but a dot; a dot that begins a line was doubled by the sender.
async fn read_letter(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut letter = Vec::new();
    while let Some(line) = next_line(stream).await? {
        if line == b"." {
            return Ok(letter);
        }
        letter.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        letter.extend_from_slice(b"\r\n");
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

async fn next_line(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_ascii_end().to_vec()))
}

async fn say(stream: &mut BufStream<TcpStream>, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}
