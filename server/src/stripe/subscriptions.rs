//! Subscriptions, and the tiers and discounts they name, in the old and the new shape.

use std::collections::BTreeMap;

use domain::attribution::metadata::Place;
use domain::definition::Interval;
use domain::ledger::Product;
use domain::money::{Currency, Money};
use domain::ratio::Ratio;
use domain::subscription::order::Trail;
use domain::subscription::pricing::{Item, Pricing};
use domain::subscription::terms::{Discount, DiscountRef, Duration, Off, TermsFact, Tier, ToldTerms};
use domain::subscription::{Occasion, Snapshot, Status, SubscriptionFact};
use jiff::Timestamp;
use serde_json::Value;

use super::json::{self, Object, Unreadable};
use super::objects::{Telling, hints_on};

/// More of one item than anybody sells.
const MAX_QUANTITY: i64 = 1_000_000_000;

/// Plain fields that tell which of two changes in one second came first.
const TELLING_FIELDS: [&str; 8] = [
    "status",
    "quantity",
    "latest_invoice",
    "cancel_at",
    "cancel_at_period_end",
    "canceled_at",
    "current_period_start",
    "trial_end",
];

/// `customer.subscription.*`: the subscription as it stands.
pub(super) fn subscription(
    told: &Telling<'_>,
    previous: Option<&Object>,
    occasion: Occasion,
) -> Result<SubscriptionFact, Unreadable> {
    let subscription = told.object;
    let customer = json::id(subscription, "customer").or_else(|| json::id(subscription, "customer_account"));
    Ok(SubscriptionFact {
        event: told.event.clone(),
        occurred_at: told.occurred_at,
        occasion,
        subscription: json::own_id(subscription)?,
        customer: customer.ok_or_else(|| Unreadable("the subscription names no customer".to_owned()))?,
        snapshot: snapshot(subscription)?,
        trail: trail(subscription, previous),
        channel_hints: json::nested(subscription, &["metadata"])
            .map(|entries| hints_on(Place::Subscription, entries))
            .unwrap_or_default(),
    })
}

/// `price.*`: its tiers, when they are told.
pub(super) fn price(told: &Telling<'_>) -> Result<Option<TermsFact>, Unreadable> {
    let Some(tiers) = tiers(told.object)? else { return Ok(None) };
    Ok(Some(terms(told, json::own_id(told.object)?, ToldTerms::Tiers(tiers))))
}

/// `customer.discount.*`: what a discount takes off, when its coupon is told, and that it ended.
pub(super) fn discount(told: &Telling<'_>, is_deleted: bool) -> Result<Option<TermsFact>, Unreadable> {
    let Some(id) = json::id(told.object, "id") else { return Ok(None) };
    let Some(discount) = told_discount(told.object)? else { return Ok(None) };
    let ends_at = if is_deleted {
        Some(discount.ends_at.map_or(told.occurred_at, |end| end.min(told.occurred_at)))
    } else {
        discount.ends_at
    };
    Ok(Some(terms(told, id, ToldTerms::Discount(Discount { ends_at, ..discount }))))
}

fn terms(told: &Telling<'_>, name: String, content: ToldTerms) -> TermsFact {
    TermsFact { event: told.event.clone(), occurred_at: told.occurred_at, name, told: content }
}

fn snapshot(subscription: &Object) -> Result<Snapshot, Unreadable> {
    let items: Vec<&Object> = json::list(subscription, "items").collect();
    let default_tax = inclusive_tax(subscription, "default_tax_rates");
    let period = |field: &str| -> Result<Vec<Timestamp>, Unreadable> {
        let own = items.iter().filter_map(|item| time(item, field).transpose());
        let own: Vec<Timestamp> = own.collect::<Result<_, _>>()?;
        Ok(if own.is_empty() { time(subscription, field)?.into_iter().collect() } else { own })
    };
    let period_end = period("current_period_end")?.into_iter().max();
    let ends_with_period = subscription.get("cancel_at_period_end").and_then(Value::as_bool) == Some(true);
    let details = json::nested(subscription, &["cancellation_details"]);
    Ok(Snapshot {
        status: Status::of(&json::text(subscription, "status").unwrap_or_default()),
        currency: currency(subscription, &items)?,
        has_more_items: json::nested(subscription, &["items"])
            .and_then(|list| list.get("has_more")?.as_bool())
            .unwrap_or(false),
        items: items.iter().map(|item| read_item(item, default_tax)).collect::<Result<_, _>>()?,
        discounts: discounts(subscription)?,
        started_at: time(subscription, "start_date")?.or(time(subscription, "created")?),
        trial_ends_at: time(subscription, "trial_end")?,
        period_start: period("current_period_start")?.into_iter().min(),
        period_end,
        canceled_at: time(subscription, "canceled_at")?,
        ends_at: time(subscription, "cancel_at")?.or(period_end.filter(|_| ends_with_period)),
        ended_at: time(subscription, "ended_at")?,
        is_collection_paused: subscription.get("pause_collection").is_some_and(Value::is_object),
        cancel_reason: details.and_then(|details| json::text(details, "reason")),
        cancel_feedback: details.and_then(|details| json::text(details, "feedback")),
    })
}

/// Its own, or that of its prices: old shapes leave it out.
fn currency(subscription: &Object, items: &[&Object]) -> Result<Currency, Unreadable> {
    let of_items = items.iter().filter_map(|item| price_of(item)).map(|price| price.get("currency"));
    std::iter::once(subscription.get("currency"))
        .chain(of_items)
        .flatten()
        .find_map(|code| code.as_str()?.parse().ok())
        .ok_or_else(|| Unreadable("currency is none we know".to_owned()))
}

/// An item's price; in the oldest shapes its plan, which has most of the same fields.
fn price_of(item: &Object) -> Option<&Object> {
    json::nested(item, &["price"]).or_else(|| json::nested(item, &["plan"]))
}

fn read_item(item: &Object, default_tax: Ratio) -> Result<Item, Unreadable> {
    let nothing = Object::new();
    let price = price_of(item).unwrap_or(&nothing);
    let recurring = json::nested(price, &["recurring"]).unwrap_or(price);
    let own_tax = inclusive_tax(item, "tax_rates");
    Ok(Item {
        id: json::id(item, "id"),
        price: json::id(price, "id").or_else(|| json::id(item, "price")),
        product: product(price),
        quantity: whole(item, "quantity", 0..=MAX_QUANTITY)?.unwrap_or(1),
        pricing: pricing(price, recurring)?,
        interval: interval(recurring)?,
        interval_count: whole(recurring, "interval_count", 1..=10_000)?.unwrap_or(1),
        inclusive_tax: if own_tax.is_zero() { default_tax } else { own_tax },
        discounts: discounts(item)?,
    })
}

fn interval(recurring: &Object) -> Result<Interval, Unreadable> {
    match json::text(recurring, "interval") {
        Some(word) => word.parse().map_err(|_| Unreadable(format!("{word} is no interval we know"))),
        None => Ok(Interval::Month),
    }
}

fn product(price: &Object) -> Option<Product> {
    let product = json::nested(price, &["product"]);
    let name =
        product.and_then(|product| json::text(product, "name")).or_else(|| json::text(price, "nickname"));
    let metadata = [json::nested(price, &["metadata"]), product.and_then(|p| json::nested(p, &["metadata"]))];
    let category = metadata.into_iter().flatten().find_map(|entries| json::text(entries, "product_category"));
    Some(Product { name: name?, category, is_partial: false })
}

fn pricing(price: &Object, recurring: &Object) -> Result<Pricing, Unreadable> {
    if json::says(recurring, "usage_type", "metered") {
        return Ok(Pricing::Metered);
    }
    if json::says(price, "billing_scheme", "tiered") {
        let tiers = tiers(price)?;
        let is_volume = json::says(price, "tiers_mode", "volume");
        return Ok(if is_volume { Pricing::Volume(tiers) } else { Pricing::Graduated(tiers) });
    }
    let unit = match decimal(price, "unit_amount")? {
        Some(unit) => Some(unit),
        None => decimal(price, "amount")?,
    };
    let Some(unit) = unit else { return Ok(Pricing::Untold) };
    let package =
        ["transform_quantity", "transform_usage"].iter().find_map(|field| json::nested(price, &[field]));
    Ok(match package {
        Some(package) => Pricing::Package {
            unit,
            size: whole(package, "divide_by", 1..=MAX_QUANTITY)?.unwrap_or(1),
            is_rounded_up: !json::says(package, "round", "down"),
        },
        None => Pricing::PerUnit(unit),
    })
}

/// A price's tiers, the lowest first; `None` when the event leaves them out.
fn tiers(price: &Object) -> Result<Option<Vec<Tier>>, Unreadable> {
    let Some(listed) = price.get("tiers").and_then(Value::as_array).filter(|tiers| !tiers.is_empty()) else {
        return Ok(None);
    };
    let read = |tier: &Value| -> Result<Tier, Unreadable> {
        let tier = tier.as_object().ok_or_else(|| Unreadable("a tier is no object".to_owned()))?;
        Ok(Tier {
            up_to: tier.get("up_to").and_then(Value::as_i64),
            unit: decimal(tier, "unit_amount")?.unwrap_or(Ratio::ZERO),
            flat: decimal(tier, "flat_amount")?.unwrap_or(Ratio::ZERO),
        })
    };
    listed.iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// The discounts of a subscription or an item; before 2025 a subscription had but one.
fn discounts(object: &Object) -> Result<Vec<DiscountRef>, Unreadable> {
    let many = object.get("discounts").and_then(Value::as_array).filter(|many| !many.is_empty());
    let one = object.get("discount").filter(|one| !one.is_null());
    let listed = many.map_or_else(|| one.into_iter().collect(), |many| many.iter().collect::<Vec<_>>());
    listed.into_iter().filter_map(|discount| read_discount(discount).transpose()).collect()
}

fn read_discount(discount: &Value) -> Result<Option<DiscountRef>, Unreadable> {
    match discount {
        Value::String(id) if !id.is_empty() && id.len() <= 255 => {
            Ok(Some(DiscountRef::Named { id: id.clone() }))
        }
        Value::Object(object) => {
            let told = told_discount(object)?.map(DiscountRef::Told);
            Ok(told.or_else(|| json::id(object, "id").map(|id| DiscountRef::Named { id })))
        }
        _ => Ok(None),
    }
}

/// What a discount takes off, when its coupon is there and says so.
fn told_discount(discount: &Object) -> Result<Option<Discount>, Unreadable> {
    let coupon =
        json::nested(discount, &["coupon"]).or_else(|| json::nested(discount, &["source", "coupon"]));
    let Some(coupon) = coupon else { return Ok(None) };
    let off = match decimal(coupon, "percent_off")? {
        Some(percent) => Some(Off::Percent(percent)),
        None => amount_off(coupon).map(Off::Amount),
    };
    let duration = json::text(coupon, "duration").and_then(|word| Duration::of(&word));
    let ends_at = time(discount, "end")?;
    Ok(off.zip(duration).map(|(off, duration)| Discount { off, duration, ends_at }))
}

fn amount_off(coupon: &Object) -> Option<Money> {
    let minor = coupon.get("amount_off")?.as_i64().filter(|minor| *minor >= 0)?;
    Money::new(minor, coupon.get("currency")?.as_str()?.parse().ok()?).ok()
}

/// The taxes inside its price, in percent.
fn inclusive_tax(object: &Object, field: &str) -> Ratio {
    let rates =
        object.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let inside = rates.filter(|rate| rate.get("inclusive").and_then(Value::as_bool) == Some(true));
    inside
        .filter_map(|rate| decimal(rate, "percentage").ok().flatten())
        .try_fold(Ratio::ZERO, Ratio::plus)
        .unwrap_or(Ratio::ZERO)
}

/// A number that may have decimals: the field that ends in `_decimal` when there is one.
fn decimal(object: &Object, field: &str) -> Result<Option<Ratio>, Unreadable> {
    let precise = object.get(&format!("{field}_decimal")).filter(|value| !value.is_null());
    let text = match precise.or_else(|| object.get(field)) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(Unreadable(format!("{field} is no number"))),
    };
    let number: Option<Ratio> = text.parse().ok();
    let number = number.filter(|number| !number.is_negative() && !text.contains('/'));
    number.map(Some).ok_or_else(|| Unreadable(format!("{field} is not a non-negative decimal")))
}

fn whole(
    object: &Object,
    field: &str,
    allowed: std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>, Unreadable> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .filter(|number| allowed.contains(number))
            .map(Some)
            .ok_or_else(|| Unreadable(format!("{field} is out of range"))),
    }
}

/// A moment of a subscription's life, which may lie years ahead.
fn time(object: &Object, field: &str) -> Result<Option<Timestamp>, Unreadable> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => json::plausible_time(object, field, latest()).map(Some),
    }
}

/// 2100-01-01: no subscription is agreed on for longer.
fn latest() -> Timestamp {
    Timestamp::constant(4_102_444_800, 0)
}

fn trail(subscription: &Object, previous: Option<&Object>) -> Trail {
    let told = |object: &Object| -> BTreeMap<String, String> {
        let plain = TELLING_FIELDS
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), brief(object.get(*field)?)?)));
        plain.chain(items_in_brief(object).map(|items| ("items".to_owned(), items))).collect()
    };
    previous.map_or_else(Trail::default, |previous| Trail { before: told(previous), now: told(subscription) })
}

fn brief(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.len() <= 255 => Some(text.clone()),
        _ => None,
    }
}

fn items_in_brief(object: &Object) -> Option<String> {
    json::nested(object, &["items"])?;
    let item = |item: &Object| {
        let price = price_of(item).and_then(|price| json::id(price, "id")).unwrap_or_default();
        let quantity = item.get("quantity").and_then(Value::as_i64).unwrap_or(1);
        format!("{quantity} {price}")
    };
    Some(json::list(object, "items").map(item).collect::<Vec<_>>().join(", "))
}
