use proptest::prelude::*;
use uuid::Uuid;

use super::clue::company_domain;
use super::metadata::{Place, in_order};
use super::*;
use crate::channel::Channel;
use crate::channel::rules::{MatchKind, Rule, RuleContent, RuleField};
use crate::ids::RuleId;
use crate::payment::ChannelHint;

const EMAIL: &str = "ada@acme.example";
const CUSTOMER: &str = "cus_1";

fn channels() -> ChannelList {
    ["heyreach", "linkedin", "referral", "organic"]
        .map(|slug| Channel::new(ChannelSlug::stored(slug.to_owned()), slug, 1))
        .into_iter()
        .collect()
}

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + day * 86_400).unwrap()
}

fn lead(number: u128, email: &str, source: &str) -> KnownLead {
    KnownLead {
        lead: LeadId(Uuid::from_u128(number)),
        external_id: format!("lead-{number}"),
        email: Some(email.to_owned()),
        source: source.to_owned(),
        created_at: at(0),
    }
}

fn hint(place: Place, key: &str, value: &str) -> ChannelHint {
    ChannelHint { place, key: key.to_owned(), value: value.to_owned() }
}

fn payer(hints: &[ChannelHint]) -> Payer {
    Payer {
        emails: vec![EMAIL.to_owned()],
        customers: vec![CUSTOMER.to_owned()],
        subscriptions: vec!["sub_1".to_owned()],
        hints: hints.to_vec(),
        names: vec!["in_1".to_owned(), "pi_1".to_owned()],
        paid_at: Some(at(5)),
    }
}

fn link(record: &str, lead: Option<&str>, channel: Option<&str>) -> Link {
    Link {
        customer: CUSTOMER.to_owned(),
        kind: "student".to_owned(),
        record: record.to_owned(),
        lead: lead.map(str::to_owned),
        email: None,
        channel: channel.map(str::to_owned),
    }
}

fn said(number: u128, target: OverrideTarget, channel: &str, day: i64) -> Override {
    Override {
        id: Uuid::from_u128(number),
        target,
        channel: ChannelSlug::stored(channel.to_owned()),
        reason: "they told us".to_owned(),
        made_by: "ada".to_owned(),
        made_at: at(day),
    }
}

fn found(payer: &Payer, known: &Known) -> Attribution {
    attribute(payer, known, Order::LeadFirst, &channels())
}

fn methods(found: &Attribution) -> Vec<Method> {
    found.candidates.iter().map(|candidate| candidate.method).collect()
}

#[test]
fn the_lead_wins_over_the_link_over_metadata_and_all_are_kept() {
    let known = Known::default()
        .with_leads(vec![lead(7, EMAIL, "heyreach"), lead(8, "other@else.example", "referral")])
        .with_links(vec![link("1", Some("lead-8"), None)]);
    let payer = payer(&[hint(Place::Session, "gtm_channel", "linkedin")]);
    let first = found(&payer, &known);
    assert_eq!(first.channel.as_str(), "heyreach");
    assert_eq!(methods(&first), [Method::LeadEmail, Method::LinkedRecord, Method::Metadata]);
    let other = attribute(&payer, &known, Order::MetadataFirst, &channels());
    assert_eq!(other.channel.as_str(), "linkedin");
    assert_eq!(methods(&other), [Method::Metadata, Method::LeadEmail, Method::LinkedRecord]);
    assert_eq!(other.lead, first.lead, "whoever paid is the same, whatever is credited");
}

#[test]
fn metadata_decides_when_no_lead_is_known() {
    let found = found(&payer(&[hint(Place::Session, "gtm_channel", " LinkedIn ")]), &Known::default());
    assert_eq!((found.channel.as_str(), found.lead), ("linkedin", None));
}

#[test]
fn a_channel_the_tenant_does_not_have_is_unknown() {
    let hostile = hint(Place::Session, "gtm_channel", "<script>alert(1)</script>");
    let found = found(&payer(&[hostile]), &Known::default());
    assert!(found.channel.is_unknown());
    assert_eq!(methods(&found), [Method::Metadata], "shown, so that a rule can be made of it");
    assert!(!found.candidates[0].is_creditable());
}

#[test]
fn a_lead_from_nowhere_is_still_the_lead_and_is_shown_but_not_credited() {
    let known = Known::default().with_leads(vec![lead(7, EMAIL, "carrier pigeon")]);
    let credited = found(&payer(&[hint(Place::Charge, "channel", "linkedin")]), &known);
    assert_eq!(credited.channel.as_str(), "linkedin");
    assert_eq!(methods(&credited), [Method::Metadata, Method::LeadEmail]);
    assert!(credited.lead.is_some());
    let alone = found(&payer(&[]), &known);
    assert!(alone.channel.is_unknown() && alone.lead.is_some());
    assert_eq!(reason_in_words(&alone.candidates), "nothing names a channel");
}

#[test]
fn the_customers_own_email_and_metadata_stand_in_for_a_payment_without_any() {
    let customer = KnownCustomer {
        email: Some("grace@acme.example".to_owned()),
        hints: vec![hint(Place::Customer, "channel", "organic")],
    };
    let known = Known::default()
        .with_customers([(CUSTOMER.to_owned(), customer)].into())
        .with_leads(vec![lead(7, "grace@acme.example", "heyreach")]);
    let silent = Payer { emails: Vec::new(), ..payer(&[]) };
    let by_email = found(&silent, &known);
    assert_eq!(methods(&by_email), [Method::CustomerEmail, Method::Metadata]);
    assert_eq!(by_email.channel.as_str(), "heyreach");
    let by_metadata = attribute(&silent, &known, Order::MetadataFirst, &channels());
    assert_eq!(by_metadata.channel.as_str(), "organic");
}

#[test]
fn a_links_own_channel_counts_before_its_leads() {
    let known = Known::default().with_leads(vec![lead(7, "x@y.example", "heyreach")]).with_links(vec![link(
        "1",
        Some("lead-7"),
        Some("referral"),
    )]);
    let found = found(&payer(&[]), &known);
    assert_eq!(found.channel.as_str(), "referral");
    assert_eq!(found.lead, Some(LeadId(Uuid::from_u128(7))));
}

#[test]
fn metadata_is_searched_session_first_and_ids_of_leads_before_names_of_channels() {
    let hints = [
        hint(Place::Charge, "gtm_channel", "organic"),
        hint(Place::PaymentIntent, "gtm_channel", "referral"),
        hint(Place::Subscription, "utm_source", "linkedin"),
        hint(Place::Session, "utm_source", "heyreach"),
        hint(Place::Charge, "lead_id", "lead-9"),
    ];
    let order: Vec<&str> = in_order(hints.iter()).iter().map(|hint| hint.value.as_str()).collect();
    assert_eq!(order, ["heyreach", "linkedin", "referral", "lead-9", "organic"]);
    let by_name = found(&payer(&hints), &Known::default());
    assert_eq!(by_name.channel.as_str(), "heyreach");
    let known = Known::default().with_leads(vec![lead(9, "nine@else.example", "organic")]);
    let by_id = found(&payer(&hints), &known);
    assert_eq!((by_id.channel.as_str(), by_id.lead), ("organic", Some(LeadId(Uuid::from_u128(9)))));
    assert_eq!(by_id.candidates[0].method.confidence(), Confidence::Deterministic);
}

#[test]
fn what_a_session_said_counts_for_everything_its_subscription_pays() {
    let session = vec![hint(Place::Session, "gtm_channel", "linkedin")];
    let known = Known::default().with_sessions([("sub_1".to_owned(), session)].into());
    assert_eq!(found(&payer(&[]), &known).channel.as_str(), "linkedin");
}

#[test]
fn a_person_wins_over_everything_of_the_payment_before_the_customer_the_newest_first() {
    let payment = |name: &str| OverrideTarget::Payment(name.to_owned());
    let customer = || OverrideTarget::Customer(CUSTOMER.to_owned());
    let known = |said: Vec<Override>| {
        Known::default().with_leads(vec![lead(7, EMAIL, "heyreach")]).with_overrides(said)
    };
    let of = |said: Vec<Override>| found(&payer(&[]), &known(said)).channel.as_str().to_owned();
    assert_eq!(of(vec![said(1, customer(), "linkedin", 1)]), "linkedin");
    assert_eq!(
        of(vec![said(1, payment("pi_1"), "organic", 1), said(2, customer(), "linkedin", 2)]),
        "organic"
    );
    assert_eq!(
        of(vec![said(1, payment("pi_1"), "organic", 2), said(2, payment("in_1"), "referral", 1)]),
        "organic"
    );
    assert_eq!(of(vec![said(1, payment("in_other"), "organic", 1)]), "heyreach");
    let unknown = found(&payer(&[]), &known(vec![said(1, customer(), "unknown", 1)]));
    assert!(unknown.channel.is_unknown());
    assert_eq!(reason_in_words(&unknown.candidates), "set by ada: they told us");
}

#[test]
fn a_colleague_is_shown_and_never_credited() {
    let known = Known::default().with_colleagues(vec![lead(7, "grace@acme.example", "heyreach")]);
    let found = found(&payer(&[]), &known);
    assert!(found.channel.is_unknown() && found.lead.is_none());
    assert_eq!(methods(&found), [Method::CompanyDomain]);
    assert_eq!(found.candidates[0].matched, "acme.example");
    let own = lead(8, EMAIL, "linkedin");
    let known = Known::default().with_leads(vec![own.clone()]).with_colleagues(vec![own]);
    assert_eq!(methods(&attribute(&payer(&[]), &known, Order::LeadFirst, &channels())), [Method::LeadEmail]);
}

#[test]
fn a_lead_is_seen_from_the_payment() {
    let late = KnownLead { created_at: at(6), ..lead(7, EMAIL, "heyreach") };
    let is_before = |lead: KnownLead, payer: &Payer| {
        let known = Known::default().with_leads(vec![lead]);
        found(payer, &known).candidates[0].lead_time.unwrap().is_before
    };
    assert_eq!(is_before(late, &payer(&[])), Some(false));
    assert_eq!(is_before(lead(7, EMAIL, "heyreach"), &payer(&[])), Some(true));
    assert_eq!(is_before(lead(7, EMAIL, "heyreach"), &Payer { paid_at: None, ..payer(&[]) }), None);
}

#[test]
fn an_email_is_trimmed_and_folded_but_keeps_its_tag() {
    assert_eq!(
        normalise_email("  Grace.Hopper+VIP@Example.ORG ").as_deref(),
        Some("grace.hopper+vip@example.org")
    );
    assert_eq!(normalise_email("   "), None);
}

#[test]
fn an_address_anybody_may_have_says_nothing_of_a_company() {
    assert_eq!(company_domain("ada@acme.example"), Some("acme.example"));
    for email in ["ada@gmail.com", "ada@126.com", "ada@zoho.com", "ada@web.de", "ada@localhost", "ada"] {
        assert_eq!(company_domain(email), None, "{email}");
    }
}

#[test]
fn a_clue_is_read_as_it_is_written() {
    let mut clues = payer(&[hint(Place::Session, "lead_id", "a:b")]).clues();
    clues.insert(Clue::Everything);
    assert!(clues.len() > 7);
    assert!(clues.iter().all(|clue| clue.to_string().parse::<Clue>().as_ref() == Ok(clue)));
    assert!("color:red".parse::<Clue>().is_err() && "email".parse::<Clue>().is_err());
}

#[test]
fn words_are_read_as_they_are_written() {
    assert!(Order::ALL.into_iter().all(|order| order.word().parse() == Ok(order)));
    assert!("newest_first".parse::<Order>().is_err());
}

fn any_known() -> impl Strategy<Value = (Vec<KnownLead>, Vec<Link>, Vec<Override>)> {
    let sources = prop::sample::select(vec!["heyreach", "linkedin", "pigeon"]);
    let emails = prop::sample::select(vec![EMAIL, "b@acme.example", "c@else.example"]);
    let lead = (1u128..6, emails, sources.clone()).prop_map(|(n, email, source)| lead(n, email, source));
    let link = (0u8..4, 1u128..6, prop::option::of(sources.clone()))
        .prop_map(|(record, n, channel)| link(&record.to_string(), Some(&format!("lead-{n}")), channel));
    let said = (1u128..9, any::<bool>(), sources, 0i64..3).prop_map(|(n, is_payment, channel, day)| {
        let target = if is_payment {
            OverrideTarget::Payment("pi_1".to_owned())
        } else {
            OverrideTarget::Customer(CUSTOMER.to_owned())
        };
        said(n, target, channel, day)
    });
    let unique = |leads: Vec<KnownLead>| {
        let mut kept: Vec<KnownLead> = Vec::new();
        for lead in leads {
            if !kept.iter().any(|other| other.lead == lead.lead || other.email == lead.email) {
                kept.push(lead);
            }
        }
        kept
    };
    let once = |said: Vec<Override>| {
        let mut kept: Vec<Override> = Vec::new();
        for said in said {
            if !kept.iter().any(|other| other.id == said.id) {
                kept.push(said);
            }
        }
        kept
    };
    (
        prop::collection::vec(lead, 0..6).prop_map(unique),
        prop::collection::btree_map(0u8..9, link, 0..4).prop_map(|links| {
            links.into_iter().map(|(n, link)| Link { record: n.to_string(), ..link }).collect()
        }),
        prop::collection::vec(said, 0..3).prop_map(once),
    )
}

proptest! {
    #[test]
    fn the_order_in_which_things_became_known_does_not_matter((leads, links, said) in any_known()) {
        let known = |leads: &[KnownLead], links: &[Link], said: &[Override]| {
            Known::default()
                .with_leads(leads.to_vec())
                .with_colleagues(leads.to_vec())
                .with_links(links.to_vec())
                .with_overrides(said.to_vec())
        };
        let reversed = |leads: &[KnownLead], links: &[Link], said: &[Override]| {
            let (mut leads, mut links, mut said) = (leads.to_vec(), links.to_vec(), said.to_vec());
            leads.reverse();
            links.reverse();
            said.reverse();
            known(&leads, &links, &said)
        };
        let payer = payer(&[hint(Place::Session, "lead_id", "lead-3"), hint(Place::Charge, "channel", "organic")]);
        for order in Order::ALL {
            let forwards = attribute(&payer, &known(&leads, &links, &said), order, &channels());
            let backwards = attribute(&payer, &reversed(&leads, &links, &said), order, &channels());
            prop_assert_eq!(&forwards, &backwards);
            let credited = forwards.candidates.first().filter(|first| first.is_creditable());
            prop_assert_eq!(credited.map(|first| &first.channel), Some(&forwards.channel));
        }
    }
}

fn ruled(rules: &[(RuleField, MatchKind, &str, &str)]) -> ChannelList {
    let rule = |(number, (field, kind, text, channel)): (u128, &(RuleField, MatchKind, &str, &str))| Rule {
        id: RuleId(Uuid::from_u128(number)),
        content: RuleContent {
            field: *field,
            key: (*field == RuleField::Metadata).then(|| "plan".to_owned()),
            kind: *kind,
            text: (*text).to_owned(),
            channel: ChannelSlug::stored((*channel).to_owned()),
        },
    };
    channels().with_rules((1..).zip(rules).map(rule).collect())
}

#[test]
fn rules_say_what_sources_and_metadata_mean_before_short_names_do_and_the_first_rule_first() {
    use MatchKind::{Contains, Is, StartsWith};
    let list = ruled(&[
        (RuleField::UtmMedium, Is, "cpc", "linkedin"),
        (RuleField::Metadata, StartsWith, "pro", "referral"),
        (RuleField::Source, Contains, "outbound", "linkedin"),
        (RuleField::Source, Is, "organic", "referral"),
    ]);
    let by = |hints: &[ChannelHint], source: &str| {
        let known = Known::default().with_leads(vec![lead(7, EMAIL, source)]);
        attribute(&payer(hints), &known, Order::MetadataFirst, &list)
    };
    let all = [
        hint(Place::Session, "plan", "Pro yearly"),
        hint(Place::Session, "gtm_channel", "heyreach"),
        hint(Place::Customer, "utm_medium", "CPC"),
    ];
    let found = by(&all, "LI-Outbound");
    let named: Vec<_> =
        found.candidates.iter().map(|found| (found.matched.as_str(), found.channel.as_str())).collect();
    assert_eq!(
        named,
        [
            ("utm_medium=CPC", "linkedin"),
            ("plan=Pro yearly", "referral"),
            ("gtm_channel=heyreach", "heyreach"),
            (EMAIL, "linkedin"),
        ]
    );
    assert_eq!(by(&[], "organic").channel.as_str(), "referral", "a rule goes before the short name");
    assert!(by(&[hint(Place::Session, "plan", "basic")], "elsewhere").channel.is_unknown());
}

#[test]
fn a_rule_about_a_domain_counts_where_nothing_else_does() {
    let list = ruled(&[(RuleField::EmailDomain, MatchKind::Is, "acme.example", "referral")]);
    let alone = attribute(&payer(&[]), &Known::default(), Order::LeadFirst, &list);
    assert_eq!((alone.channel.as_str(), methods(&alone)), ("referral", vec![Method::DomainRule]));
    let named = payer(&[hint(Place::Session, "channel", "linkedin")]);
    let beside = attribute(&named, &Known::default(), Order::LeadFirst, &list);
    assert_eq!(
        (beside.channel.as_str(), methods(&beside)),
        ("linkedin", vec![Method::Metadata, Method::DomainRule])
    );
}

#[test]
fn what_tells_of_an_origin_is_kept_only_where_nothing_was_found() {
    let hints = [hint(Place::Session, "utm_source", "newsletter"), hint(Place::Session, "plan", "basic")];
    let alone = found(&payer(&hints), &Known::default());
    assert_eq!(
        alone.candidates.iter().map(|found| &*found.matched).collect::<Vec<_>>(),
        ["utm_source=newsletter"]
    );
    let known = Known::default().with_leads(vec![lead(7, EMAIL, "heyreach")]);
    assert_eq!(methods(&found(&payer(&hints), &known)), [Method::LeadEmail]);
}
