//! Who looks at the pages of tests.

use app::visit::{FormOutcome, FormReply, LookingAt, Visit, Workspace};
use domain::access::{Caller, Person, Role, Viewer};
use domain::ids::{SessionId, TenantId, UserId};
use uuid::Uuid;

/// A name that would do harm wherever it is taken for markup, and turns round what follows it.
pub(crate) const HOSTILE: &str = "</script><svg onload=alert(1)>\u{202e}\"' onfocus=alert(2) autofocus='";

/// The tenant that is looked at.
pub(crate) const NORTHWIND: TenantId = TenantId(Uuid::from_u128(7));

/// Nobody in particular.
pub(crate) fn stranger() -> Visit {
    Visit { is_sign_up_open: true, can_send_mail: true, ..Visit::default() }
}

/// Ada, who is this to the only workspace she belongs to.
pub(crate) fn member(role: Role) -> Visit {
    let person = ada(false);
    Visit {
        looking_at: looking_at(&person, NORTHWIND, Some(role), "Northwind GTM"),
        workspaces: vec![workspace(NORTHWIND, "Northwind GTM", role)],
        person: Some(person),
        ..stranger()
    }
}

/// Ada, who also belongs to another workspace.
pub(crate) fn member_of_two() -> Visit {
    let mut visit = member(Role::Owner);
    visit.workspaces.push(workspace(TenantId(Uuid::from_u128(8)), "Contoso Outbound Europe", Role::Viewer));
    visit
}

/// Who runs the platform and looks at a workspace without belonging to it.
pub(crate) fn platform_admin() -> Visit {
    let person = ada(true);
    Visit {
        looking_at: looking_at(&person, NORTHWIND, None, "Northwind GTM"),
        workspaces: vec![workspace(TenantId(Uuid::from_u128(8)), "Contoso Outbound Europe", Role::Viewer)],
        person: Some(person),
        ..stranger()
    }
}

/// Ada, who belongs to nothing.
pub(crate) fn without_workspace(is_platform_admin: bool) -> Visit {
    Visit { person: Some(ada(is_platform_admin)), ..stranger() }
}

/// Who looks at a tenant that is none of theirs.
pub(crate) fn astray() -> Visit {
    Visit { looking_at: LookingAt::Unknown, ..member(Role::Owner) }
}

/// Everything somebody could choose is meant to do harm.
pub(crate) fn hostile() -> Visit {
    let mut person = ada(true);
    (person.name, person.email) = (HOSTILE.to_owned(), HOSTILE.to_owned());
    Visit {
        looking_at: looking_at(&person, NORTHWIND, None, HOSTILE),
        workspaces: vec![workspace(NORTHWIND, HOSTILE, Role::Owner)],
        person: Some(person),
        ..stranger()
    }
}

/// The same visit, whose form was refused.
pub(crate) fn refused(
    visit: Visit,
    form: &str,
    field: Option<&'static str>,
    message: &str,
    typed: &[(&str, &str)],
) -> Visit {
    let outcome = FormOutcome::Refused { field, message: message.to_owned() };
    answered(visit, form, outcome, typed)
}

/// The same visit, whose form is answered with something that is shown once.
pub(crate) fn given(visit: Visit, form: &str, text: &str) -> Visit {
    answered(visit, form, FormOutcome::ShownOnce(text.to_owned()), &[])
}

fn answered(visit: Visit, form: &str, outcome: FormOutcome, typed: &[(&str, &str)]) -> Visit {
    let typed = typed.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    Visit { reply: Some(FormReply { form: form.to_owned(), outcome, typed }), ..visit }
}

fn ada(is_platform_admin: bool) -> Person {
    Person {
        user: UserId(Uuid::from_u128(70)),
        email: "ada@example.com".to_owned(),
        name: "Ada Lovelace".to_owned(),
        is_platform_admin,
        session: SessionId(Uuid::from_u128(80)),
        tenant: Some(NORTHWIND),
    }
}

fn looking_at(person: &Person, tenant: TenantId, role: Option<Role>, name: &str) -> LookingAt {
    let viewer = Viewer::of(&Caller::Person(person.clone()), tenant, role).unwrap();
    LookingAt::Tenant { viewer, name: name.to_owned() }
}

fn workspace(tenant: TenantId, name: &str, role: Role) -> Workspace {
    Workspace { tenant, name: name.to_owned(), role }
}
