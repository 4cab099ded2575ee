//! Finding the addresses behind a name, without those a user of the program may not reach.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use super::base::{ApiBase, is_public};

/// Looks names up; for an address somebody entered only public ones are answered, each time anew.
#[derive(Clone, Debug)]
pub(super) struct GuardedResolver {
    inner: GaiResolver,
    only_public: bool,
}

impl GuardedResolver {
    pub(super) fn of(base: &ApiBase) -> Self {
        Self { inner: GaiResolver::new(), only_public: base.is_entered() }
    }
}

impl Service<Name> for GuardedResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, only_public) = (self.inner.call(name), self.only_public);
        Box::pin(async move {
            let allowed: Vec<SocketAddr> =
                found.await?.filter(|address| !only_public || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::other("the name leads nowhere that may be asked"));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_leads_nowhere_when_a_user_entered_it() {
        let name = || "localhost".parse::<Name>().unwrap();
        let entered = ApiBase::entered("https://tool.example").unwrap();
        assert!(GuardedResolver::of(&entered).call(name()).await.is_err());
        let configured = ApiBase::configured("http://localhost:1").unwrap();
        assert!(GuardedResolver::of(&configured).call(name()).await.is_ok());
    }
}
