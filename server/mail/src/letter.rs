//! A letter as it is written.

/// A letter in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The one address it goes to.
    pub to: String,
    /// What it is about. It becomes one line, whatever is in it.
    pub subject: String,
    /// What it says; lines end with `\n`.
    pub text: String,
}

impl Letter {
    /// The subject without what would end the line it stands on.
    pub(crate) fn subject_line(&self) -> String {
        self.subject.replace(char::is_control, " ")
    }
}
