//! What people say about an alert.

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::ids::AlertCommentId;
use store::alert_comments::AlertComment;

use super::{Alerts, name_of, named};
use crate::accounts::{Refusal, Sender, about, deed, saying};
use crate::chance::new_id;

/// How much is said at once.
const LONGEST: usize = 2_000;

impl Alerts {
    /// Says something about an alert. The same that the same person said last was sent twice, and is said once.
    pub async fn comment(
        &self,
        viewer: &Viewer,
        id: &str,
        text: &str,
        sender: &Sender,
    ) -> Result<AlertComment, Refusal> {
        viewer.require(Permission::Act)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let alert = named(&mut work, id).await?;
        let (body, author_name, now) = (said(text)?, name_of(&viewer.actor), self.clock.now());
        let last = work.alert_comments(&[alert.id]).await?.pop();
        if let Some(last) = last.filter(|last| last.body == body && last.author_name == author_name) {
            return Ok(last);
        }
        let comment =
            AlertComment { id: AlertCommentId(new_id()), alert: alert.id, body, author_name, at: now };
        work.alert_comment_insert(&comment).await?;
        let line = about(deed(viewer.actor.clone(), Deed::AlertCommented, sender), alert.finding.key());
        work.audit(&saying(line, [("alert", alert.finding.title)]), now).await?;
        work.commit().await?;
        Ok(comment)
    }
}

/// What was typed, as it is kept.
fn said(text: &str) -> Result<String, Refusal> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let is_plain =
        !text.chars().any(|character| character.is_control() && !['\n', '\t'].contains(&character));
    if text.is_empty() || !is_plain || text.chars().count() > LONGEST {
        return Err(Refusal::field("text", format!("a comment is plain text of 1 to {LONGEST} characters")));
    }
    Ok(text.to_owned())
}
