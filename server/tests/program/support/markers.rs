//! Two tenants whose every name says whose it is, so that a leak shows wherever it is.

use domain::access::{Permission, Role};
use domain::ids::TenantId;
use domain::tenant::Tenant;
use serde_json::{Value, json};
use server::accounts::Accounts;
use server::application::accounts;
use server::clock::Clock;

use super::people::{Browser, Somebody, somebody};
use super::{Program, now};

/// What stands in everything of ours, and in nothing else.
pub const OURS: &str = "zq7ours";

/// What stands in everything of theirs, and in nothing else.
pub const THEIRS: &str = "zq7theirs";

/// The ids of one of everything a tenant has.
#[derive(Clone, Debug)]
pub struct Traces {
    pub member: String,
    pub invitation: String,
    pub api_key: String,
    pub session: String,
}

impl Program {
    /// What people's accounts are managed with, as commands do.
    pub fn accounts(&self) -> Accounts {
        accounts(&self.config, self.ledger.store().clone(), Clock::Fixed(now()))
    }

    /// A key of a tenant's.
    pub async fn key(&self, tenant: TenantId, role: Role, scopes: &[Permission]) -> String {
        self.accounts().provision_api_key(tenant, "a test", role, scopes.to_vec()).await.unwrap().text()
    }

    /// Fills both tenants with names that say whose they are; the ids of ours.
    pub async fn mark_everything(&self) -> Traces {
        let mut theirs = self.browser(&self.people.their_admin).await;
        mark(self, &self.ledger.theirs, &mut theirs, &self.people.their_admin, THEIRS).await;
        let traces = mark(self, &self.ledger.ours, &mut self.admin.clone(), &self.people.admin, OURS).await;
        self.ledger.send(&charge(OURS)).await;
        self.ledger.send_to_them(&charge(THEIRS)).await;
        self.ledger.apply().await;
        traces
    }
}

async fn mark(
    program: &Program,
    tenant: &Tenant,
    admin: &mut Browser,
    who: &Somebody,
    marker: &str,
) -> Traces {
    let store = program.ledger.store();
    let mut work = store.within(tenant.id).await.unwrap();
    let named = Tenant { name: format!("\"><script>{marker}-company</script>"), ..tenant.clone() };
    assert!(work.tenant_update(&named, 1).await.unwrap());
    work.commit().await.unwrap();
    let email = format!("{marker}-member@mail.example");
    let member = somebody(store, &email, &[(tenant.id, Role::Operator)]).await;
    program.browser(&member).await;
    program.ledger.lead(tenant, &format!("{marker}-buyer@mail.example"), "referral").await;

    let name = format!("<img src=x onerror={marker}-admin>");
    let invited = format!("{marker}-invited@mail.example");
    let key = format!("=cmd('{marker}-key')");
    let secret = format!("whsec_{marker}");
    for (page, fields) in [
        ("account", &[("form", "name"), ("name", &*name)][..]),
        ("members", &[("form", "invite"), ("email", &invited), ("role", "viewer")]),
        ("api-keys", &[("form", "create"), ("name", &key), ("role", "viewer"), ("scope", "read_figures")]),
        ("connections", &[("form", "store"), ("kind", "stripe_webhook"), ("value", &secret)]),
    ] {
        let response = admin.post(&format!("/portal/settings/{page}"), fields).await;
        assert!(
            [200, 303].contains(&response.status().as_u16()),
            "{} {page}: {}",
            who.email,
            response.status()
        );
    }

    let tables = program.tables().await;
    let id_of = |table: &str, column: &str, value: &str| {
        let found = tables.rows(table).iter().find(|row| row[column] == value);
        found.unwrap_or_else(|| panic!("{table} has no {value}"))["id"].as_str().unwrap().to_owned()
    };
    Traces {
        invitation: id_of("invitations", "email", &invited),
        api_key: id_of("api_keys", "name", &key),
        session: id_of("sessions", "user_id", &member.id.to_string()),
        member: member.id.to_string(),
    }
}

/// A payment whose product, payer and ids say whose it is.
fn charge(marker: &str) -> Vec<u8> {
    let email = format!("{marker}-buyer@mail.example");
    let object = json!({
        "id": format!("ch_{marker}"), "object": "charge", "amount": 70_700, "amount_captured": 70_700,
        "amount_refunded": 0, "captured": true, "created": now().as_second() - 86_400, "currency": "usd",
        "paid": true, "status": "succeeded", "livemode": false, "payment_intent": null, "customer": null,
        "billing_details": { "email": email },
        "metadata": { "product_name": format!("</script><svg onload={marker}-product>") },
    });
    let event = json!({
        "id": format!("evt_{marker}"), "object": "event", "type": "charge.succeeded",
        "created": now().as_second() - 86_400, "livemode": false, "api_version": "2026-09-30.endive",
        "data": { "object": object },
    });
    serde_json::to_vec::<Value>(&event).unwrap()
}
