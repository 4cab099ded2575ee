//! People, sessions, invitations, keys, credentials and the log of what they did.

use std::collections::BTreeMap;
use std::future::Future;

use domain::access::{Actor, Permission, Role};
use domain::audit::Deed;
use domain::connection::SecretKind;
use domain::ids::{AuditId, InvitationId, UserId};
use domain::tenant::{Economics, Tenant};
use jiff::SignedDuration;
use store::Store;
use store::audit_log::{AuditFilter, NewAudit, StoredAudit};
use store::tenant_secrets::SealedSecret;
use store::testing::TestDatabase;
use uuid::Uuid;

use crate::support::people::{invitation, line_by, new_user, session};
use crate::support::{Side, World, hash, later, now};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// How many of these, all begun at once, came out as `true`.
async fn how_many<F>(turns: u128, turn: impl Fn(u128) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let all: Vec<_> = (0..turns).map(|number| tokio::spawn(turn(number))).collect();
    let mut count = 0;
    for one in all {
        count += usize::from(one.await.unwrap());
    }
    count
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn another_member(world: &World, number: u128, role: Role) -> UserId {
    let user = UserId(id(number));
    let mut platform = world.store().platform().await.unwrap();
    assert!(
        platform.user_insert(&new_user(user, &format!("person{number}@example.com")), now()).await.unwrap()
    );
    platform.membership_put(world.ours.id(), user, role, now()).await.unwrap();
    platform.commit().await.unwrap();
    user
}

#[tokio::test]
async fn a_taken_email_is_said_and_the_transaction_goes_on() {
    let world = World::create().await;
    let mut platform = world.store().platform().await.unwrap();
    assert!(!platform.user_insert(&new_user(UserId(id(1)), &world.ours.email), now()).await.unwrap());
    assert!(platform.user_insert(&new_user(UserId(id(2)), "free@example.com"), now()).await.unwrap());
    platform.commit().await.unwrap();
    assert_eq!(world.store().user_by_id(UserId(id(1))).await.unwrap(), None);
    assert_eq!(world.store().user_by_email("free@example.com").await.unwrap().unwrap().id, UserId(id(2)));
    assert_eq!(world.store().user_by_email("nobody\0@example.com").await.unwrap(), None);
}

#[tokio::test]
async fn of_many_with_one_email_at_once_one_is_added() {
    let world = World::create().await;
    let added = how_many(12, |number| {
        let store = world.store().clone();
        async move {
            let mut platform = store.platform().await.unwrap();
            let is_new =
                platform.user_insert(&new_user(UserId(id(number)), "same@example.com"), now()).await.unwrap();
            platform.commit().await.unwrap();
            is_new
        }
    })
    .await;
    assert_eq!(added, 1);
}

#[tokio::test]
async fn a_person_is_as_they_were_last_set() {
    let world = World::create().await;
    let (store, user) = (world.store(), world.ours.user);
    assert!(store.any_user().await.unwrap());
    let mut platform = store.platform().await.unwrap();
    platform.user_set_name(user, "Ada").await.unwrap();
    platform.user_set_password(user, "$argon2id$another").await.unwrap();
    platform.user_set_platform_admin(user, true).await.unwrap();
    platform.user_set_disabled(user, Some(now())).await.unwrap();
    let locked = platform.user_lock(user).await.unwrap().unwrap();
    platform.commit().await.unwrap();
    let stored = store.user_by_email(&world.ours.email).await.unwrap().unwrap();
    assert_eq!(stored, locked);
    assert_eq!((stored.name.as_str(), stored.password_hash.as_str()), ("Ada", "$argon2id$another"));
    assert!(stored.is_platform_admin && stored.is_disabled);
    assert!(!format!("{stored:?} {:?}", new_user(user, "a@b.c")).contains("argon2id"));
    let mut platform = store.platform().await.unwrap();
    platform.user_set_disabled(user, None).await.unwrap();
    platform.commit().await.unwrap();
    assert!(!store.user_by_id(user).await.unwrap().unwrap().is_disabled);
}

#[tokio::test]
async fn a_session_is_good_until_it_ends_expires_or_its_owner_is_disabled() {
    let world = World::create().await;
    let (store, ours) = (world.store(), &world.ours);
    let found = store.session_by_hash(&ours.session_hash, now()).await.unwrap().unwrap();
    assert_eq!((found.person.user, found.person.session), (ours.user, ours.session));
    assert_eq!((found.person.tenant, found.role), (Some(ours.id()), Some(Role::Owner)));
    store.session_touch(ours.session, later(5)).await.unwrap();
    store.session_touch(ours.session, later(3)).await.unwrap();
    let found = store.session_by_hash(&ours.session_hash, later(59)).await.unwrap().unwrap();
    assert_eq!(found.last_seen_at, later(5), "the latest counts, in whatever order they come");
    assert_eq!(store.session_by_hash(&ours.session_hash, later(60)).await.unwrap(), None, "expired");
    assert_eq!(store.session_by_hash(&hash("nothing"), now()).await.unwrap(), None);

    let disable = |since| async move {
        let mut platform = store.platform().await.unwrap();
        platform.user_set_disabled(ours.user, since).await.unwrap();
        platform.commit().await.unwrap();
    };
    disable(Some(now())).await;
    assert_eq!(store.session_by_hash(&ours.session_hash, now()).await.unwrap(), None, "disabled");
    disable(None).await;
    let mut platform = store.platform().await.unwrap();
    assert!(platform.session_end(ours.user, ours.session, now()).await.unwrap());
    assert!(!platform.session_end(ours.user, ours.session, now()).await.unwrap());
    platform.commit().await.unwrap();
    assert_eq!(store.session_by_hash(&ours.session_hash, now()).await.unwrap(), None, "signed out");
}

#[tokio::test]
async fn who_is_no_member_any_more_looks_at_no_tenant_unless_they_are_of_the_platform() {
    let world = World::create().await;
    let (store, ours) = (world.store(), &world.ours);
    let mut platform = store.platform().await.unwrap();
    platform.session_look_at(ours.session, world.theirs.id()).await.unwrap();
    platform.commit().await.unwrap();
    let found = store.session_by_hash(&ours.session_hash, now()).await.unwrap().unwrap();
    assert_eq!((found.person.tenant, found.role), (None, None));
    let mut platform = store.platform().await.unwrap();
    platform.user_set_platform_admin(ours.user, true).await.unwrap();
    platform.commit().await.unwrap();
    let found = store.session_by_hash(&ours.session_hash, now()).await.unwrap().unwrap();
    assert_eq!((found.person.tenant, found.role), (Some(world.theirs.id()), None));
}

#[tokio::test]
async fn all_sessions_but_one_end_together_and_the_newest_is_listed_first() {
    let world = World::create().await;
    let (store, ours) = (world.store(), &world.ours);
    let mut platform = store.platform().await.unwrap();
    for number in 1..=3u8 {
        let mut another = session(ours);
        another.id.0 = id(number.into());
        another.token_hash = [number; 32];
        another.user_agent = Some(format!("\0{}", "é".repeat(300)));
        platform.session_insert(&another, later(number.into())).await.unwrap();
    }
    platform.commit().await.unwrap();
    let listed = store.sessions_of(ours.user, later(4)).await.unwrap();
    assert_eq!(
        listed.iter().map(|session| session.id.0).collect::<Vec<_>>(),
        [id(3), id(2), id(1), ours.session.0]
    );
    assert_eq!(listed[0].user_agent.as_deref(), Some("é".repeat(200).as_str()));
    let mut platform = store.platform().await.unwrap();
    assert_eq!(platform.sessions_end_all(ours.user, Some(ours.session), now()).await.unwrap(), 3);
    platform.commit().await.unwrap();
    let left = store.sessions_of(ours.user, now()).await.unwrap();
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [ours.session]);
    assert!(store.session_by_hash(&world.theirs.session_hash, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn of_many_who_take_one_invitation_at_once_one_gets_it() {
    let world = World::create().await;
    let hash = world.ours.invitation_hash;
    let open = world.store().invitation_by_hash(&hash, now()).await.unwrap().unwrap();
    assert_eq!((open.tenant, open.tenant_name.as_str()), (world.ours.id(), "Company ours"));
    let taken = how_many(12, |_| {
        let store = world.store().clone();
        async move {
            let mut platform = store.platform().await.unwrap();
            let taken = platform.invitation_take(&hash, now()).await.unwrap();
            platform.commit().await.unwrap();
            taken.is_some()
        }
    })
    .await;
    assert_eq!(taken, 1);
    assert_eq!(world.store().invitation_by_hash(&hash, now()).await.unwrap(), None);
}

#[tokio::test]
async fn an_invitation_that_was_not_committed_can_be_taken_again() {
    let world = World::create().await;
    let hash = world.ours.invitation_hash;
    let mut given_up = world.store().platform().await.unwrap();
    assert!(given_up.invitation_take(&hash, now()).await.unwrap().is_some());
    drop(given_up);
    let mut platform = world.store().platform().await.unwrap();
    assert!(platform.invitation_take(&hash, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn an_invitation_is_open_until_it_expires_or_is_taken_back() {
    let world = World::create().await;
    let (store, ours) = (world.store(), &world.ours);
    assert_eq!(store.invitation_by_hash(&ours.invitation_hash, later(60)).await.unwrap(), None, "expired");
    let mut newer = invitation(ours);
    (newer.id, newer.token_hash) = (InvitationId(id(1)), hash("newer"));
    let mut work = store.within(ours.id()).await.unwrap();
    work.invitation_insert(&newer, later(1)).await.unwrap();
    let open = work.invitations_open(later(600)).await.unwrap();
    assert_eq!(
        open.iter().map(|invitation| invitation.id).collect::<Vec<_>>(),
        [newer.id, ours.invitation],
        "expired ones too, the newest first"
    );
    let revoked = work.invitation_revoke(ours.invitation, now()).await.unwrap();
    assert_eq!(revoked, Some((invitation(ours).email, Role::Operator)));
    assert_eq!(work.invitation_revoke(ours.invitation, now()).await.unwrap(), None);
    assert_eq!(work.invitations_open(now()).await.unwrap().len(), 1);
    work.commit().await.unwrap();
    assert_eq!(store.invitation_by_hash(&ours.invitation_hash, now()).await.unwrap(), None);
    let mut platform = store.platform().await.unwrap();
    assert_eq!(platform.invitation_take(&ours.invitation_hash, now()).await.unwrap(), None);
    assert_eq!(platform.invitation_take(&newer.token_hash, later(60)).await.unwrap(), None, "expired");
}

#[tokio::test]
async fn of_many_who_use_one_reset_at_once_one_does() {
    let world = World::create().await;
    let hash = world.ours.reset_hash;
    assert_eq!(world.store().reset_user(&hash, now()).await.unwrap(), Some(world.ours.user));
    assert_eq!(world.store().reset_user(&hash, later(60)).await.unwrap(), None, "expired");
    let used = how_many(12, |_| {
        let store = world.store().clone();
        async move {
            let mut platform = store.platform().await.unwrap();
            let user = platform.reset_take(&hash, now()).await.unwrap();
            platform.commit().await.unwrap();
            user.is_some()
        }
    })
    .await;
    assert_eq!(used, 1);
    assert_eq!(world.store().reset_user(&hash, now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_persons_resets_are_forgotten_together_and_nobody_elses() {
    let world = World::create().await;
    let mut platform = world.store().platform().await.unwrap();
    assert_eq!(platform.reset_take(&world.ours.reset_hash, later(60)).await.unwrap(), None, "expired");
    platform.resets_forget(world.ours.user).await.unwrap();
    platform.commit().await.unwrap();
    assert_eq!(world.store().reset_user(&world.ours.reset_hash, now()).await.unwrap(), None);
    assert!(world.store().reset_user(&world.theirs.reset_hash, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn fifty_attempts_at_once_count_to_fifty() {
    let world = World::create().await;
    let all: Vec<_> = (0..50)
        .map(|_| {
            let store = world.store().clone();
            tokio::spawn(async move { store.attempt("network:x", now(), MINUTE).await.unwrap().count })
        })
        .collect();
    let mut counts = Vec::new();
    for one in all {
        counts.push(one.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn attempts_count_within_a_window_and_anew_after_it() {
    let world = World::create().await;
    let store = world.store();
    let first = store.attempt("key", now(), MINUTE).await.unwrap();
    assert_eq!((first.count, first.window_ends), (1, later(1)));
    let almost = later(1) - SignedDuration::from_millis(1);
    let second = store.attempt("key", almost, MINUTE).await.unwrap();
    assert_eq!((second.count, second.window_ends), (2, later(1)), "the window does not move");
    let next = store.attempt("key", later(1), MINUTE).await.unwrap();
    assert_eq!((next.count, next.window_ends), (1, later(2)));
    assert_eq!(store.attempt("another", later(1), MINUTE).await.unwrap().count, 1);
    store.attempts_clear("key").await.unwrap();
    assert_eq!(store.attempt("key", later(1), MINUTE).await.unwrap().count, 1);
    assert_eq!(store.attempt("another", later(1), MINUTE).await.unwrap().count, 2);
    let wrong_clock = store.attempt("key", later(-600), MINUTE).await.unwrap();
    assert_eq!((wrong_clock.count, wrong_clock.window_ends), (1, later(-599)), "nobody waits for hours");
    store.attempts_forget(later(1)).await.unwrap();
    assert_eq!(store.attempt("another", later(1), MINUTE).await.unwrap().count, 3, "began no earlier");
    store.attempts_forget(later(2)).await.unwrap();
    assert_eq!(store.attempt("another", later(1), MINUTE).await.unwrap().count, 1);
    let hostile = format!("\0{}", "€".repeat(2_000));
    assert_eq!(store.attempt(&hostile, now(), MINUTE).await.unwrap().count, 1);
}

#[tokio::test]
async fn of_two_last_owners_who_leave_at_once_one_stays() {
    let world = World::create().await;
    for round in 0..10 {
        let (first, second) = (
            another_member(&world, 100 + round, Role::Owner).await,
            another_member(&world, 200 + round, Role::Owner).await,
        );
        let ours = world.ours.id();
        remove(world.store(), &world, &[first, second]).await;
        let left = how_many(2, |turn| {
            let store = world.store().clone();
            let user = if turn == 0 { first } else { second };
            async move {
                let mut work = store.within(ours).await.unwrap();
                assert_eq!(work.member_role(user).await.unwrap(), Some(Role::Owner));
                let may_leave = work.owners_beside(user).await.unwrap() > 0;
                if may_leave {
                    assert!(work.member_remove(user).await.unwrap());
                }
                work.commit().await.unwrap();
                may_leave
            }
        })
        .await;
        assert_eq!(left, 1, "round {round}");
    }
}

/// Leaves only these members.
async fn remove(store: &Store, world: &World, but: &[UserId]) {
    let mut work = store.within(world.ours.id()).await.unwrap();
    for member in work.members().await.unwrap() {
        if !but.contains(&member.user) {
            work.member_remove(member.user).await.unwrap();
        }
    }
    work.commit().await.unwrap();
}

#[tokio::test]
async fn an_owner_who_cannot_sign_in_is_no_last_owner() {
    let world = World::create().await;
    let user = another_member(&world, 1, Role::Owner).await;
    let mut platform = world.store().platform().await.unwrap();
    platform.user_set_disabled(user, Some(now())).await.unwrap();
    platform.commit().await.unwrap();
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    assert_eq!(work.owners_beside(user).await.unwrap(), 1);
    assert_eq!(work.owners_beside(world.ours.user).await.unwrap(), 0);
    let members = work.members().await.unwrap();
    let emails: Vec<(&str, bool)> =
        members.iter().map(|member| (member.email.as_str(), member.is_disabled)).collect();
    assert_eq!(emails, [("ours@example.com", false), ("person1@example.com", true)]);
}

#[tokio::test]
async fn a_member_is_what_they_were_last_made() {
    let world = World::create().await;
    let (store, ours) = (world.store(), &world.ours);
    let user = another_member(&world, 1, Role::Viewer).await;
    let mut platform = store.platform().await.unwrap();
    platform.membership_put(ours.id(), user, Role::Operator, later(1)).await.unwrap();
    platform.membership_put(world.theirs.id(), user, Role::Viewer, later(1)).await.unwrap();
    platform.commit().await.unwrap();
    let mut work = store.within(ours.id()).await.unwrap();
    assert_eq!(work.member_role(user).await.unwrap(), Some(Role::Operator));
    work.member_set_role(user, Role::Admin).await.unwrap();
    work.commit().await.unwrap();
    let memberships = store.memberships_of(user).await.unwrap();
    let roles: Vec<(&str, &str, Role)> = memberships
        .iter()
        .map(|membership| (membership.slug.as_str(), membership.name.as_str(), membership.role))
        .collect();
    assert_eq!(roles, [("ours", "Company ours", Role::Admin), ("theirs", "Company theirs", Role::Viewer)]);
    assert_eq!(store.membership_role(ours.id(), user).await.unwrap(), Some(Role::Admin));
    assert_eq!(store.membership_role(ours.id(), world.theirs.user).await.unwrap(), None);
}

#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let world = World::create().await;
    let (store, ours) = (world.store(), &world.ours);
    let (holder, last_used) = store.api_key_by_hash(&ours.key_hash).await.unwrap().unwrap();
    assert_eq!((holder.tenant, holder.role, last_used), (ours.id(), Role::Viewer, None));
    assert_eq!(holder.scopes, [Permission::ReadFigures]);
    store.api_key_touch(ours.id(), ours.key, later(2)).await.unwrap();
    store.api_key_touch(ours.id(), ours.key, later(1)).await.unwrap();
    let mut work = store.within(ours.id()).await.unwrap();
    assert_eq!(work.api_key(ours.key).await.unwrap().unwrap().last_used_at, Some(later(2)));
    let revoked = work.api_key_revoke(ours.key, later(3)).await.unwrap();
    assert_eq!(revoked, Some(("reports of ours".to_owned(), Role::Viewer)));
    assert_eq!(work.api_key_revoke(ours.key, later(4)).await.unwrap(), None);
    assert_eq!(work.api_keys().await.unwrap()[0].revoked_at, Some(later(3)));
    work.commit().await.unwrap();
    assert_eq!(store.api_key_by_hash(&ours.key_hash).await.unwrap(), None);
}

#[tokio::test]
async fn a_scope_there_is_no_more_permits_nothing() {
    let world = World::create().await;
    sqlx::query("update api_keys set scopes = array['read_minds', 'read_figures']")
        .execute(&world.database.pool)
        .await
        .unwrap();
    let (holder, _) = world.store().api_key_by_hash(&world.ours.key_hash).await.unwrap().unwrap();
    assert_eq!(holder.scopes, [Permission::ReadFigures]);
}

#[tokio::test]
async fn a_credential_is_replaced_and_forgotten() {
    let world = World::create().await;
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    let sealed = SealedSecret { key_id: "ffffffff".to_owned(), bytes: vec![0, 255, 7] };
    for kind in SecretKind::ALL {
        work.secret_put(kind, &sealed, "ada@example.com", later(1)).await.unwrap();
        assert_eq!(work.secret(kind).await.unwrap(), Some(sealed.clone()));
    }
    let stored = work.secrets().await.unwrap();
    assert_eq!(stored.len(), SecretKind::ALL.len());
    assert!(stored.iter().all(|secret| secret.key_id == "ffffffff" && secret.updated_at == later(1)));
    assert!(work.secret_remove(SecretKind::StripeKey).await.unwrap());
    assert!(!work.secret_remove(SecretKind::StripeKey).await.unwrap());
    assert_eq!(work.secret(SecretKind::StripeKey).await.unwrap(), None);
    assert!(!format!("{sealed:?}").contains("255"));
}

#[tokio::test]
async fn of_many_first_tenants_at_once_all_are_added_and_one_is_the_default() {
    let database = TestDatabase::create().await;
    let added = how_many(12, |number| {
        let store = database.store.clone();
        async move {
            let tenant = crate::support::tenant(&format!("tenant{number}"));
            store.tenant_insert(&tenant, &[crate::support::channel("outreach")], now()).await.unwrap()
        }
    })
    .await;
    assert_eq!(added, 12);
    assert!(database.store.tenant_default().await.unwrap().is_some());
    assert!(!database.store.tenant_insert(&crate::support::tenant("tenant1"), &[], now()).await.unwrap());
}

#[tokio::test]
async fn of_many_who_claim_the_default_tenant_at_once_one_has_it() {
    let database = TestDatabase::create().await;
    let first = crate::support::tenant("first");
    assert!(database.store.tenant_insert(&first, &[], now()).await.unwrap());
    assert!(database.store.tenant_insert(&crate::support::tenant("second"), &[], now()).await.unwrap());
    let claimed = how_many(8, |number| {
        let store = database.store.clone();
        async move {
            let user = UserId(id(number));
            let mut platform = store.platform().await.unwrap();
            let email = format!("person{number}@example.com");
            assert!(platform.user_insert(&new_user(user, &email), now()).await.unwrap());
            let unclaimed = platform.tenant_unclaimed().await.unwrap();
            if let Some(tenant) = unclaimed {
                platform.membership_put(tenant, user, Role::Owner, now()).await.unwrap();
            }
            platform.commit().await.unwrap();
            unclaimed.is_some()
        }
    })
    .await;
    assert_eq!(claimed, 1);
    assert_eq!(database.store.within(first.id).await.unwrap().members().await.unwrap().len(), 1);
}

#[tokio::test]
async fn settings_are_changed_by_who_saw_them_last() {
    let world = World::create().await;
    let ours = world.ours.id();
    let economics = Economics { gross_margin_permille: 815, stuck_after_days: 3, ..Economics::default() };
    let changed = Tenant { name: "Renamed".to_owned(), economics, ..world.ours.tenant.clone() };
    let written = how_many(8, |_| {
        let (store, changed) = (world.store().clone(), changed.clone());
        async move {
            let mut work = store.within(ours).await.unwrap();
            let is_written = work.tenant_update(&changed, 1).await.unwrap();
            work.commit().await.unwrap();
            is_written
        }
    })
    .await;
    assert_eq!(written, 1);
    let stored = world.store().tenant_by_id(ours).await.unwrap().unwrap();
    assert_eq!(stored, Tenant { version: 2, ..changed });
    assert_eq!(world.store().within(ours).await.unwrap().tenant().await.unwrap(), stored);
    assert_eq!(world.store().tenant_by_slug("ours\0").await.unwrap(), None);
}

#[tokio::test]
async fn a_line_is_kept_whatever_it_says() {
    let world = World::create().await;
    let hostile = format!("a\0\u{1F980}\n{}", "€".repeat(5_000));
    let line = NewAudit {
        id: AuditId(id(1)),
        actor: Actor::Person { user: world.ours.user, email: hostile.clone() },
        deed: Deed::SignInRefused,
        target: Some(hostile.clone()),
        details: BTreeMap::from([(hostile.clone(), hostile.clone())]),
        address: Some(hostile),
    };
    let mut platform = world.store().platform().await.unwrap();
    platform.audit(world.ours.id(), &line, now()).await.unwrap();
    platform
        .audit_everywhere(world.ours.user, &NewAudit { id: AuditId(id(2)), ..line.clone() }, now())
        .await
        .unwrap();
    platform.commit().await.unwrap();
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    work.audit(&NewAudit { id: AuditId(id(3)), ..line }, now()).await.unwrap();
    work.commit().await.unwrap();
    let lines =
        page(&world, &AuditFilter { deed: Some(Deed::SignInRefused), ..AuditFilter::default() }).await;
    assert_eq!(lines.len(), 3);
    let kept = format!("a\u{1F980}\n{}", "€".repeat(397));
    for line in lines {
        assert_eq!((line.actor_name.as_str(), line.target.as_deref()), (kept.as_str(), Some(kept.as_str())));
        assert_eq!(line.details, BTreeMap::from([(kept.clone(), kept.clone())]));
        assert_eq!(line.address.unwrap().chars().count(), 45);
    }
}

async fn page(world: &World, filter: &AuditFilter) -> Vec<StoredAudit> {
    world.store().within(world.ours.id()).await.unwrap().audit_page(filter, None, 99).await.unwrap()
}

#[tokio::test]
async fn the_log_is_read_newest_first_page_by_page() {
    let world = World::create().await;
    let ours = &world.ours;
    let mut work = world.store().within(ours.id()).await.unwrap();
    for number in 1..=5u8 {
        let line = line_by(ours, AuditId(id(number.into())), Deed::Exported);
        work.audit(&NewAudit { target: Some(number.to_string()), ..line }, later(number.into()))
            .await
            .unwrap();
    }
    let filter = AuditFilter { deed: Some(Deed::Exported), ..AuditFilter::default() };
    let first = work.audit_page(&filter, None, 3).await.unwrap();
    let second = work.audit_page(&filter, Some(first[2].seq), 3).await.unwrap();
    let targets: Vec<&str> =
        first.iter().chain(&second).map(|line| line.target.as_deref().unwrap()).collect();
    assert_eq!(targets, ["5", "4", "3", "2", "1"]);
    let between = AuditFilter { since: Some(later(2)), until: Some(later(4)), ..filter };
    let between = work.audit_page(&between, None, 99).await.unwrap();
    assert_eq!(between.iter().map(|line| line.at).collect::<Vec<_>>(), [later(3), later(2)]);
}

#[tokio::test]
async fn the_log_is_searched_by_who_did_it_taken_literally() {
    let world = World::create().await;
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    for (number, email) in
        [(1, "100%_sure@example.com"), (2, r"back\slash@example.com"), (3, "Ada@example.com")]
    {
        let actor = Actor::Person { user: world.ours.user, email: email.to_owned() };
        let line = line_by(&world.ours, AuditId(id(number)), Deed::Exported);
        work.audit(&NewAudit { actor, ..line }, now()).await.unwrap();
    }
    let line = line_by(&world.ours, AuditId(id(4)), Deed::Exported);
    work.audit(&NewAudit { actor: Actor::CommandLine, ..line }, now()).await.unwrap();
    work.commit().await.unwrap();
    for (text, found) in
        [("%", 1), ("_", 1), (r"\", 1), ("aDA@", 1), ("", 4), ("%_%", 0), ("\0", 4), ("command line", 1)]
    {
        let filter = AuditFilter {
            deed: Some(Deed::Exported),
            actor: Some(text.to_owned()),
            ..AuditFilter::default()
        };
        assert_eq!(page(&world, &filter).await.len(), found, "{text:?}");
    }
}

#[tokio::test]
async fn a_line_about_a_person_is_in_each_tenant_of_theirs() {
    let world = World::create().await;
    let user = another_member(&world, 1, Role::Viewer).await;
    let mut platform = world.store().platform().await.unwrap();
    platform.membership_put(world.theirs.id(), user, Role::Viewer, now()).await.unwrap();
    let line = line_by(&world.ours, AuditId(id(7)), Deed::PasswordChanged);
    platform.audit_everywhere(user, &line, now()).await.unwrap();
    platform.commit().await.unwrap();
    let filter = AuditFilter { deed: Some(Deed::PasswordChanged), ..AuditFilter::default() };
    for side in [&world.ours, &world.theirs] {
        let mut work = world.store().within(side.id()).await.unwrap();
        assert_eq!(work.audit_page(&filter, None, 9).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_visit_of_the_platforms_is_written_once_in_a_while() {
    let world = World::create().await;
    let visitor = Side { user: UserId(id(9)), ..Side::named("platform") };
    let both = [world.ours.id(), world.theirs.id()];
    for (minute, number) in [(0, 1), (30, 2), (61, 3)] {
        let visit = line_by(&visitor, AuditId(id(number)), Deed::PlatformVisited);
        let since = later(minute - 60);
        world.store().audit_platform_visits(&both[..1], &visit, later(minute), since).await.unwrap();
        let visit = NewAudit { id: AuditId(id(number + 10)), ..visit };
        world.store().audit_platform_visits(&both, &visit, later(minute), since).await.unwrap();
    }
    let filter = AuditFilter { actor: Some("platform@".to_owned()), ..AuditFilter::default() };
    for tenant in both {
        let lines = world.store().within(tenant).await.unwrap().audit_page(&filter, None, 9).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.at).collect::<Vec<_>>(), [later(61), now()]);
    }
}

/// The log is history: not even the owner rewrites it.
#[tokio::test]
async fn the_log_is_append_only() {
    let world = World::create().await;
    for statement in ["update audit_log set target = 'nobody'", "delete from audit_log"] {
        let refused = sqlx::query(statement).execute(&world.database.pool).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}
