//! Looking people up.

use connectors::fakes::{Account, Fake, Fault, KEY};
use connectors::{ApiBase, Capability, Enrichment, EnrichmentProgress, Failure, Outcome, Wanted, enrich};
use domain::connection::Tool;

use crate::support::quick;

async fn open(tool: Tool, account: Account) -> (Fake, Box<dyn Enrichment>) {
    let fake = Fake::open(tool, account).await.unwrap();
    let base = ApiBase::configured(&fake.address).unwrap();
    let enrichment = enrich(tool, Some(base), &KEY.to_owned().into(), quick()).unwrap();
    (fake, enrichment)
}

fn wanted(first_name: &str) -> Wanted {
    Wanted {
        reference: "our-reference".to_owned(),
        first_name: Some(first_name.to_owned()),
        last_name: Some("Last1".to_owned()),
        company: Some("Company 1".to_owned()),
        ..Wanted::default()
    }
}

#[tokio::test]
async fn apollo_answers_at_once_and_finds_nobody_it_does_not_know() {
    let (_fake, apollo) = open(Tool::Apollo, Account::filled(1, 2)).await;
    let EnrichmentProgress::Found(found) = apollo.start(&wanted("First1"), None).await.unwrap() else {
        panic!()
    };
    assert_eq!(found.email.as_deref(), Some("person1@example.com"));
    assert_eq!(found.domain.as_deref(), Some("example.com"));
    let nobody = apollo.start(&wanted("Nobody"), None).await.unwrap();
    assert!(matches!(nobody, EnrichmentProgress::NotFound { .. }));
    assert!(apollo.probe().await.unwrap().can(Capability::Enrich));
}

#[tokio::test]
async fn fullenrich_is_asked_again_until_it_is_ready() {
    let mut account = Account::filled(1, 2);
    account.not_yet = 2;
    let (fake, fullenrich) = open(Tool::FullEnrich, account).await;
    let EnrichmentProgress::Pending { job, .. } = fullenrich.start(&wanted("First1"), None).await.unwrap()
    else {
        panic!()
    };
    for _ in 0..2 {
        let pending = fullenrich.poll(&job).await.unwrap();
        assert!(matches!(pending, EnrichmentProgress::Pending { .. }));
    }
    let EnrichmentProgress::Found(found) = fullenrich.poll(&job).await.unwrap() else { panic!() };
    assert_eq!(found.email.as_deref(), Some("person1@example.com"));
    assert_eq!((found.email_status.as_deref(), found.credits), (Some("DELIVERABLE"), Some(1)));
    fake.with(|account| account.fault("/contact", 0, Fault::Says(404, vec![], "{}".to_owned())));
    assert!(matches!(fullenrich.poll(&job).await, Err(Failure::Refused { status: 404, .. })));
}

#[tokio::test]
async fn apollo_says_that_it_is_still_at_it() {
    let mut account = Account::filled(1, 1);
    account.not_yet = 1;
    let (_fake, apollo) = open(Tool::Apollo, account).await;
    let job = connectors::EnrichmentJob("77".to_owned());
    assert!(matches!(apollo.poll(&job).await.unwrap(), EnrichmentProgress::Pending { .. }));
    assert!(matches!(apollo.poll(&job).await.unwrap(), EnrichmentProgress::Found(_)));
}

#[tokio::test]
async fn a_question_that_may_cost_is_asked_once() {
    for tool in [Tool::Apollo, Tool::FullEnrich] {
        let (fake, enrichment) = open(tool, Account::filled(1, 1)).await;
        fake.with(|account| account.fault("/", 0, Fault::DoesAndHangs));
        let silent = enrichment.start(&wanted("First1"), None).await.unwrap_err();
        assert_eq!(silent.outcome(), Outcome::Unknown, "{tool:?}");
        assert_eq!(fake.with(|account| account.asked.len()), 1, "{tool:?}");
        let too_little = Wanted { first_name: Some("Ada".to_owned()), ..Wanted::default() };
        let refused = enrichment.start(&too_little, None).await.unwrap_err();
        assert!(matches!(refused, Failure::Impossible { .. }), "{tool:?}");
        fake.with(|account| account.key = "another".to_owned());
        assert!(enrichment.probe().await.is_err_and(|failure| failure.is_about_the_key()), "{tool:?}");
    }
}
