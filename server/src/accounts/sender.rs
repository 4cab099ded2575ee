//! Where a request came from.

use std::net::{IpAddr, Ipv6Addr};

/// Where a request came from, as far as it can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The network address, of the browser where the proxy in between is trusted to tell.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

impl Sender {
    /// The network attempts are counted by: an IPv4 address, or the /64 an IPv6 address is in, since one
    /// subscriber has all of that.
    #[must_use]
    pub fn network(&self) -> String {
        match self.network_address() {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            None => "unknown".to_owned(),
        }
    }

    /// The first address of that network.
    #[must_use]
    pub fn network_address(&self) -> Option<IpAddr> {
        Some(match self.address?.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        Sender { address: address.parse().ok(), user_agent: None }.network()
    }

    #[test]
    fn addresses_of_one_subscriber_count_together() {
        assert_eq!(network("10.0.0.1"), "10.0.0.1");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::4"), network("2001:db8:1:3::4"));
    }
}
