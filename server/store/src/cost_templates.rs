//! Costs that come every month.

use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::ids::CostTemplateId;
use domain::money::Money;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::currency;
use crate::channel_costs::cost_type;
use crate::database::instant;
use crate::work::TenantWork;

/// A cost that comes every month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostTemplate {
    /// Its id.
    pub id: CostTemplateId,
    /// The channel.
    pub channel: ChannelSlug,
    /// What it is spent on.
    pub cost_type: CostType,
    /// What a month costs.
    pub money: Money,
    /// The first day of the first month.
    pub first_month: Date,
    /// The first day of the last month; `None` while it goes on.
    pub last_month: Option<Date>,
    /// What somebody wrote down of it.
    pub notes: Option<String>,
}

struct TemplateRow {
    id: Uuid,
    channel: String,
    cost_type: String,
    amount_minor: i64,
    currency: String,
    first_month: jiff_sqlx::Date,
    last_month: Option<jiff_sqlx::Date>,
    notes: Option<String>,
}

impl TemplateRow {
    fn read(self) -> Result<CostTemplate, StoreError> {
        Ok(CostTemplate {
            id: CostTemplateId(self.id),
            channel: ChannelSlug::stored(self.channel),
            cost_type: cost_type(&self.cost_type)?,
            money: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
            first_month: self.first_month.into(),
            last_month: self.last_month.map(Into::into),
            notes: self.notes,
        })
    }
}

impl TenantWork {
    /// Adds a cost that comes every month.
    pub async fn cost_template_insert(
        &mut self,
        template: &CostTemplate,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into cost_templates (tenant_id, id, channel, cost_type, amount_minor, currency, first_month,
                last_month, notes, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict (tenant_id, id) do nothing"#,
            self.tenant.0,
            template.id.0,
            template.channel.as_str(),
            template.cost_type.word(),
            template.money.minor,
            template.money.currency.code(),
            jiff_sqlx::Date::from(template.first_month) as _,
            template.last_month.map(jiff_sqlx::Date::from) as _,
            template.notes,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The costs that come every month, or did; held until the work is done.
    pub async fn cost_templates(&mut self) -> Result<Vec<CostTemplate>, StoreError> {
        let rows = sqlx::query_as!(
            TemplateRow,
            r#"select id, channel, cost_type, amount_minor, currency, first_month as "first_month: jiff_sqlx::Date",
                last_month as "last_month: jiff_sqlx::Date", notes
            from cost_templates where tenant_id = $1 order by first_month desc, id for update"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(TemplateRow::read).collect()
    }

    /// Says which month of a monthly cost is the last one. `false` when there is no such cost, or none that goes on.
    pub async fn cost_template_end(
        &mut self,
        id: CostTemplateId,
        last_month: Date,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let ended = sqlx::query!(
            r#"update cost_templates set last_month = greatest(first_month, $3::date), updated_at = $4,
                version = version + 1
            where tenant_id = $1 and id = $2 and last_month is null"#,
            self.tenant.0,
            id.0,
            jiff_sqlx::Date::from(last_month) as _,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(ended.rows_affected() == 1)
    }
}
