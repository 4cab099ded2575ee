//! Who works at the invented companies, so that everybody can look at them in every role.

use std::fmt;

use credentials::passwords::Password;
use credentials::tokens::Token;
use domain::access::Role;
use domain::ids::TenantId;
use domain::tenant::Tenant;

use super::fill::{Company, NORTHWIND, SOUTHWIND};
use crate::accounts::{Accounts, NewMember, Refusal};

/// One of the invented people.
struct Invented {
    email: String,
    name: String,
    company: Option<(Company, Role)>,
}

/// The sign-ins of the demo. They all have one password, which is told when it is drawn and not kept.
pub(super) struct SignIns {
    password: Option<String>,
    emails: Vec<(String, &'static str)>,
}

impl fmt::Display for SignIns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Sign in as")?;
        for (email, what) in &self.emails {
            writeln!(f, "  {email:<32} {what}")?;
        }
        match &self.password {
            Some(password) => writeln!(f, "with the password  {password}"),
            None => writeln!(f, "with the password printed when the demo was made."),
        }
    }
}

fn everybody() -> Vec<Invented> {
    let mut people = Vec::new();
    for company in [NORTHWIND, SOUTHWIND] {
        for role in [Role::Admin, Role::Operator, Role::Viewer] {
            let name = format!("Demo {role} of {}", company.slug);
            let email = format!("{role}@{}.example", company.slug);
            people.push(Invented { email, name, company: Some((company, role)) });
        }
    }
    let (email, name) = ("platform@demo.example".to_owned(), "Demo platform admin".to_owned());
    people.push(Invented { email, name, company: None });
    people
}

/// Makes whoever is missing. When somebody is, everybody gets the same, newly drawn password.
pub(super) async fn hire(accounts: &Accounts, tenants: &[(Company, TenantId)]) -> Result<SignIns, Refusal> {
    let mut people = everybody();
    // Who sees every workspace is only invented where every workspace is.
    let is_real = |tenant: &Tenant| tenants.iter().all(|(_, invented)| *invented != tenant.id);
    let stored = accounts.store.tenants_all().await?;
    if stored.iter().any(|tenant| is_real(tenant) && !tenant.slug.starts_with("default")) {
        people.retain(|person| person.company.is_some());
    }
    let emails = people.iter().map(|person| (person.email.clone(), what(person))).collect();
    let mut known = Vec::new();
    let mut missing = Vec::new();
    for person in people {
        match accounts.store.user_by_email(&person.email).await? {
            Some(user) => known.push(user),
            None => missing.push(person),
        }
    }
    if missing.is_empty() {
        return Ok(SignIns { password: None, emails });
    }
    let password = drawn_password();
    for user in &known {
        let typed = Password::read(password.clone()).map_err(|why| Refusal::Conflict(why.to_string()))?;
        accounts.set_password(user, &typed).await?;
    }
    for person in missing {
        accounts.add_user(person.with(&password, tenants)).await?;
    }
    Ok(SignIns { password: Some(password), emails })
}

impl Invented {
    fn with(self, password: &str, tenants: &[(Company, TenantId)]) -> NewMember {
        let membership = self.company.and_then(|(company, role)| {
            let tenant = tenants.iter().find(|(known, _)| *known == company)?;
            Some((tenant.1, role))
        });
        NewMember {
            email: self.email,
            name: self.name,
            password: password.to_owned(),
            is_platform_admin: self.company.is_none(),
            memberships: membership.into_iter().collect(),
        }
    }
}

fn what(person: &Invented) -> &'static str {
    match person.company {
        Some((_, Role::Admin)) => "edits settings, members, keys and connections",
        Some((_, Role::Operator)) => "acts",
        Some(_) => "reads",
        None => "sees every workspace and the aggregate",
    }
}

/// A password nobody knows before it is printed.
fn drawn_password() -> String {
    Token::draw().text().chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}
