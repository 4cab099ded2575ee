//! A form of a page: where it is sent, what was typed into it last, and what it was answered.

use crate::address::Address;
use crate::format;
use crate::visit::{FormOutcome, FormReply, Visit};

/// A form of a page. Its name travels in a hidden field, so that one address takes several.
#[derive(Clone, Debug)]
pub struct Form {
    name: &'static str,
    action: String,
    fields: &'static [&'static str],
    row: Option<(&'static str, String)>,
    reply: Option<FormReply>,
}

/// Why a form was not done, as its head says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The field with this id says what is wrong with it.
    InField(String),
    /// This is wrong.
    Said(String),
}

impl Form {
    /// A form of a page with the fields it shows.
    #[must_use]
    pub fn of(visit: &Visit, name: &'static str, page: &Address, fields: &'static [&'static str]) -> Self {
        Self { name, action: page.to_string(), fields, row: None, reply: visit.reply_to(name).cloned() }
    }

    /// The form as if it had been answered this: one that is asked with the address is answered with the page.
    #[must_use]
    pub fn answered(self, reply: Option<FormReply>) -> Self {
        Self { reply, ..self }
    }

    /// The same form once for each of several things: a hidden field says for which, and an answer belongs to
    /// that one only.
    #[must_use]
    pub fn about(self, field: &'static str, which: impl Into<String>) -> Self {
        let which = which.into();
        let reply = self.reply.filter(|reply| reply.typed.get(field) == Some(&which));
        Self { reply, row: Some((field, which)), ..self }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where it is sent.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The hidden field that says what it is about.
    #[must_use]
    pub const fn row(&self) -> Option<&(&'static str, String)> {
        self.row.as_ref()
    }

    /// The id of a field, the only one of its kind on the page.
    #[must_use]
    pub fn id(&self, field: &str) -> String {
        match &self.row {
            Some((_, which)) => format!("{}-{field}-{which}", self.name),
            None => format!("{}-{field}", self.name),
        }
    }

    /// Whether it was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refusal().is_some()
    }

    /// What was typed into a field last.
    #[must_use]
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.reply.as_ref().filter(|_| self.is_refused())?.typed.get(field).map(String::as_str)
    }

    /// What stands in a field: what was typed into it last, or else this.
    #[must_use]
    pub fn value(&self, field: &str, otherwise: &str) -> String {
        self.typed(field).unwrap_or(otherwise).to_owned()
    }

    /// What was chosen of a field that takes several, with commas between.
    #[must_use]
    pub fn chosen(&self, field: &str) -> Option<Vec<String>> {
        self.is_refused().then(|| {
            let words = self.typed(field).unwrap_or_default().split([',', ' ']);
            words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        })
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn error_of(&self, field: &str) -> Option<String> {
        let (wrong, message) = self.refusal()?;
        (wrong == Some(field)).then(|| format::sentence(message))
    }

    /// Why it was not done.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let (wrong, message) = self.refusal()?;
        let field = wrong.filter(|wrong| self.fields.contains(wrong));
        Some(match field {
            Some(field) => Problem::InField(self.id(field)),
            None => Problem::Said(format::sentence(message)),
        })
    }

    /// What is shown now and never again.
    #[must_use]
    pub fn shown_once(&self) -> Option<String> {
        match &self.reply.as_ref()?.outcome {
            FormOutcome::ShownOnce(text) => Some(text.clone()),
            FormOutcome::Refused { .. } => None,
        }
    }

    fn refusal(&self) -> Option<(Option<&'static str>, &str)> {
        match &self.reply.as_ref()?.outcome {
            FormOutcome::Refused { field, message } => Some((*field, message)),
            FormOutcome::ShownOnce(_) => None,
        }
    }
}
