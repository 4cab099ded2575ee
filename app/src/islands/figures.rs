//! Puts newer figures in the place of those shown, without losing the reader's place.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, FocusOptions, HtmlElement};

/// The parts of the page that figures are in; none of them holds an island.
const REGIONS: [&str; 2] = ["answer", "figures"];

/// What can have the focus in a region.
const FOCUSABLE: &str = "a, summary, button, select";

/// Takes the figures over from another rendering of the page; the time they were read, or `None` where the
/// page has none.
pub(super) fn take_over(page: &Document) -> Option<String> {
    let as_of = page.get_element_by_id("figures")?.get_attribute("data-as-of")?;
    for id in REGIONS {
        if let (Some(shown), Some(fresh)) = (document().get_element_by_id(id), page.get_element_by_id(id)) {
            replace(&shown, &fresh.inner_html());
        }
    }
    Some(as_of)
}

fn replace(region: &Element, html: &str) {
    if region.inner_html() == html {
        return;
    }
    let place = ReadersPlace::in_region(region);
    region.set_inner_html(html);
    place.restore(region);
}

/// What a reader has opened, scrolled to and is about to press.
struct ReadersPlace {
    open: Vec<String>,
    scrolled: Vec<i32>,
    focused: Option<Focused>,
}

struct Focused {
    place: usize,
    href: Option<String>,
}

impl ReadersPlace {
    fn in_region(region: &Element) -> Self {
        Self {
            open: all(region, "details[open][id]").iter().map(Element::id).collect(),
            scrolled: all(region, ".table-box").iter().map(Element::scroll_left).collect(),
            focused: Focused::in_region(region),
        }
    }

    fn restore(&self, region: &Element) {
        for id in &self.open {
            if let Some(details) = document().get_element_by_id(id) {
                details.set_attribute("open", "").ok();
            }
        }
        for (scrolling, left) in all(region, ".table-box").iter().zip(&self.scrolled) {
            scrolling.set_scroll_left(*left);
        }
        if let Some(focused) = &self.focused {
            focused.restore(region);
        }
    }
}

impl Focused {
    fn in_region(region: &Element) -> Option<Self> {
        let active = document().active_element()?;
        let place = all(region, FOCUSABLE).iter().position(|element| *element == active)?;
        Some(Self { place, href: active.get_attribute("href") })
    }

    /// Several links may lead to one address, so the one at the same place comes first.
    fn restore(&self, region: &Element) {
        let elements = all(region, FOCUSABLE);
        let is_same = |element: &&Element| element.get_attribute("href") == self.href;
        let at_place = elements.get(self.place).filter(is_same);
        if let Some(element) = at_place.or_else(|| elements.iter().find(is_same)) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // A link in a drawing is no HTML element, but takes the focus the same way.
            element.unchecked_ref::<HtmlElement>().focus_with_options(&options).ok();
        }
    }
}

fn all(region: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = region.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|place| found.get(place)?.dyn_into().ok()).collect()
}
