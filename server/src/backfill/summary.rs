//! What a run came to, for people and for programs.

use std::fmt;

use domain::ids::BackfillId;
use serde::Serialize;
use serde_json::{Value, json};
use store::backfills::{Backfill, Cursor};

use super::comparison::Comparison;

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Which run.
    pub run: Backfill,
    /// How far each list was read.
    pub cursors: Vec<Cursor>,
    /// Events that could not be understood, of those found by this run's tenant.
    pub errors: i64,
    /// How the ledger compares with Stripe's balance.
    pub comparison: Comparison,
}

/// The counts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Stored now.
    pub processed: i64,
    /// Stored before, and the same.
    pub already_there: i64,
    /// Could not be understood.
    pub errors: i64,
    /// All of them.
    pub total: i64,
}

impl Summary {
    /// The counts over all lists.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let total: i64 = self.cursors.iter().map(|cursor| cursor.found).sum();
        let stored: i64 = self.cursors.iter().map(|cursor| cursor.stored).sum();
        let processed = (stored - self.errors).max(0);
        Counts { processed, already_there: total - stored, errors: self.errors, total }
    }

    /// It as programs read it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let BackfillId(id) = self.run.id;
        let lists = self.cursors.iter().map(|cursor| {
            let counts = json!({ "found": cursor.found, "stored": cursor.stored, "pages": cursor.pages });
            (cursor.subject.word().to_owned(), counts)
        });
        json!({
            "backfill": id,
            "from": self.run.from.to_string(),
            "to": self.run.to.to_string(),
            "summary": self.counts(),
            "lists": lists.collect::<serde_json::Map<_, _>>(),
            "comparison": self.comparison.to_json(),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        writeln!(f, "Backfill of {}", self.run.asked)?;
        for cursor in &self.cursors {
            writeln!(
                f,
                "  {:<18} {:>9} found {:>9} stored",
                cursor.subject.name(),
                cursor.found,
                cursor.stored
            )?;
        }
        writeln!(f, "Processed:     {}", counts.processed)?;
        writeln!(f, "Already there: {}", counts.already_there)?;
        writeln!(f, "Errors:        {}", counts.errors)?;
        writeln!(f, "Total:         {}", counts.total)?;
        self.comparison.fmt(f)
    }
}
