//! How often one caller may call the API. Counted in this process: what is counted is gone with a restart, and two
//! processes allow twice as much.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::Caller;
use domain::ids::{ApiKeyId, UserId};
use governor::clock::Clock as PassingTime;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Services;
use super::callers::{Known, identify, unavailable};
use super::errors::ApiError;
use super::same_origin::SIGNED;
use super::turnstile::Group;
use crate::accounts::Sender;
use crate::clock::{Clock, Stopwatch};

/// What one key or one person may call at once, and how many more each second.
const OF_THE_KNOWN: Allowance = Allowance { at_once: 300, a_second: 10 };

/// What all who are neither may, of one network.
const OF_STRANGERS: Allowance = Allowance { at_once: 120, a_second: 2 };

/// After so many calls it is forgotten who has not called for a while.
const SWEEP_EVERY: usize = 10_000;

#[derive(Clone, Copy)]
struct Allowance {
    at_once: u32,
    a_second: u32,
}

/// Whose calls count together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Counted {
    Key(ApiKeyId),
    Person(UserId),
    Network(Option<IpAddr>),
}

impl Counted {
    fn of(caller: Option<&Caller>, sender: &Sender) -> Self {
        match caller {
            Some(Caller::Key(holder)) => Self::Key(holder.key),
            Some(Caller::Person(person)) => Self::Person(person.user),
            None => Self::Network(sender.network_address()),
        }
    }
}

type Limiter = RateLimiter<Counted, HashMapStateStore<Counted>, Stopwatch, NoOpMiddleware<Duration>>;

/// What has been called by whom.
#[derive(Clone, Debug)]
pub struct CallLimits {
    known: Arc<Limiter>,
    strangers: Arc<Limiter>,
    calls: Arc<AtomicUsize>,
}

impl CallLimits {
    /// Nobody has called yet.
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            known: Arc::new(limiter(OF_THE_KNOWN, clock)),
            strangers: Arc::new(limiter(OF_STRANGERS, clock)),
            calls: Arc::new(AtomicUsize::new(1)),
        }
    }

    /// Counts a call; says how long to wait when it is one too many.
    fn count(&self, who: &Counted) -> Result<(), Duration> {
        if self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            self.forget_the_quiet();
        }
        let limiter = match who {
            Counted::Network(_) => &self.strangers,
            Counted::Key(_) | Counted::Person(_) => &self.known,
        };
        limiter.check_key(who).map_err(|refused| refused.wait_time_from(limiter.clock().now()))
    }

    /// Who may call as often as at the beginning need not be remembered.
    fn forget_the_quiet(&self) {
        for limiter in [&self.known, &self.strangers] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

fn limiter(allowance: Allowance, clock: Clock) -> Limiter {
    let count = |number| NonZeroU32::new(number).expect("an allowance is not nothing");
    let quota = Quota::per_second(count(allowance.a_second)).allow_burst(count(allowance.at_once));
    RateLimiter::hashmap_with_clock(quota, Stopwatch::start(clock))
}

impl PassingTime for Stopwatch {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.passed()
    }
}

/// Finds out who calls the API, and lets them call only so often and so much at once. Stripe's events are neither
/// counted nor made to wait: whatever their address, they are signed.
pub(super) async fn limit_calls(
    State(services): State<Services>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with(SIGNED) {
        return next.run(request).await;
    }
    let sender = services.proxies.sender(request.headers(), request.extensions());
    let caller = match identify(&services, request.headers()).await {
        Ok(caller) => caller,
        Err(error) => return unavailable(error).into_response(),
    };
    if let Err(wait) = services.call_limits.count(&Counted::of(caller.as_ref(), &sender)) {
        return called_too_often(wait).into_response();
    }
    let Some(caller) = caller else { return next.run(request).await };
    let Ok(_pass) = services.calls.enter(Group::of(&caller)).await else {
        return too_much_at_once().into_response();
    };
    request.extensions_mut().insert(Arc::new(Known { caller, sender }));
    next.run(request).await
}

fn called_too_often(wait: Duration) -> ApiError {
    let seconds = wait.as_secs().saturating_add(1);
    let message = format!("too many calls: try again in {seconds} seconds");
    too_many(message, seconds)
}

fn too_much_at_once() -> ApiError {
    too_many("too much is asked at once: try again in a moment".to_owned(), 1)
}

fn too_many(message: String, seconds: u64) -> ApiError {
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
        .with_header(RETRY_AFTER, HeaderValue::from(seconds))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(name: &str) -> Counted {
        Counted::Key(ApiKeyId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())))
    }

    fn network(address: &str) -> Counted {
        let sender = Sender { address: Some(address.parse().unwrap()), user_agent: None };
        Counted::of(None, &sender)
    }

    fn calls_of(limits: &CallLimits, who: &Counted) -> u32 {
        (0..).take_while(|_| limits.count(who).is_ok()).fold(0, |count, _: u32| count + 1)
    }

    #[tokio::test(start_paused = true)]
    async fn who_called_too_often_may_call_again_when_it_was_said() {
        let limits = CallLimits::new(Clock::System);
        assert_eq!(calls_of(&limits, &key("a")), OF_THE_KNOWN.at_once);
        let wait = limits.count(&key("a")).unwrap_err();
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
        tokio::time::advance(wait).await;
        assert_eq!(calls_of(&limits, &key("a")), 1);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(calls_of(&limits, &key("a")), 3 * OF_THE_KNOWN.a_second);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_counted_for_another() {
        let limits = CallLimits::new(Clock::System);
        let same = Uuid::new_v5(&Uuid::NAMESPACE_OID, b"same");
        let all = [
            Counted::Key(ApiKeyId(same)),
            Counted::Person(UserId(same)),
            network("10.0.0.1"),
            network("10.0.0.2"),
            network("2001:db8:1:2::1"),
            network("2001:db8:1:3::1"),
            Counted::of(None, &Sender::default()),
        ];
        for who in &all {
            assert!(calls_of(&limits, who) >= OF_STRANGERS.at_once, "{who:?}");
        }
        for other in ["::ffff:10.0.0.1", "2001:db8:1:2:ffff::2"] {
            assert!(limits.count(&network(other)).is_err(), "{other} is in a network that has called");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_been_quiet_is_forgotten_and_who_was_refused_is_not() {
        let limits = CallLimits::new(Clock::System);
        for number in 0..1_000u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(number));
            assert!(limits.count(&Counted::Network(Some(address))).is_ok());
        }
        calls_of(&limits, &network("10.0.0.1"));
        tokio::time::advance(Duration::from_secs(2)).await;
        limits.forget_the_quiet();
        assert_eq!(limits.strangers.len(), 1);
        assert_eq!(calls_of(&limits, &network("10.0.0.1")), 2 * OF_STRANGERS.a_second);
    }
}
