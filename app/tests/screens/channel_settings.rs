//! The page of channels and rules.

use app::channels::{
    ChannelSettings, ChannelUseLine, ChannelsQuestion, Draft, Foreseen, ForeseenMove, RuleWords,
};
use domain::access::Role;
use domain::channel::rules::{MatchKind, Rule, RuleContent, RuleField};
use domain::channel::{Channel, ChannelList, ChannelSlug};
use domain::ids::RuleId;
use uuid::Uuid;

use crate::document::{Answer, World, asked};
use crate::office::FixedOffice;
use crate::pages::{lines, main_of};
use crate::visits::{HOSTILE, member, refused};

const PAGE: &str = "/portal/settings/channels";

fn slug(text: &str) -> ChannelSlug {
    ChannelSlug::stored(text.to_owned())
}

impl FixedOffice {
    /// What the page is answered; the third channel is hidden, the fourth can go.
    pub(crate) fn channel_settings(&self, question: ChannelsQuestion) -> ChannelSettings {
        let list = if self.bare { ChannelList::default() } else { self.channel_list() };
        let uses = list.iter().enumerate().map(|(at, channel)| ChannelUseLine {
            channel: channel.slug.clone(),
            has_money: at < 3,
            leads: if at < 3 { 1_204 } else { 0 },
            may_go: at == 3,
        });
        let foreseen = || Foreseen { moves: moves(), looked_at: 1_812, is_whole: true };
        let first = list.rules().iter().next().cloned();
        let draft = match (question.step.as_deref(), first) {
            (Some("draft"), _) => Some(Draft::Written(question.words)),
            (Some("change"), Some(rule)) => Some(Draft::Written(RuleWords::of(&rule, 1))),
            (Some("delete"), Some(rule)) => Some(Draft::Deletion { rule, foreseen: foreseen() }),
            (Some("preview"), _) if question.words.text.is_empty() => {
                let message = "this is needed".to_owned();
                Some(Draft::Refused { words: question.words, field: Some("text"), message })
            }
            (Some("preview"), _) => Some(Draft::Foreseen { words: question.words, foreseen: foreseen() }),
            _ => None,
        };
        ChannelSettings {
            tenant: self.tenant(),
            uses: uses.collect(),
            rules_version: 7,
            edited: question.edit.map(|edit| slug(&edit)),
            draft,
            list,
        }
    }

    fn channel_list(&self) -> ChannelList {
        let named = [
            ("linkedin", "LinkedIn", 6),
            ("meta_ads", "Meta ads", 3),
            ("print", "Print", 0),
            ("radio", "Radio", 0),
        ];
        let channels = named.iter().zip(1..).map(|((short, name, color), place)| Channel {
            place,
            is_hidden: *short == "print",
            version: 4,
            ..Channel::new(slug(short), if self.hostile { HOSTILE } else { name }, *color)
        });
        let rule = |id, field, key: Option<&str>, kind, text: &str, channel| Rule {
            id: RuleId(Uuid::from_u128(id)),
            content: RuleContent {
                field,
                key: key.map(str::to_owned),
                kind,
                text: if self.hostile { HOSTILE.to_owned() } else { text.to_owned() },
                channel: slug(channel),
            },
        };
        let rules = [
            rule(1, RuleField::Source, None, MatchKind::StartsWith, "li-", "linkedin"),
            rule(2, RuleField::Metadata, Some("campaign"), MatchKind::Contains, "spring", "meta_ads"),
        ];
        channels.collect::<ChannelList>().with_rules(rules.into_iter().collect())
    }
}

fn moves() -> Vec<ForeseenMove> {
    let moved = |from: &str, payments, base_minor, unconverted, leads| ForeseenMove {
        from: slug(from),
        to: slug("linkedin"),
        payments,
        base_minor,
        unconverted,
        leads,
    };
    vec![moved("meta_ads", 2, -5_000, 0, 0), moved("unknown", 41, 1_230_900, 1, 312)]
}

async fn by_admin(address: &str) -> Answer {
    asked(address, World::of(member(Role::Admin))).await
}

#[tokio::test]
async fn the_page_lists_channels_and_rules_in_their_order() {
    let answer = by_admin(&format!("{PAGE}?done=channel-saved")).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn a_channel_is_changed_in_a_form_that_knows_its_version_and_keeps_what_was_typed() {
    let page = format!("{PAGE}?edit=print");
    let answer = by_admin(&page).await;
    assert!(
        answer.says(r#"name="version" value="4""#) && answer.says(r#"name="hidden" value="yes" checked"#)
    );
    let typed = [("name", "Paper"), ("version", "3"), ("color", "2")];
    let visit = refused(member(Role::Admin), "change", Some("name"), "another channel has this name", &typed);
    let answer = asked(&page, World::of(visit)).await;
    assert!(answer.says(r#"value="Paper""#) && answer.says("Another channel has this name."));
    assert!(answer.says(r#"name="version" value="3""#) && answer.says(r#"name="color" value="2" checked"#));
    assert!(!answer.says(r#"name="hidden" value="yes" checked"#), "what was unchecked stays so");
}

#[tokio::test]
async fn a_rule_shows_what_it_would_change_before_it_is_saved() {
    let asked = "step=preview&field=source&kind=is&text=LI-outbound&channel=linkedin&place=";
    let answer = by_admin(&format!("{PAGE}?{asked}")).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn a_rule_shows_what_deleting_it_would_change() {
    let answer = by_admin(&format!("{PAGE}?step=delete&rule={}", Uuid::from_u128(1))).await;
    assert!(
        answer.says("What deleting this rule would change")
            && answer.says("$12,309.00 and 1 row without a rate")
    );
    assert!(
        answer.says(r#"name="form" value="delete_rule""#)
            && answer.says("All 1,812 payments were looked at.")
    );
}

#[tokio::test]
async fn a_rule_that_cannot_be_says_what_is_wrong_beside_the_field_and_keeps_the_rest() {
    let answer =
        by_admin(&format!("{PAGE}?step=preview&field=metadata&key=campaign&kind=contains&text=")).await;
    assert!(answer.says("This is needed.") && answer.says(r#"id="rule-text-error""#));
    assert!(answer.says(r#"value="campaign""#) && answer.says(r#"<option value="contains" selected"#));
}

#[tokio::test]
async fn a_rule_is_begun_with_the_words_of_the_address() {
    let answer = by_admin(&format!("{PAGE}?step=draft&field=utm_source&kind=is&text=newsletter")).await;
    assert!(answer.says(r#"value="newsletter""#) && answer.says(r#"<option value="utm_source" selected"#));
    assert!(!answer.says("What this rule would change"));
}

#[tokio::test]
async fn before_the_first_channel_the_page_says_what_to_do() {
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Admin)).with(office)).await;
    assert!(answer.says("There is no channel yet") && answer.says("There is no rule yet"));
}

#[tokio::test]
async fn hostile_names_and_rules_stay_text() {
    for query in ["", "?step=delete", "?step=preview&field=source&text=x&channel=linkedin", "?edit=print"] {
        let office = FixedOffice { hostile: true, ..FixedOffice::default() };
        let answer = asked(&format!("{PAGE}{query}"), World::of(member(Role::Admin)).with(office)).await;
        assert!(!answer.html.contains(HOSTILE), "{query}");
    }
}
