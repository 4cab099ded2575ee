//! Bodies as Stripe sends them, each with ids of its own.

/// A payment of 499 dollars.
const TEMPLATE: &str =
    include_str!("../../tests/fixtures/composed/2026-09-30.endive/b_oneoff_refunds/02_charge.succeeded.json");

/// What is unlike in each event: the end of its id, and that of every object it names.
const EVENT_END: &str = "__EVENT__";
const OBJECT_END: &str = "TestGrace00000000001";

/// Makes events none of which was made before.
#[derive(Debug, Default)]
pub(crate) struct Events {
    made: usize,
}

impl Events {
    /// So many new ones.
    pub(crate) fn fresh(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.next()).collect()
    }

    /// So many, of which every fifth is a copy of one some places before it.
    pub(crate) fn with_copies(&mut self, count: usize) -> Vec<Vec<u8>> {
        let mut bodies: Vec<Vec<u8>> = Vec::with_capacity(count);
        for place in 0..count {
            let copied = bodies.get(place.wrapping_sub(200)).filter(|_| place % 5 == 4).cloned();
            let body = copied.unwrap_or_else(|| self.next());
            bodies.push(body);
        }
        bodies
    }

    /// How many there are.
    pub(crate) fn made(&self) -> usize {
        self.made
    }

    /// How large one is.
    pub(crate) fn size() -> usize {
        body(0).len()
    }

    fn next(&mut self) -> Vec<u8> {
        self.made += 1;
        body(self.made)
    }
}

/// The body with this number.
pub(crate) fn body(number: usize) -> Vec<u8> {
    let (before, id) = TEMPLATE.split_once("\"evt_").expect("the template has an id");
    let after = id.split_once('"').map_or("", |(_, after)| after);
    let named = format!("{before}\"evt_{EVENT_END}\"{after}");
    named
        .replace(EVENT_END, &format!("1Bench{number:018}"))
        .replace(OBJECT_END, &format!("Bench{number:018}"))
        .into_bytes()
}
