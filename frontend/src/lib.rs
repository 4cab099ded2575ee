//! The wasm entry: wakes the islands of a page that is already readable without it.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's loader script.
#[wasm_bindgen]
pub fn hydrate() {
    // Without a mention of `app` the linker drops the islands it exports.
    use app as _;

    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
