//! The address a tool is asked at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The address a tool is asked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBase {
    text: String,
    is_entered: bool,
}

/// Why a text is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBase {
    /// Whoever runs the program may use https, and http on this machine.
    #[error("this is an https address, or an http address of this machine, without anything after its path")]
    Configured,
    /// Whoever uses it may name public addresses only.
    #[error("this is a public https address, without anything after its path")]
    Entered,
}

impl ApiBase {
    /// The address whoever runs the program says. A key is sent there, so it is https, or never leaves this machine.
    pub fn configured(text: &str) -> Result<Self, InvalidBase> {
        let url = plain(text).ok_or(InvalidBase::Configured)?;
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(Self::of(text, false)),
            "http" if is_here => Ok(Self::of(text, false)),
            _ => Err(InvalidBase::Configured),
        }
    }

    /// The address a user of the program says: nothing of ours, and nothing that only this machine can reach.
    pub fn entered(text: &str) -> Result<Self, InvalidBase> {
        let url = plain(text).ok_or(InvalidBase::Entered)?;
        let is_public = match url.host() {
            Some(Host::Domain(name)) => {
                name.contains('.')
                    && !["localhost", "local", "internal", "lan", "home", "corp"]
                        .iter()
                        .any(|end| name.rsplit('.').next() == Some(end))
            }
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            None => false,
        };
        if url.scheme() != "https" || !is_public {
            return Err(InvalidBase::Entered);
        }
        Ok(Self::of(text, true))
    }

    pub(crate) fn of_tool(text: &str) -> Self {
        Self::of(text, false)
    }

    fn of(text: &str, is_entered: bool) -> Self {
        Self { text: text.trim().trim_end_matches('/').to_owned(), is_entered }
    }

    /// Whether a user said it, so that it must not lead anywhere private.
    pub(crate) const fn is_entered(&self) -> bool {
        self.is_entered
    }

    pub(crate) fn is_https(&self) -> bool {
        self.text.starts_with("https://")
    }

    /// The address, without a closing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where an absolute address a tool gave is asked: the same path and query, at this address.
    #[must_use]
    pub fn rewritten(&self, absolute: &str) -> Option<(String, Vec<(String, String)>)> {
        let there =
            Url::parse(absolute).or_else(|_| Url::parse(&self.text).and_then(|base| base.join(absolute)));
        let there = there.ok()?;
        let own = Url::parse(&self.text).ok()?;
        let path = there.path();
        let path = path.strip_prefix(own.path().trim_end_matches('/')).unwrap_or(path);
        Some((path.to_owned(), there.query_pairs().into_owned().collect()))
    }
}

fn plain(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_plain.then_some(url)
}

/// Whether anybody on the internet reaches it.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_benchmark = first == 198 && (second == 18 || second == 19);
    let is_protocol = first == 192 && second == 0 && third == 0;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || is_shared
        || is_benchmark
        || is_protocol)
}

/// An IPv4 address in whatever IPv6 wrapping is judged as itself.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    let wraps = first == 0x2002 || (first == 0x2001 && second == 0);
    let is_documentation = first == 0x2001 && second == 0x0db8;
    is_global && !wraps && !is_documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_sent_in_the_clear() {
        assert_eq!(ApiBase::configured("http://127.0.0.1:9/").unwrap().as_str(), "http://127.0.0.1:9");
        assert!(ApiBase::configured("https://10.0.0.7/heyreach").is_ok());
        for text in [
            "http://tool.example",
            "tool.example",
            "ftp://127.0.0.1",
            "https://a:b@c.example",
            "https://a.example?b",
        ] {
            assert_eq!(ApiBase::configured(text), Err(InvalidBase::Configured), "{text}");
        }
    }

    #[test]
    fn what_a_user_enters_leads_nowhere_private() {
        assert!(ApiBase::entered("https://api.tool.example/v1").is_ok());
        assert!(ApiBase::entered("https://93.184.215.14").is_ok());
        for text in [
            "http://api.tool.example",
            "https://localhost",
            "https://database.internal",
            "https://printer",
            "https://127.0.0.1",
            "https://2130706433",
            "https://0x7f.1",
            "https://10.0.0.1",
            "https://172.16.3.4",
            "https://192.168.0.1",
            "https://169.254.169.254",
            "https://100.64.0.1",
            "https://[::1]",
            "https://[::ffff:10.0.0.1]",
            "https://[fd00::1]",
            "https://[fe80::1]",
            "https://[2002:7f00:1::]",
            "https://api.tool.example?x=1",
            "https://me@api.tool.example",
        ] {
            assert_eq!(ApiBase::entered(text), Err(InvalidBase::Entered), "{text}");
        }
    }

    #[test]
    fn an_absolute_address_is_asked_at_our_base() {
        let base = ApiBase::configured("http://127.0.0.1:9/api/v2").unwrap();
        let (path, query) =
            base.rewritten("https://api.tool.example/api/v2/campaigns?after=7&x=a%20b").unwrap();
        assert_eq!(path, "/campaigns");
        assert_eq!(query, [("after".to_owned(), "7".to_owned()), ("x".to_owned(), "a b".to_owned())]);
    }
}
