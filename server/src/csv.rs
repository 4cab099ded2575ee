//! Rows as a file a spreadsheet opens without doing anything with them.

/// A file of comma-separated values.
#[derive(Debug)]
pub struct Csv(String);

impl Csv {
    /// A file with its heading.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.row(names);
        csv
    }

    /// Adds a row.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            self.cell(cell.as_ref());
        }
        self.0.push_str("\r\n");
    }

    /// What was written since this was last asked, for a file that is sent in pieces.
    pub fn take_text(&mut self) -> String {
        std::mem::take(&mut self.0)
    }

    /// The whole file.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// A spreadsheet takes what begins like this for a formula; an apostrophe before it keeps it text.
    fn cell(&mut self, text: &str) {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let digits = text.strip_prefix('-').unwrap_or_default();
        let is_number =
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let guard = if is_formula && !is_number { "'" } else { "" };
        if text.contains([',', '"', '\n', '\r', ';']) || !guard.is_empty() {
            self.0.push('"');
            self.0.push_str(guard);
            self.0.push_str(&text.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_stays_text() {
        let mut csv = Csv::new(&["name", "amount"]);
        csv.row(&["=cmd|' /C calc'!A0", "-12"]);
        csv.row(&["a \"b\", c", "@sum(1)"]);
        csv.row(&["-1.50", "-1+2"]);
        assert_eq!(
            csv.into_text(),
            "name,amount\r\n\"'=cmd|' /C calc'!A0\",-12\r\n\"a \"\"b\"\", c\",\"'@sum(1)\"\r\n-1.50,\"'-1+2\"\r\n"
        );
    }
}
