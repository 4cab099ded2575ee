//! Records of the tenant's that are linked to Stripe customers.

use domain::attribution::{Clue, Link};
use domain::restatement::Trigger;

use crate::StoreError;
use crate::applying::Batch;
use crate::database::instant;
use crate::leads::Bringing;
use crate::work::TenantWork;

/// What became of a link that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPut {
    /// It is new.
    New,
    /// It is there already, and says the same.
    Same,
    /// The record is linked already, and otherwise.
    Other,
}

struct LinkRow {
    kind: String,
    record_id: String,
    customer_id: String,
    lead_ref: Option<String>,
    email: Option<String>,
    channel: Option<String>,
}

impl LinkRow {
    fn read(self) -> Link {
        Link {
            customer: self.customer_id,
            kind: self.kind,
            record: self.record_id,
            lead: self.lead_ref,
            email: self.email,
            channel: self.channel,
        }
    }
}

impl TenantWork {
    /// Links a record to a Stripe customer, and has the customer's payments looked at again.
    pub async fn link_put(
        &mut self,
        link: &Link,
        made_by: &str,
        bringing: Bringing,
    ) -> Result<LinkPut, StoreError> {
        let inserted = sqlx::query!(
            r#"insert into linked_records
                (tenant_id, kind, record_id, customer_id, lead_ref, email, channel, made_by, made_at, import_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant_id, kind, record_id) do nothing"#,
            self.tenant.0,
            link.kind,
            link.record,
            link.customer,
            link.lead,
            link.email,
            link.channel,
            made_by,
            instant(bringing.now) as _,
            bringing.import.map(|import| import.0),
        )
        .execute(self.connection())
        .await?;
        if inserted.rows_affected() == 0 {
            let is_same = self.link(&link.kind, &link.record).await?.as_ref() == Some(link);
            return Ok(if is_same { LinkPut::Same } else { LinkPut::Other });
        }
        let trigger = Trigger::Link(format!("{}/{}", link.kind, link.record));
        self.changes_insert(&[(Clue::Customer(link.customer.clone()), trigger)]).await?;
        Ok(LinkPut::New)
    }

    /// Takes a link back; `None` when the record is not linked.
    pub async fn link_delete(&mut self, kind: &str, record: &str) -> Result<Option<Link>, StoreError> {
        let Some(link) = self.link(kind, record).await? else { return Ok(None) };
        sqlx::query!(
            r#"delete from linked_records where tenant_id = $1 and kind = $2 and record_id = $3"#,
            self.tenant.0,
            kind,
            record,
        )
        .execute(self.connection())
        .await?;
        let trigger = Trigger::Link(format!("{kind}/{record}"));
        self.changes_insert(&[(Clue::Customer(link.customer.clone()), trigger)]).await?;
        Ok(Some(link))
    }

    /// The records linked to a customer.
    pub async fn links_about(&mut self, customer: &str) -> Result<Vec<Link>, StoreError> {
        let rows = sqlx::query_as!(
            LinkRow,
            r#"select kind, record_id, customer_id, lead_ref, email, channel from linked_records
            where tenant_id = $1 and customer_id = $2 order by kind, record_id"#,
            self.tenant.0,
            customer,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(LinkRow::read).collect())
    }

    /// The link of a record.
    pub async fn link(&mut self, kind: &str, record: &str) -> Result<Option<Link>, StoreError> {
        let row = sqlx::query_as!(
            LinkRow,
            r#"select kind, record_id, customer_id, lead_ref, email, channel from linked_records
            where tenant_id = $1 and kind = $2 and record_id = $3"#,
            self.tenant.0,
            kind,
            record,
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(LinkRow::read))
    }
}

impl Batch {
    /// The records linked to these customers.
    pub async fn links_of(&mut self, customers: &[String]) -> Result<Vec<Link>, StoreError> {
        let rows = sqlx::query_as!(
            LinkRow,
            r#"select kind, record_id, customer_id, lead_ref, email, channel from linked_records
            where tenant_id = $1 and customer_id = any($2)"#,
            self.tenant.0,
            customers,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(LinkRow::read).collect())
    }
}
