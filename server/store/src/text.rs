//! Text as the database takes it.

/// The text without NUL, which PostgreSQL has no place for, cut to so many characters.
pub(crate) fn fitting(text: &str, at_most: usize) -> String {
    text.chars().filter(|&character| character != '\0').take(at_most).collect()
}

/// A pattern for `like` that finds the text anywhere, whatever it holds.
pub(crate) fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars().filter(|&character| character != '\0') {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters_and_loses_its_nul() {
        assert_eq!(fitting("a\0bc", 2), "ab");
        assert_eq!(fitting("äöü€🦀", 4), "äöü€");
        assert_eq!(fitting("", 4), "");
    }

    #[test]
    fn what_a_pattern_means_is_taken_literally() {
        assert_eq!(anywhere(r"50%_\"), r"%50\%\_\\%");
        assert_eq!(anywhere("a\0"), "%a%");
    }
}
