//! A rule by which a tenant's channel is recognised.

use domain::channel::ChannelSlug;
use domain::channel::rules::{MatchKind, Rule, RuleContent, RuleField, Rules};
use store::Store;

use super::{Side, now};

/// Keeps the rule.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut work = store.within(side.id()).await.unwrap();
    work.rules_replace(&rules(side), &side.email, now()).await.unwrap();
    work.commit().await.unwrap();
}

pub fn rules(side: &Side) -> Rules {
    let content = RuleContent {
        field: RuleField::Metadata,
        key: Some("campaign".to_owned()),
        kind: MatchKind::StartsWith,
        text: format!("spring of {}", side.tenant.slug),
        channel: ChannelSlug::stored("outreach".to_owned()),
    };
    [Rule { id: side.rule, content }].into_iter().collect()
}
