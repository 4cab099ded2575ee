//! Which column of a file is read as which field.

use std::collections::BTreeMap;

use domain::importing::ImportKind;

use super::{campaigns, costs, deals, leads, links};
use crate::accounts::Refusal;

/// Names columns have elsewhere, in lower case without signs, and what is meant.
const OTHER_NAMES: &[(&str, &[&str])] = &[
    ("external_id", &["id", "leadid", "dealid", "campaignid", "recordid", "reference", "externalref"]),
    ("email", &["mail", "emailaddress", "workemail", "leademail"]),
    ("name", &["fullname", "contactname", "leadname", "dealname", "campaignname", "campaign", "title"]),
    ("company", &["companyname", "organisation", "organization", "account", "accountname"]),
    ("source", &["leadsource", "origin", "utmsource"]),
    ("channel", &["channelname", "marketingchannel"]),
    ("owner", &["leadowner", "dealowner", "ownername", "assignee", "salesperson"]),
    ("stage", &["leadstage", "dealstage", "status", "pipelinestage"]),
    ("state", &["status", "dealstatus", "campaignstatus"]),
    ("stage_at", &["stagedate", "stagechangedat", "stageenteredat", "laststagechange"]),
    ("value", &["dealvalue", "amount", "leadvalue", "dealamount", "worth"]),
    ("currency", &["currencycode", "dealcurrency"]),
    ("created_at", &["created", "createddate", "createdate", "dateadded", "addedat"]),
    ("started_at", &["started", "startdate", "launchedat"]),
    ("opened_at", &["opened", "created", "createdat", "createdate", "opendate"]),
    ("closed_at", &["closed", "closedate", "closeddate", "wonat", "lostat"]),
    ("lead", &["leadid", "leadexternalid", "contact", "contactid"]),
    ("probability", &["probabilitypercent", "winprobability", "likelihood"]),
    ("connector", &["tool", "platform", "app"]),
    ("cost_type", &["type", "costtype", "category", "kind"]),
    ("amount", &["cost", "price", "spend", "total", "amountspent"]),
    ("period_start", &["start", "from", "startdate", "begin"]),
    ("period_end", &["end", "to", "enddate", "until"]),
    ("customer_id", &["customer", "stripecustomer", "stripecustomerid", "stripeid"]),
    ("record_id", &["id", "record", "studentid", "externalid"]),
    ("lead_id", &["lead", "leadexternalid"]),
    ("kind", &["type", "recordtype", "table"]),
    ("notes", &["note", "comment", "comments", "description"]),
];

/// Which column is read as which field; the others are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    columns: Vec<(String, Option<&'static str>)>,
}

/// What can be said of things of a kind.
pub(crate) const fn fields_of(kind: ImportKind) -> &'static [&'static str] {
    match kind {
        ImportKind::Leads => &leads::FIELDS,
        ImportKind::Campaigns => &campaigns::FIELDS,
        ImportKind::Deals => &deals::FIELDS,
        ImportKind::Costs => &costs::FIELDS,
        ImportKind::Links => &links::FIELDS,
    }
}

impl Mapping {
    /// What a file's heading means: what somebody said it does, or else what its names are like. `column=` leaves a
    /// column out.
    pub fn of(kind: ImportKind, heading: &[String], said: &[(String, String)]) -> Result<Self, Refusal> {
        let fields = fields_of(kind);
        let mut columns: Vec<(String, Option<&'static str>)> =
            heading.iter().map(|column| (column.trim().to_owned(), None)).collect();
        let mut is_said = vec![false; columns.len()];
        for (column, field) in said {
            let place = columns.iter().position(|(name, _)| name.eq_ignore_ascii_case(column.trim()));
            let unknown = || Refusal::field("map", format!("the file has no column {column:?}"));
            let place = place.ok_or_else(unknown)?;
            let known = fields.iter().copied().find(|known| *known == field.trim());
            if known.is_none() && !field.trim().is_empty() {
                let message = format!("there is no field {field:?} here; there are {}", fields.join(", "));
                return Err(Refusal::field("map", message));
            }
            if let (Some(column), Some(said)) = (columns.get_mut(place), is_said.get_mut(place)) {
                (column.1, *said) = (known, true);
            }
        }
        let mut mapping = Self { columns };
        mapping.guess(fields, &is_said);
        mapping.require_some(fields)?;
        Ok(mapping)
    }

    /// What names of columns are like, whether or not any is like something.
    #[must_use]
    pub fn guessed(kind: ImportKind, heading: &[String]) -> Self {
        let columns: Vec<(String, Option<&'static str>)> =
            heading.iter().map(|column| (column.trim().to_owned(), None)).collect();
        let is_said = vec![false; columns.len()];
        let mut mapping = Self { columns };
        mapping.guess(fields_of(kind), &is_said);
        mapping
    }

    /// Fields nobody named a column for take the first column of their name, or of one like it.
    fn guess(&mut self, fields: &'static [&'static str], is_said: &[bool]) {
        let likenesses: [fn(&str, &str) -> bool; 2] = [is_name, is_other_name];
        for likeness in likenesses {
            for field in fields {
                if self.columns.iter().any(|(_, taken)| *taken == Some(*field)) {
                    continue;
                }
                let free = self.columns.iter_mut().zip(is_said).find(|((name, taken), is_said)| {
                    taken.is_none() && !**is_said && likeness(&plain(name), field)
                });
                if let Some((column, _)) = free {
                    column.1 = Some(field);
                }
            }
        }
    }

    fn require_some(&self, fields: &[&str]) -> Result<(), Refusal> {
        if self.columns.iter().any(|(_, field)| field.is_some()) {
            return Ok(());
        }
        let message = format!("no column is like any of {}: say which is which", fields.join(", "));
        Err(Refusal::field("map", message))
    }

    /// The cells of a row, by field.
    pub(super) fn cells<'a>(
        &'a self,
        row: impl Iterator<Item = &'a str> + 'a,
    ) -> impl Iterator<Item = (String, String)> + 'a {
        let named = self.columns.iter().zip(row);
        named.filter_map(|((_, field), cell)| Some(((*field)?.to_owned(), cell.to_owned())))
    }

    /// The columns that are read, with their fields.
    #[must_use]
    pub fn read(&self) -> BTreeMap<String, String> {
        let read = self.columns.iter().filter_map(|(name, field)| Some((name.clone(), (*field)?.to_owned())));
        read.collect()
    }

    /// Every column, with its field where it is read.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Option<&'static str>)> {
        self.columns.iter().map(|(name, field)| (name.as_str(), *field))
    }

    /// The columns that are left out.
    #[must_use]
    pub fn left_out(&self) -> Vec<&str> {
        let left_out = self.columns.iter().filter(|(_, field)| field.is_none());
        left_out.map(|(name, _)| name.as_str()).collect()
    }
}

fn is_name(column: &str, field: &str) -> bool {
    column == plain(field)
}

fn is_other_name(column: &str, field: &str) -> bool {
    OTHER_NAMES.iter().any(|(of, names)| *of == field && names.contains(&column))
}

/// A name in lower case, without signs.
fn plain(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn read(kind: ImportKind, names: &[&str]) -> Vec<(String, String)> {
        Mapping::of(kind, &heading(names), &[]).unwrap().read().into_iter().collect()
    }

    #[test]
    fn columns_are_known_by_names_like_theirs() {
        let found = read(ImportKind::Leads, &["E-Mail", "Full Name", "Lead Source", "Shoe size", "Status"]);
        let pair = |column: &str, field: &str| (column.to_owned(), field.to_owned());
        let expected = [
            pair("E-Mail", "email"),
            pair("Full Name", "name"),
            pair("Lead Source", "source"),
            pair("Status", "stage"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_columns_own_name_counts_before_one_like_it() {
        let found = read(ImportKind::Deals, &["amount", "value", "id"]);
        assert!(found.contains(&("value".to_owned(), "value".to_owned())));
        assert!(!found.iter().any(|(column, _)| column == "amount"));
    }

    #[test]
    fn what_somebody_says_counts_and_an_empty_word_leaves_a_column_out() {
        let said = [("Origin".to_owned(), "company".to_owned()), ("email".to_owned(), String::new())];
        let names = heading(&["origin", "email", "mail"]);
        let mapping = Mapping::of(ImportKind::Leads, &names, &said).unwrap();
        assert_eq!(mapping.read()["origin"], "company");
        assert_eq!(mapping.read()["mail"], "email");
        assert_eq!(mapping.left_out(), ["email"]);
    }

    #[test]
    fn what_means_nothing_is_refused() {
        let said = |column: &str, field: &str| vec![(column.to_owned(), field.to_owned())];
        let names = heading(&["email"]);
        assert!(Mapping::of(ImportKind::Leads, &names, &said("mail", "email")).is_err());
        assert!(Mapping::of(ImportKind::Leads, &names, &said("email", "shoes")).is_err());
        assert!(Mapping::of(ImportKind::Leads, &heading(&["a", "b"]), &[]).is_err());
    }
}
