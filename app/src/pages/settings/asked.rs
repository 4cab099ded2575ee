//! A page with forms, as it is asked for.

use crate::address::Address;
use crate::components::Place;
use crate::form::Form;
use crate::pages::asking::{field, notice, query};
use crate::port::PeriodQuestion;
use crate::visit::{LookingAt, Notice, Visit};

/// Who asks for which page, about which tenant, after what.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Asked {
    pub(in crate::pages) place: Place,
    pub(in crate::pages) visit: Visit,
    pub(in crate::pages) notice: Option<Notice>,
    tenant_id: Option<String>,
}

impl Asked {
    /// What this request asks for.
    pub(in crate::pages) fn now(place: Place) -> Self {
        let query = query();
        Self { place, visit: Visit::now(), notice: notice(&query), tenant_id: field(&query, "tenant_id") }
    }

    /// The page's own address, which its forms are sent to.
    pub(in crate::pages) fn address(&self) -> Address {
        Address::new(self.place.path()).with_any("tenant_id", self.tenant_id.as_ref())
    }

    /// What links of the navigation carry along.
    pub(in crate::pages) fn question(&self) -> PeriodQuestion {
        PeriodQuestion { tenant_id: self.tenant_id.clone(), ..PeriodQuestion::default() }
    }

    /// A form of the page. One that changes a tenant says which, since another tab may have turned the browser
    /// to another one meanwhile.
    pub(in crate::pages) fn form(&self, name: &'static str, fields: &'static [&'static str]) -> Form {
        Form::of(&self.visit, name, &self.of_tenant(), fields)
    }

    /// A form that is shown only where the address says this too.
    pub(in crate::pages) fn form_beside(
        &self,
        (field, value): (&'static str, String),
        name: &'static str,
        fields: &'static [&'static str],
    ) -> Form {
        Form::of(&self.visit, name, &self.of_tenant().with(field, value), fields)
    }

    /// A form that is shown only where the address says all of this too.
    pub(in crate::pages) fn form_where(
        &self,
        said: Vec<(&'static str, String)>,
        name: &'static str,
        fields: &'static [&'static str],
    ) -> Form {
        let page = said.into_iter().fold(self.of_tenant(), |page, (field, value)| page.with(field, value));
        Form::of(&self.visit, name, &page, fields)
    }

    /// The page about the tenant that is looked at, whatever another tab turns the browser to meanwhile.
    pub(in crate::pages) fn of_tenant(&self) -> Address {
        self.of_this_tenant(self.address())
    }

    /// An address of the page that says which tenant is looked at.
    pub(in crate::pages) fn of_this_tenant(&self, page: Address) -> Address {
        match &self.visit.looking_at {
            LookingAt::Tenant { viewer, .. } if self.place != Place::Account => {
                page.with("tenant_id", viewer.tenant.to_string())
            }
            _ => page,
        }
    }
}
