//! A settings page, as it is asked for.

use crate::address::Address;
use crate::components::Place;
use crate::form::Form;
use crate::pages::asking::{field, notice, query};
use crate::port::PeriodQuestion;
use crate::visit::{LookingAt, Notice, Visit};

/// Who asks for which settings page, about which tenant, after what.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) place: Place,
    pub(super) visit: Visit,
    pub(super) notice: Option<Notice>,
    tenant_id: Option<String>,
}

impl Asked {
    /// What this request asks for.
    pub(super) fn now(place: Place) -> Self {
        let query = query();
        Self { place, visit: Visit::now(), notice: notice(&query), tenant_id: field(&query, "tenant_id") }
    }

    /// The page's own address, which its forms are sent to.
    pub(super) fn address(&self) -> Address {
        Address::new(self.place.path()).with_any("tenant_id", self.tenant_id.as_ref())
    }

    /// What links of the navigation carry along.
    pub(super) fn question(&self) -> PeriodQuestion {
        PeriodQuestion { tenant_id: self.tenant_id.clone(), ..PeriodQuestion::default() }
    }

    /// A form of the page. One that changes a tenant says which, since another tab may have turned the browser
    /// to another one meanwhile.
    pub(super) fn form(&self, name: &'static str, fields: &'static [&'static str]) -> Form {
        let page = match &self.visit.looking_at {
            LookingAt::Tenant { viewer, .. } if self.place.needs().is_some() => {
                self.address().with("tenant_id", viewer.tenant.to_string())
            }
            _ => self.address(),
        };
        Form::of(&self.visit, name, &page, fields)
    }
}
