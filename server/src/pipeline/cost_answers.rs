//! Costs as programs see them.

use domain::ids::CostId;
use serde_json::{Value, json};
use store::channel_costs::StoredCost;
use store::cost_templates::CostTemplate;

/// A cost, as programs see it. Why `base_amount` is null stands in `absent`.
pub(crate) fn cost_as_json(stored: &StoredCost) -> Value {
    let cost = &stored.cost;
    json!({
        "id": cost.id,
        "channel": cost.channel,
        "cost_type": cost.cost_type,
        "amount": cost.money.minor,
        "currency": cost.money.currency,
        "base_amount": cost.base_minor,
        "absent": cost.base_minor.is_none().then_some("no exchange rate is known for its first day"),
        "period_start": cost.period.from,
        "period_end": cost.period.to,
        "notes": cost.notes,
        "monthly_cost_id": cost.template,
        "version": stored.version,
        "updated_at": stored.updated_at,
        "deleted_at": stored.deleted_at,
        "warnings": warnings(&stored.overlapping),
    })
}

/// What is to be seen to: other costs of the same channel and type that fall on the same days. They may be meant so.
fn warnings(overlapping: &[CostId]) -> Value {
    if overlapping.is_empty() {
        return json!([]);
    }
    let message = "other costs of this channel and type fall on the same days: they add up";
    json!([{ "code": "overlapping_costs", "message": message, "costs": overlapping }])
}

/// A monthly cost that was written down, as programs see it, with what its rows overlap.
pub(super) fn new_monthly_as_json(template: &CostTemplate, overlapping: &[CostId]) -> Value {
    let mut body = monthly_as_json(template);
    if let Some(fields) = body.as_object_mut() {
        fields.insert("warnings".to_owned(), warnings(overlapping));
    }
    body
}

/// A monthly cost, as programs see it.
pub(crate) fn monthly_as_json(template: &CostTemplate) -> Value {
    json!({
        "id": template.id,
        "channel": template.channel,
        "cost_type": template.cost_type,
        "amount": template.money.minor,
        "currency": template.money.currency,
        "first_month": template.first_month,
        "last_month": template.last_month,
        "notes": template.notes,
    })
}
