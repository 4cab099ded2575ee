//! The stylesheets: every text is legible on every ground it stands on, and every variable exists.

#![expect(clippy::float_arithmetic, reason = "the contrast of two colours is a ratio")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// What WCAG AA asks of text, and of lines that mean something.
const TEXT: f64 = 4.5;
const LINE: f64 = 3.0;

/// Every text colour with the grounds it stands on.
const TEXTS: [(&str, &[&str]); 8] = [
    ("ink", &["bg", "panel", "hover", "line2"]),
    ("ink2", &["bg", "panel", "hover", "line2", "accent-soft"]),
    ("ink3", &["bg", "panel", "hover"]),
    ("bg", &["ink"]),
    ("accent", &["bg", "panel", "hover", "accent-soft"]),
    ("accent-ink", &["accent"]),
    ("good", &["panel", "good-soft"]),
    ("warn", &["warn-soft"]),
];

/// Text that judges, apart for its length.
const JUDGEMENTS: [(&str, &[&str]); 1] = [("bad", &["panel", "bad-soft"])];

/// The edge of a field, what shows the focus, and the edge of what is wrong.
const LINES: [(&str, &[&str]); 3] =
    [("field-line", &["panel", "bg"]), ("accent", &["bg", "panel"]), ("bad", &["panel", "bg"])];

/// A colour in the light and in the dark theme.
type Pair = [Rgb; 2];
type Rgb = [f64; 3];

fn style() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../style")
}

fn stylesheets() -> Vec<(String, String)> {
    let mut sheets: Vec<(String, String)> = fs::read_dir(style())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "css"))
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    sheets.sort();
    sheets
}

fn tokens() -> BTreeMap<String, Pair> {
    let text = fs::read_to_string(style().join("tokens.css")).unwrap();
    text.lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
            let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
            Some((name.to_owned(), [color(light)?, color(dark)?]))
        })
        .collect()
}

fn color(hex: &str) -> Option<Rgb> {
    let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| Some(f64::from(u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?) / 255.0);
    Some([part(0)?, part(2)?, part(4)?])
}

fn luminance(color: Rgb) -> f64 {
    let linear =
        color.map(|part| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn too_faint(pairs: &[(&str, &[&str])], least: f64) -> Vec<String> {
    let tokens = tokens();
    let mut found = Vec::new();
    for (front, grounds) in pairs {
        for ground in *grounds {
            for (theme, name) in ["light", "dark"].into_iter().enumerate() {
                let reached = contrast(tokens[*front][theme], tokens[*ground][theme]);
                if reached < least {
                    found.push(format!("--{front} on --{ground}, {name}: {reached:.2}"));
                }
            }
        }
    }
    found
}

#[test]
fn every_text_is_legible_on_every_ground_in_both_themes() {
    assert_eq!(too_faint(&TEXTS, TEXT), [""; 0]);
    assert_eq!(too_faint(&JUDGEMENTS, TEXT), [""; 0]);
}

#[test]
fn fields_and_the_focus_can_be_seen_in_both_themes() {
    assert_eq!(too_faint(&LINES, LINE), [""; 0]);
}

#[test]
fn every_text_colour_of_the_stylesheets_is_checked() {
    let checked: BTreeSet<&str> = TEXTS.iter().chain(&JUDGEMENTS).map(|(name, _)| *name).collect();
    for (sheet, text) in stylesheets() {
        for value in
            text.split_inclusive(['{', ';', '}']).filter_map(|rule| rule.trim().strip_prefix("color:"))
        {
            let value = value.trim().trim_end_matches(';');
            let known = value
                .strip_prefix("var(--")
                .and_then(|name| name.strip_suffix(')'))
                .is_some_and(|name| checked.contains(name));
            assert!(known || value == "inherit", "{sheet}: color: {value}");
        }
    }
}

#[test]
fn every_variable_that_is_used_exists() {
    let sheets = stylesheets();
    let all: String = sheets.iter().map(|(_, text)| text.as_str()).collect();
    for (sheet, text) in &sheets {
        for used in text.split("var(").skip(1) {
            let name = used.split([')', ',']).next().unwrap();
            assert!(all.contains(&format!("{name}:")), "{sheet}: {name}");
        }
    }
}
