//! People of both tenants, and the browsers they sit at.

use std::net::IpAddr;
use std::sync::LazyLock;

use credentials::passwords::{Hasher, Password};
use credentials::tokens::Token;
use domain::access::Role;
use domain::ids::{SessionId, TenantId, UserId};
use jiff::SignedDuration;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use store::Store;
use store::sessions::NewSession;
use store::users::NewUser;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::now;

/// Everybody's password.
pub const PASSWORD: &str = "a calm sentence about tests";

static HASH: LazyLock<OnceCell<String>> = LazyLock::new(OnceCell::new);

async fn password_hash() -> String {
    let hash = HASH.get_or_init(|| async {
        let password = Password::read(PASSWORD.to_owned()).unwrap();
        Hasher::new(1).hash(&password).await.as_str().to_owned()
    });
    hash.await.clone()
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Somebody {
    pub id: UserId,
    pub email: String,
}

/// Makes an account, with these memberships.
pub async fn somebody(store: &Store, email: &str, memberships: &[(TenantId, Role)]) -> Somebody {
    make(store, email, memberships, false).await
}

/// Makes somebody of the platform, who belongs to no tenant.
pub async fn platform_admin(store: &Store, email: &str) -> Somebody {
    make(store, email, &[], true).await
}

async fn make(
    store: &Store,
    email: &str,
    memberships: &[(TenantId, Role)],
    is_platform_admin: bool,
) -> Somebody {
    let user = NewUser {
        id: UserId(Uuid::new_v5(&Uuid::NAMESPACE_URL, email.as_bytes())),
        email: email.to_owned(),
        name: format!("Test {}", email.split('@').next().unwrap()),
        password_hash: password_hash().await,
        is_platform_admin,
    };
    let mut work = store.platform().await.unwrap();
    assert!(work.user_insert(&user, now()).await.unwrap(), "{email} is there already");
    for (tenant, role) in memberships {
        work.membership_put(*tenant, user.id, *role, now()).await.unwrap();
    }
    work.commit().await.unwrap();
    Somebody { id: user.id, email: user.email }
}

/// A browser: it keeps its cookie, follows no redirect by itself, and says where its forms come from.
#[derive(Clone, Debug)]
pub struct Browser {
    address: String,
    client: Client,
    pub cookie: Option<String>,
}

impl Browser {
    /// A browser nobody is signed in with.
    pub fn new(address: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { address: address.to_owned(), client, cookie: None }
    }

    /// The same browser in another network: all of 127.0.0.0/8 is this machine.
    pub fn in_network(self, address: impl Into<IpAddr>) -> Self {
        let client =
            Client::builder().redirect(Policy::none()).local_address(address.into()).build().unwrap();
        Self { client, ..self }
    }

    /// The same browser at another address of the program's.
    pub fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }

    /// A browser somebody is signed in with, looking at a tenant, without going through the form.
    pub async fn of(address: &str, store: &Store, who: &Somebody, tenant: Option<TenantId>) -> Self {
        let token = Token::draw();
        let session = NewSession {
            id: SessionId(Uuid::new_v5(&Uuid::NAMESPACE_URL, token.text().as_bytes())),
            token_hash: *token.hash().as_bytes(),
            user: who.id,
            tenant,
            user_agent: Some("test browser".to_owned()),
            address: None,
            expires_at: now() + SignedDuration::from_hours(24),
        };
        let mut work = store.platform().await.unwrap();
        work.session_insert(&session, now()).await.unwrap();
        work.commit().await.unwrap();
        Self { cookie: Some(format!("session={}", token.text())), ..Self::new(address) }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub async fn text(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap()
    }

    /// Whether somebody is signed in with it.
    pub async fn is_signed_in(&self) -> bool {
        match self.get("/portal/settings/account").await.status().as_u16() {
            200 => true,
            303 => false,
            status => panic!("the account's page answered {status}"),
        }
    }

    /// Sends a form as our own page would, and keeps the cookie it is answered with.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.send(self.form(path, fields).header(ORIGIN, &self.address)).await
    }

    /// Sends a request and keeps the cookie it is answered with.
    pub async fn send(&mut self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookie = Some(pair).filter(|pair| !pair.ends_with('='));
        }
        response
    }

    /// A form that says nothing yet of where it comes from.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        self.request(Method::POST, path).form(fields)
    }

    /// Any request, with the cookie.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.with_cookie(self.client.request(method, format!("{}{path}", self.address)))
    }

    /// Signs in through the form.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Response {
        self.post("/login", &[("form", "sign_in"), ("email", email), ("password", password)]).await
    }

    fn with_cookie(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }
}

/// Where an answer sends the browser.
pub fn location(response: &Response) -> &str {
    response.headers().get(LOCATION).map_or("", |location| location.to_str().unwrap())
}
