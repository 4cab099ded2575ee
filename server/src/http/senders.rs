//! Where a request came from. What a proxy says of it counts only when the proxy is one we were told of.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::header::USER_AGENT;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::accounts::Sender;
use crate::config::Network;

/// The proxies that may say whom they speak for.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// These networks.
    pub(crate) fn of(networks: &[Network]) -> Self {
        Self(networks.iter().map(|network| network.0).collect())
    }

    /// Where a request came from.
    pub(super) fn sender(&self, headers: &HeaderMap, extensions: &Extensions) -> Sender {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let user_agent = headers.get(USER_AGENT).and_then(|text| text.to_str().ok()).map(str::to_owned);
        Sender { address: peer.map(|peer| self.behind(peer, headers)), user_agent }
    }

    /// The nearest address that is none of our proxies; what stands left of it anybody may have written.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trust(peer) {
            return peer;
        }
        let lines = headers.get_all("x-forwarded-for").into_iter();
        let told: Vec<&str> =
            lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
        let mut nearest = peer;
        for text in told.into_iter().rev() {
            let Ok(address) = text.trim().parse::<IpAddr>() else { return nearest };
            nearest = address;
            if !self.trust(address) {
                return address;
            }
        }
        nearest
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(proxies: &[&str], peer: &str, told: &str) -> String {
        let proxies = TrustedProxies(proxies.iter().map(|network| network.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", told.parse().unwrap());
        proxies.behind(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn what_strangers_say_of_themselves_does_not_count() {
        assert_eq!(behind(&[], "10.0.0.9", "1.2.3.4"), "10.0.0.9");
        assert_eq!(behind(&["10.0.0.0/24"], "192.168.1.1", "1.2.3.4"), "192.168.1.1");
        assert_eq!(behind(&["10.0.0.0/24"], "10.0.0.9", "6.6.6.6, 1.2.3.4"), "1.2.3.4");
        assert_eq!(behind(&["10.0.0.0/24"], "10.0.0.9", "6.6.6.6, 1.2.3.4, 10.0.0.7"), "1.2.3.4");
        assert_eq!(behind(&["10.0.0.0/24"], "::ffff:10.0.0.9", "1.2.3.4"), "1.2.3.4");
        assert_eq!(behind(&["10.0.0.0/24"], "10.0.0.9", "1.2.3.4, rubbish"), "10.0.0.9");
    }
}
