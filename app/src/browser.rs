//! What a browser calls itself, in words somebody recognises their own by.

use crate::format;

/// Browsers by a mark that only they carry; those that pretend to be others come first.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// Systems by a mark of theirs; those that name another one too come first.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The longest name of its own that is shown.
const LONGEST: usize = 60;

/// `Firefox on Windows`; what is not recognised is shown as it is, shortened.
#[must_use]
pub fn in_words(user_agent: Option<&str>) -> String {
    let Some(raw) = user_agent.map(format::name).filter(|raw| !raw.is_empty()) else {
        return "A browser without a name".to_owned();
    };
    match (marked(&raw, &BROWSERS), marked(&raw, &SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => shortened(&raw),
    }
}

fn marked(raw: &str, marks: &[(&str, &'static str)]) -> Option<&'static str> {
    marks.iter().find(|(mark, _)| raw.contains(mark)).map(|(_, name)| *name)
}

fn shortened(raw: &str) -> String {
    if raw.chars().count() <= LONGEST {
        return raw.to_owned();
    }
    raw.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_what_only_they_say() {
        for (raw, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Mac",
            ),
            ("curl/8.14.1", "curl"),
            ("something else", "something else"),
        ] {
            assert_eq!(in_words(Some(raw)), words);
        }
        assert_eq!(in_words(None), "A browser without a name");
        assert_eq!(in_words(Some(&"x".repeat(200))).chars().count(), LONGEST + 1);
    }
}
