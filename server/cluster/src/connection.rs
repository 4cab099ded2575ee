//! Where the cluster listens and as whom to come.

use std::path::PathBuf;

/// The name of the superuser and of the database.
pub(crate) const NAME: &str = "command_center";

/// What a client needs to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionTarget {
    /// The directory that holds the socket.
    pub socket_dir: PathBuf,
    /// The port, which over a unix socket is only a part of its name.
    pub port: u16,
    /// The role to connect as; it needs no password, the directory is private.
    pub user: String,
    /// The database.
    pub database: String,
}

impl ConnectionTarget {
    /// The target as a URL that sqlx and libpq understand.
    pub fn url(&self) -> String {
        let Self { user, port, database, .. } = self;
        let host = percent_encoded(self.socket_dir.as_os_str().as_encoded_bytes());
        format!("postgres://{user}@localhost/{database}?host={host}&port={port}")
    }
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |encoded, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            encoded + &char::from(*byte).to_string()
        }
        other => encoded + &format!("%{other:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_carries_the_socket_directory_percent_encoded() {
        let target = ConnectionTarget {
            socket_dir: PathBuf::from("/srv/a b/socket"),
            port: 5432,
            user: NAME.to_owned(),
            database: NAME.to_owned(),
        };

        assert_eq!(
            target.url(),
            "postgres://command_center@localhost/command_center?host=%2Fsrv%2Fa%20b%2Fsocket&port=5432"
        );
    }
}
