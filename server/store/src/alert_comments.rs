//! What people say about alerts.

use domain::ids::{AlertCommentId, AlertId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// Something somebody said about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertComment {
    /// Its id.
    pub id: AlertCommentId,
    /// The alert.
    pub alert: AlertId,
    /// What was said.
    pub body: String,
    /// Who said it, by the name they had then.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
}

impl TenantWork {
    /// Adds what somebody said.
    pub async fn alert_comment_insert(&mut self, comment: &AlertComment) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into alert_comments (tenant_id, id, alert_id, body, author_name, at) values ($1, $2, $3, $4, $5, $6)"#,
            self.tenant.0,
            comment.id.0,
            comment.alert.0,
            comment.body,
            comment.author_name,
            instant(comment.at) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What was said about these alerts, the oldest first.
    pub async fn alert_comments(&mut self, alerts: &[AlertId]) -> Result<Vec<AlertComment>, StoreError> {
        let ids: Vec<Uuid> = alerts.iter().map(|alert| alert.0).collect();
        let rows = sqlx::query!(
            r#"select id, alert_id, body, author_name, at as "at: jiff_sqlx::Timestamp"
            from alert_comments where tenant_id = $1 and alert_id = any($2) order by alert_id, seq"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| AlertComment {
                id: AlertCommentId(row.id),
                alert: AlertId(row.alert_id),
                body: row.body,
                author_name: row.author_name,
                at: row.at.into(),
            })
            .collect())
    }
}
