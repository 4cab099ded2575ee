//! Rules: foreseen before they are saved, and then left to the applier.

use std::collections::BTreeMap;

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::channel::rules::{MOST_RULES, Rule, RuleContent, RuleField, Rules};
use domain::channel::{ChannelList, ChannelSlug};
use domain::ids::RuleId;
use domain::restatement::Trigger;
use store::StoreError;
use store::work::TenantWork;

use super::{Channels, restand};
use crate::accounts::{Refusal, Sender, about, deed, name_of, plain_text, saying};
use crate::applier::Foresight;
use crate::chance::new_id;

/// A rule as it is typed.
#[derive(Clone, Debug, Default)]
pub struct RuleForm {
    /// Which one, when it is there already.
    pub rule: String,
    /// What it looks at, as a word.
    pub field: String,
    /// The key, of metadata.
    pub key: String,
    /// How it compares, as a word.
    pub kind: String,
    /// What it compares with.
    pub text: String,
    /// The short name of the channel that stands for it.
    pub channel: String,
    /// Its place, from 1; nothing leaves it where it is, and puts a new one last.
    pub place: String,
}

/// What would change with other rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// Of payments.
    pub payments: Foresight,
    /// How many leads would go from one channel to another.
    pub leads: BTreeMap<(ChannelSlug, ChannelSlug), i64>,
}

impl Channels {
    /// What saving a rule would change. Nothing is written.
    pub async fn foresee_rule(&self, viewer: &Viewer, typed: &RuleForm) -> Result<Foreseen, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let list = work.channels().await?;
        let (rules, _) = typed.put_into(&list)?;
        self.foresee(viewer, work, list.with_rules(rules)).await
    }

    /// What deleting a rule would change. Nothing is written.
    pub async fn foresee_deletion(&self, viewer: &Viewer, rule: &str) -> Result<Foreseen, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let list = work.channels().await?;
        let rule = known(list.rules(), rule)?.id;
        let rules = list.rules().clone().without(rule);
        self.foresee(viewer, work, list.with_rules(rules)).await
    }

    async fn foresee(
        &self,
        viewer: &Viewer,
        mut work: TenantWork,
        list: ChannelList,
    ) -> Result<Foreseen, Refusal> {
        let leads = leads_moved(&mut work, &list).await?;
        drop(work);
        Ok(Foreseen { payments: self.applier.foresee(viewer.tenant, &list).await?, leads })
    }

    /// Saves a rule, unless somebody else changed the rules meanwhile.
    pub async fn save_rule(
        &self,
        viewer: &Viewer,
        typed: &RuleForm,
        version: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let list = claimed(&mut work, version).await?;
        let (rules, rule) = typed.put_into(&list)?;
        if rules == *list.rules() {
            return Ok(());
        }
        let place = rules.find(rule.id).map_or(0, |(place, _)| place);
        let was = list.rules().find(rule.id).map_or_else(String::new, |(_, was)| in_words(&was.content));
        let line = about(deed(viewer.actor.clone(), Deed::ChannelRuleSaved, sender), in_words(&rule.content));
        let line = saying(line, [("place", place.to_string()), ("before", was)]);
        work.rules_replace(&rules, &name_of(&viewer.actor), self.clock.now()).await?;
        restand(&mut work, Trigger::Rule(rule.id)).await?;
        work.audit(&line, self.clock.now()).await?;
        work.commit().await?;
        self.applier.wake();
        Ok(())
    }

    /// Deletes a rule, unless somebody else changed the rules meanwhile.
    pub async fn delete_rule(
        &self,
        viewer: &Viewer,
        rule: &str,
        version: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let list = work.channels().await?;
        let rule = known(list.rules(), rule)?.clone();
        let list = claimed(&mut work, version).await?;
        let rules = list.rules().clone().without(rule.id);
        work.rules_replace(&rules, &name_of(&viewer.actor), self.clock.now()).await?;
        restand(&mut work, Trigger::Rule(rule.id)).await?;
        let line = deed(viewer.actor.clone(), Deed::ChannelRuleDeleted, sender);
        work.audit(&about(line, in_words(&rule.content)), self.clock.now()).await?;
        work.commit().await?;
        self.applier.wake();
        Ok(())
    }
}

/// Takes the rules in hand as they were seen, and reads them.
async fn claimed(work: &mut TenantWork, version: &str) -> Result<ChannelList, Refusal> {
    let version: i32 = version.parse().map_err(|_| Refusal::field("version", "reload the page"))?;
    if !work.rules_claim(version).await? {
        let message =
            "somebody changed the rules meanwhile: reload the page to see what yours would change now";
        return Err(Refusal::Conflict(message.to_owned()));
    }
    Ok(work.channels().await?)
}

/// How many leads would go from one channel to another.
async fn leads_moved(
    work: &mut TenantWork,
    list: &ChannelList,
) -> Result<BTreeMap<(ChannelSlug, ChannelSlug), i64>, StoreError> {
    let mut moved = BTreeMap::new();
    for known in work.lead_sources().await? {
        let to = list.of_source(&known.source);
        if to != known.channel {
            *moved.entry((known.channel, to)).or_default() += known.leads;
        }
    }
    Ok(moved)
}

fn known<'a>(rules: &'a Rules, id: &str) -> Result<&'a Rule, Refusal> {
    let id: RuleId = id.parse().map_err(|_| Refusal::NotFound)?;
    rules.find(id).map(|(_, rule)| rule).ok_or(Refusal::NotFound)
}

/// A rule with the channel that stands for it.
fn in_words(content: &RuleContent) -> String {
    format!("{content} → {}", content.channel)
}

impl RuleForm {
    /// The tenant's rules with this one, and the rule itself.
    fn put_into(&self, list: &ChannelList) -> Result<(Rules, Rule), Refusal> {
        let (rules, rule) = self.placed(list)?;
        if rules.iter().len() > MOST_RULES {
            let message = format!("there are {MOST_RULES} rules, which is all there can be");
            return Err(Refusal::Conflict(message));
        }
        if rules.has_another(&rule) {
            return Err(Refusal::field("text", "another rule looks for this already"));
        }
        Ok((rules, rule))
    }

    fn placed(&self, list: &ChannelList) -> Result<(Rules, Rule), Refusal> {
        let content = self.content(list)?;
        let place = self.place()?;
        if self.rule.is_empty() {
            let rule = Rule { id: RuleId(new_id()), content };
            let rules = list.rules().clone().with(rule.clone(), place.unwrap_or(usize::MAX));
            return Ok((rules, rule));
        }
        let rule = Rule { content, ..known(list.rules(), &self.rule)?.clone() };
        let stays = list.rules().find(rule.id).map_or(usize::MAX, |(place, _)| place);
        Ok((list.rules().clone().with(rule.clone(), place.unwrap_or(stays)), rule))
    }

    fn content(&self, list: &ChannelList) -> Result<RuleContent, Refusal> {
        let field: RuleField =
            self.field.parse().map_err(|_| Refusal::field("field", "choose what it looks at"))?;
        let kind = self.kind.parse().map_err(|_| Refusal::field("kind", "choose how it compares"))?;
        let text = field.folded(&plain_text("text", &self.text, 200)?);
        if text.is_empty() {
            return Err(Refusal::field("text", "this is needed"));
        }
        let key = match field {
            RuleField::Metadata => Some(plain_text("key", &self.key, 40)?),
            _ if self.key.trim().is_empty() => None,
            _ => return Err(Refusal::field("key", "only Stripe metadata has a key")),
        };
        let channel = list.named(&self.channel).map(|channel| channel.slug.clone());
        let channel = channel.ok_or_else(|| Refusal::field("channel", "choose a channel"))?;
        Ok(RuleContent { field, key, kind, text, channel })
    }

    fn place(&self) -> Result<Option<usize>, Refusal> {
        if self.place.trim().is_empty() {
            return Ok(None);
        }
        let place: Option<usize> = self.place.trim().parse().ok().filter(|place| (1..=999).contains(place));
        place.map(Some).ok_or_else(|| Refusal::field("place", "places are counted from 1"))
    }
}
