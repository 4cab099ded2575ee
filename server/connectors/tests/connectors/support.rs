//! What the tests of the connectors share: a fake, and a client that does not wait long.

use std::future::Future;
use std::time::Duration;

use connectors::fakes::{Account, Fake, KEY};
use connectors::{ApiBase, Campaign, Connector, Cursor, Failure, Next, Pace, Page, Person, Touch, connect};
use domain::connection::Tool;

pub(crate) const CONNECTORS: [Tool; 3] = [Tool::HeyReach, Tool::PlusVibe, Tool::Instantly];

pub(crate) struct Open {
    pub(crate) fake: Fake,
    pub(crate) connector: Box<dyn Connector>,
}

pub(crate) fn quick() -> Pace {
    Pace {
        answer: Duration::from_millis(300),
        first_wait: Duration::from_millis(2),
        ..Pace::brisk(|longest| longest)
    }
}

pub(crate) async fn open(tool: Tool, account: Account) -> Open {
    let fake = Fake::open(tool, account).await.unwrap();
    let base = ApiBase::configured(&fake.address).unwrap();
    let connector = connect(tool, Some(base), &KEY.to_owned().into(), quick()).unwrap();
    Open { fake, connector }
}

/// The first campaign's id, as each tool writes it.
pub(crate) fn campaign_id(tool: Tool) -> &'static str {
    match tool {
        Tool::HeyReach => "1",
        Tool::PlusVibe => "000000000000000000000001",
        _ => "00000000-0000-4000-8000-000000000001",
    }
}

/// A list from its beginning to its end, in one page. Every cursor is kept as a text and read again.
pub(crate) async fn walked<'a, T, F>(ask: impl Fn(Option<&'a Cursor>) -> F) -> Page<T>
where
    F: Future<Output = Result<Page<T>, Failure>>,
{
    let (mut items, mut rejected) = (Vec::new(), Vec::new());
    let mut after: Option<&'a Cursor> = None;
    for _ in 0..1_000 {
        let page = ask(after).await.unwrap();
        items.extend(page.items);
        rejected.extend(page.rejected);
        match page.next {
            Next::More(cursor) => after = Some(Box::leak(Box::new(Cursor::stored(cursor.as_str())))),
            next @ Next::Done { .. } => return Page { items, rejected, next },
        }
    }
    panic!("the list does not end");
}

pub(crate) async fn everybody(connector: &dyn Connector, campaigns: &[Campaign]) -> Vec<Person> {
    let mut people = Vec::new();
    for campaign in campaigns {
        people.extend(walked(|after| connector.people(&campaign.id, after)).await.items);
    }
    people
}

pub(crate) async fn everything(connector: &dyn Connector, campaigns: &[Campaign]) -> Vec<Touch> {
    if !connector.tells_touches_by_campaign() {
        return walked(|after| connector.touches(None, after)).await.items;
    }
    let mut touches = Vec::new();
    for campaign in campaigns {
        touches.extend(walked(|after| connector.touches(Some(&campaign.id), after)).await.items);
    }
    touches
}
