//! Connecting a tool and ending that: what the key may do is asked before it is kept.

use connectors::webhooks::{self, TOKEN_HEADER, TokenPlace};
use connectors::{Capabilities, Failure};
use credentials::sealing::SecretText;
use credentials::tokens::Token;
use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::connection::{ConnectionState, Tool};
use domain::ids::TenantId;
use store::connections::StoredConnection;

use super::{Connections, SyncError};
use crate::accounts::{Refusal, Sender, about, deed, name_of};

/// An address at which a tool tells of things, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookAddress {
    /// The address.
    pub url: String,
    /// A header the tool is to send with it.
    pub header: Option<(&'static str, String)>,
}

impl WebhookAddress {
    /// The address in words a person can follow.
    #[must_use]
    pub fn in_words(&self) -> String {
        match &self.header {
            None => self.url.clone(),
            Some((name, value)) => format!("{} with the header {name}: {value}", self.url),
        }
    }
}

impl Connections {
    /// Connects a tool with a key, once the tool takes it. Without one, the stored key is tried again.
    pub async fn connect(
        &self,
        viewer: &Viewer,
        tool: &str,
        key: &str,
        base: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::ManageConnections)?;
        let tool = named(tool)?;
        let base = Some(base.trim()).filter(|base| !base.is_empty());
        let typed = Some(key.trim()).filter(|key| !key.is_empty());
        let key = match typed {
            Some(key) => key.to_owned().into(),
            None => self.key(viewer.tenant, tool).await.map_err(refused)?.ok_or_else(needs_key)?,
        };
        let capabilities = self.probe(tool, base, &key).await.map_err(|error| unconnected(tool, error))?;
        if let Some(typed) = typed {
            self.accounts.store_secret(viewer, tool.word(), typed, sender).await?;
        }
        let now = self.accounts.clock.now();
        let mut work = self.accounts.store.within(viewer.tenant).await?;
        let before = work.connection_of(tool).await?;
        let connection = StoredConnection {
            api_base: base.map(str::to_owned),
            webhook_token_hash: before.and_then(|before| before.webhook_token_hash),
            ..self.connected(tool, &capabilities, &name_of(&viewer.actor))
        };
        work.connection_put(&connection).await?;
        let line = about(deed(viewer.actor.clone(), Deed::ToolConnected, sender), tool.name());
        work.audit(&line, now).await?;
        Ok(work.commit().await?)
    }

    /// Ends the connection to a tool: its key is deleted, and it is heard no more. What was read stays.
    pub async fn disconnect(&self, viewer: &Viewer, tool: &str, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::ManageConnections)?;
        let tool = named(tool)?;
        let now = self.accounts.clock.now();
        let mut work = self.accounts.store.within(viewer.tenant).await?;
        let connection = work.connection_of(tool).await?.filter(is_kept).ok_or(Refusal::NotFound)?;
        let connection = StoredConnection {
            state: ConnectionState::Disconnected,
            problem: None,
            webhook_token_hash: None,
            ..connection
        };
        work.connection_put(&connection).await?;
        work.secret_remove(tool.secret()).await?;
        let line = about(deed(viewer.actor.clone(), Deed::ToolDisconnected, sender), tool.name());
        work.audit(&line, now).await?;
        Ok(work.commit().await?)
    }

    /// Makes the address at which a tool tells of things; the one there was works no more.
    pub async fn make_webhook_address(
        &self,
        viewer: &Viewer,
        tool: &str,
        sender: &Sender,
    ) -> Result<WebhookAddress, Refusal> {
        viewer.require(Permission::ManageConnections)?;
        let tool = named(tool)?;
        let reader = webhooks::of(tool).ok_or(Refusal::NotFound)?;
        let now = self.accounts.clock.now();
        let mut work = self.accounts.store.within(viewer.tenant).await?;
        let connection = work.connection_of(tool).await?.filter(is_kept).ok_or(Refusal::NotFound)?;
        let slug = work.tenant().await?.slug;
        let token = Token::draw();
        let hash = token.hash().as_bytes().to_vec();
        work.connection_put(&StoredConnection { webhook_token_hash: Some(hash), ..connection }).await?;
        let line = about(deed(viewer.actor.clone(), Deed::WebhookAddressMade, sender), tool.name());
        work.audit(&line, now).await?;
        work.commit().await?;
        let url = format!("{}/api/webhooks/{}/{slug}", self.accounts.public_address, tool.word());
        Ok(match reader.token_place() {
            TokenPlace::Address => {
                WebhookAddress { url: format!("{url}?token={}", token.text()), header: None }
            }
            TokenPlace::Header => WebhookAddress { url, header: Some((TOKEN_HEADER, token.text())) },
        })
    }

    /// Makes sure that a tool of which only a key was stored counts as connected, and that what its key may do is known.
    pub(super) async fn make_sure(
        &self,
        tenant: TenantId,
        tool: Tool,
        by: &str,
    ) -> Result<StoredConnection, SyncError> {
        let known = self.accounts.store.within(tenant).await?.connection_of(tool).await?;
        let fresh = |connection: &StoredConnection| {
            let age = self.accounts.clock.now().duration_since(connection.probed_at);
            connection.state == ConnectionState::Connected && age < jiff::SignedDuration::from_hours(24)
        };
        if let Some(known) = known.clone().filter(fresh) {
            return Ok(known);
        }
        let way = self.way(tenant, tool).await?;
        let base = known.as_ref().and_then(|known| known.api_base.clone());
        let probed = self.probe(tool, base.as_deref(), &way.key).await;
        let connection = match (probed, known) {
            (Ok(capabilities), known) => {
                let connected = self.connected(tool, &capabilities, by);
                match known {
                    None => connected,
                    Some(known) => StoredConnection {
                        connected_by: known.connected_by,
                        connected_at: known.connected_at,
                        api_base: known.api_base,
                        webhook_token_hash: known.webhook_token_hash,
                        ..connected
                    },
                }
            }
            // A tool that does not answer just now is not one that refuses.
            (Err(SyncError::Tool(failure)), Some(known)) if !failure.is_about_the_key() => {
                return if known.state == ConnectionState::Connected {
                    Ok(known)
                } else {
                    Err(failure.into())
                };
            }
            (Err(error), known) => {
                let none = Capabilities::default();
                let known = known.unwrap_or_else(|| self.connected(tool, &none, by));
                self.note_problem(tenant, known, &error).await?;
                return Err(error);
            }
        };
        self.put(tenant, &connection).await?;
        Ok(connection)
    }

    /// Writes down that a tool does not take the key, when that is what is wrong.
    pub(super) async fn note_problem(
        &self,
        tenant: TenantId,
        connection: StoredConnection,
        error: &SyncError,
    ) -> Result<(), SyncError> {
        let SyncError::Tool(failure) = error else { return Ok(()) };
        if !failure.is_about_the_key() {
            return Ok(());
        }
        let problem = Some(failure.to_string());
        self.put(tenant, &StoredConnection { state: ConnectionState::Refused, problem, ..connection }).await
    }

    async fn put(&self, tenant: TenantId, connection: &StoredConnection) -> Result<(), SyncError> {
        let mut work = self.accounts.store.within(tenant).await?;
        work.connection_put(connection).await?;
        Ok(work.commit().await?)
    }

    /// Asks a tool what a key may do.
    async fn probe(
        &self,
        tool: Tool,
        base: Option<&str>,
        key: &SecretText,
    ) -> Result<Capabilities, SyncError> {
        let (base, pace) = self.access.at(tool, base)?;
        let pace = connectors::Pace { attempts: 2, ..pace };
        if tool.reaches_people() {
            return Ok(connectors::connect(tool, base, key, pace)?.probe().await?);
        }
        Ok(connectors::enrich(tool, base, key, pace)?.probe().await?)
    }

    fn connected(&self, tool: Tool, capabilities: &Capabilities, by: &str) -> StoredConnection {
        let now = self.accounts.clock.now();
        StoredConnection {
            tool,
            state: ConnectionState::Connected,
            api_base: None,
            capabilities: serde_json::to_value(capabilities).unwrap_or_default(),
            problem: None,
            webhook_token_hash: None,
            connected_by: by.to_owned(),
            connected_at: now,
            probed_at: now,
        }
    }
}

/// The tool of this name.
pub(super) fn named(tool: &str) -> Result<Tool, Refusal> {
    tool.parse().map_err(|_| Refusal::NotFound)
}

fn is_kept(connection: &StoredConnection) -> bool {
    connection.state != ConnectionState::Disconnected
}

fn needs_key() -> Refusal {
    Refusal::field("value", "this is needed")
}

/// Why a tool was not connected, beside the field that is to blame.
fn unconnected(tool: Tool, error: SyncError) -> Refusal {
    match error {
        SyncError::Base(why) => Refusal::field("base", why.to_string()),
        SyncError::Tool(failure @ (Failure::Refused { .. } | Failure::Impossible { .. })) => {
            Refusal::field("value", format!("{} does not take this key: {failure}", tool.name()))
        }
        SyncError::Tool(failure) => Refusal::Conflict(format!("{}: {failure}", tool.name())),
        error => refused(error),
    }
}

/// Why nothing was done, as a form says it.
pub(crate) fn refused(error: SyncError) -> Refusal {
    match error {
        SyncError::Store(error) => error.into(),
        SyncError::Refused(refusal) => refusal,
        error => Refusal::Conflict(error.to_string()),
    }
}
