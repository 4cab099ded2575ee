//! Events as an account sends them: everybody comes, pays, changes their mind and leaves, in between all the others.

use std::path::Path;

use domain::ids::EventId;
use serde_json::json;

/// What one person's life is told by, of each kind; and what everything in it is called after.
const LIVES: [(&str, &str); 4] = [
    ("a_subscription_life", "TestAda"),
    ("b_oneoff_refunds", "TestGrace"),
    ("c_trial_annual", "TestLin"),
    ("b_oneoff_refunds", "TestGrace"),
];

/// How many others begin between two events of one life.
const BETWEEN: usize = 5;

/// An event and its id.
pub(crate) type Event = (EventId, Vec<u8>);

/// The events of so many lives, in the order they come; those of a later call are others.
pub(crate) fn lives(first: usize, count: usize) -> Vec<Event> {
    let told = LIVES.map(|(folder, person)| (events_of(folder), person));
    let mut events: Vec<(usize, Event)> = Vec::new();
    for (number, (bodies, person)) in (first..first + count).zip(told.iter().cycle()) {
        let mut life = vec![customer_created(number, person)];
        life.extend(bodies.iter().map(|body| renamed(body, person, number)));
        events.extend(life.into_iter().enumerate().map(|(step, event)| (number + step * BETWEEN, event)));
    }
    events.sort_by_key(|(place, _)| *place);
    events.into_iter().map(|(_, event)| event).collect()
}

/// The bodies of a folder, in the order of their names.
fn events_of(folder: &str) -> Vec<String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/composed/2026-09-30.endive");
    let files = std::fs::read_dir(fixtures.join(folder)).expect("the fixtures are there");
    let mut paths: Vec<_> = files.map(|file| file.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("a fixture is text")).collect()
}

/// The same of somebody else.
fn renamed(body: &str, person: &str, number: usize) -> Event {
    let body = body
        .replace(person, &format!("Life{number}x"))
        .replace("\"evt_1T", &format!("\"evt_1L{number}x"))
        .replace("@example", &format!("{number}@firm{}.example", number % 500));
    let id = body.split('"').find(|text| text.starts_with("evt_")).expect("an event has an id");
    (id.parse().expect("an id"), body.clone().into_bytes())
}

fn customer_created(number: usize, person: &str) -> Event {
    let id = format!("evt_1L{number}xCustomer");
    // As in the lives' other events, whose ids end in as many digits.
    let customer = format!("cus_Life{number}x00000001");
    let event = json!({
        "id": id, "object": "event", "api_version": "2026-09-30.endive", "type": "customer.created",
        "created": 1_770_026_000, "livemode": false,
        "data": { "object": {
            "id": customer, "object": "customer", "created": 1_770_026_000, "livemode": false,
            "email": format!("{person}{number}@firm{}.example.com", number % 500), "metadata": {},
        } },
    });
    (id.parse().expect("an id"), event.to_string().into_bytes())
}
