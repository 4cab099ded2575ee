//! Keys programs come with.

use credentials::tokens::ApiKeyText;
use domain::access::{Permission, Role, Viewer};
use domain::audit::Deed;
use domain::ids::ApiKeyId;
use store::api_keys::NewApiKey;

use super::invitations::{above, role_to_hand_on};
use super::members::name_of;
use super::refusal::plain_text;
use super::{Accounts, Refusal, Sender, about, deed, saying};
use crate::chance::new_id;

/// What is asked for in a new key.
pub struct KeyRequest<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is at most.
    pub role: &'a str,
    /// Which of that role's permissions it has.
    pub scopes: &'a [String],
}

impl Accounts {
    /// Makes a key for the viewer's tenant; it is told now and never again.
    pub async fn create_api_key(
        &self,
        viewer: &Viewer,
        asked: KeyRequest<'_>,
        sender: &Sender,
    ) -> Result<ApiKeyText, Refusal> {
        viewer.require(Permission::ManageApiKeys)?;
        let name = plain_text("name", asked.name, 200)?;
        let role = role_to_hand_on(viewer, asked.role)?;
        let scopes = scopes_of(role, asked.scopes)?;
        let text = ApiKeyText::draw();
        let now = self.clock.now();
        let key = NewApiKey {
            id: ApiKeyId(new_id()),
            key_hash: *text.hash().as_bytes(),
            hint: text.hint(),
            name: name.clone(),
            role,
            scopes: scopes.clone(),
            created_by: name_of(&viewer.actor),
        };
        let mut work = self.store.within(viewer.tenant).await?;
        work.api_key_insert(&key, now).await?;
        let words: Vec<&str> = scopes.iter().map(|scope| scope.word()).collect();
        let line = about(deed(viewer.actor.clone(), Deed::ApiKeyCreated, sender), name);
        let line = saying(line, [("role", role.to_string()), ("scopes", words.join(" "))]);
        work.audit(&line, now).await?;
        work.commit().await?;
        Ok(text)
    }

    /// Revokes a key; it no longer works from the next request on.
    pub async fn revoke_api_key(&self, viewer: &Viewer, key: &str, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::ManageApiKeys)?;
        let id: ApiKeyId = key.parse().map_err(|_| Refusal::NotFound)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let (name, role) = work.api_key_revoke(id, now).await?.ok_or(Refusal::NotFound)?;
        if role > viewer.role {
            return Err(above(role));
        }
        work.audit(&about(deed(viewer.actor.clone(), Deed::ApiKeyRevoked, sender), name), now).await?;
        Ok(work.commit().await?)
    }
}

/// The permissions asked for; a role has them all, or the key would pretend.
fn scopes_of(role: Role, words: &[String]) -> Result<Vec<Permission>, Refusal> {
    if words.is_empty() {
        return Err(Refusal::field("scope", "choose at least one"));
    }
    let mut scopes = Vec::new();
    for word in words {
        let scope: Permission =
            word.parse().map_err(|_| Refusal::field("scope", "there is no such scope"))?;
        if scope.least_role() > role {
            let message = format!("{} may not {}: choose another role", role, scope.in_words());
            return Err(Refusal::field("scope", message));
        }
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}
