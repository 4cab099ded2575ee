//! What the database shows and takes when a query forgets whose data it is about.
//!
//! Every table, view and column is found in the catalogue, so that a new one is held to it too. That the looking
//! would notice is tried by taking the wall down, one stone at a time.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use uuid::Uuid;

use crate::support::World;

const TENANT: &str = "command_center_tenant";
const PLATFORM: &str = "command_center_platform";

/// What the platform sees of each table: the rows for which this holds. Of every other table it sees nothing.
const PLATFORM_SEES: &[(&str, &str)] = &[
    ("api_keys", "true"),
    ("attribution_changes", "true"),
    ("audit_log", "deed = 'platform_visited'"),
    ("backfills", "state = 'running'"),
    ("connections", "state = 'connected'"),
    ("exchange_rate_changes", "settled_at is null"),
    ("invitations", "true"),
    ("memberships", "true"),
    ("mrr_recounts", "counted_at is null"),
    ("password_resets", "true"),
    ("sessions", "true"),
    ("sign_in_attempts", "true"),
    ("stripe_accounts", "true"),
    ("stripe_events", "state = 'pending'"),
    ("tenants", "true"),
    ("users", "true"),
];

/// Whose a row of each table is to a tenant, where no column `tenant_id` says so.
const BELONGING: [(&str, &str); 2] = [
    ("tenants", "id = '{tenant}'"),
    ("users", "id in (select user_id from memberships where tenant_id = '{tenant}')"),
];

#[tokio::test]
async fn each_role_sees_and_changes_what_is_its_own_and_nothing_else() {
    let world = World::create().await;
    let breaches = Looking::at(&world).await.breaches().await;
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[tokio::test]
async fn a_missing_or_open_policy_is_noticed() {
    let world = World::create().await;
    let mut looking = Looking::at(&world).await;
    let mutants = looking.mutants().await;
    assert!(mutants.len() > 70, "{mutants:#?}");
    let mut unnoticed = Vec::new();
    for Mutant { at, statement } in mutants {
        looking.run("savepoint whole").await;
        looking.run(&statement).await;
        // Where the stone was taken out it is seen first; only what is not seen there is looked for everywhere.
        if looking.breaches_at(&at).await.is_empty() && looking.breaches().await.is_empty() {
            unnoticed.push(statement);
        }
        looking.run("rollback to savepoint whole").await;
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

/// A table or view.
struct Relation {
    name: String,
    is_view: bool,
    has_tenant: bool,
    has_row_security: bool,
    /// Its columns that an insert gives.
    given: Vec<String>,
}

/// A way to weaken the wall.
#[derive(Debug)]
struct Mutant {
    /// The table or view where it is weakened.
    at: String,
    statement: String,
}

/// A transaction of the owner's on a world, in which everything tried is undone.
struct Looking {
    owner: PgConnection,
    ours: Uuid,
    theirs: Uuid,
}

impl Looking {
    async fn at(world: &World) -> Self {
        let mut owner = PgConnection::connect(&world.database.url).await.unwrap();
        sqlx::raw_sql("begin").execute(&mut owner).await.unwrap();
        Self { owner, ours: world.ours.id().0, theirs: world.theirs.id().0 }
    }

    /// Everything that is not as it should be, in words.
    async fn breaches(&mut self) -> Vec<String> {
        let relations = self.relations().await;
        self.breaches_among(relations).await
    }

    /// What is not as it should be of one table or view.
    async fn breaches_at(&mut self, name: &str) -> Vec<String> {
        let mut relations = self.relations().await;
        relations.retain(|relation| relation.name == name);
        self.breaches_among(relations).await
    }

    async fn breaches_among(&mut self, relations: Vec<Relation>) -> Vec<String> {
        let mut breaches = Vec::new();
        for relation in relations {
            if !relation.has_row_security {
                breaches.push(format!("{} has no row-level security", relation.name));
            }
            breaches.extend(self.breaches_as_tenant(&relation).await);
            breaches.extend(self.breaches_as_platform(&relation).await);
        }
        breaches
    }

    async fn breaches_as_tenant(&mut self, relation: &Relation) -> Vec<String> {
        let mut breaches = Vec::new();
        for tenant in [Some(self.ours), Some(self.theirs), None] {
            let own = self.rows_of_tenant(relation, tenant).await;
            if own == Some(0) && tenant.is_some() {
                breaches.push(format!("the world has no row of {}", relation.name));
                continue;
            }
            let caller = Caller { role: TENANT, tenant };
            breaches.extend(self.breaches_of(relation, &caller, own).await);
        }
        breaches
    }

    async fn breaches_as_platform(&mut self, relation: &Relation) -> Vec<String> {
        let seen = PLATFORM_SEES.iter().find(|(table, _)| *table == relation.name).map(|(_, rows)| *rows);
        let own = match seen {
            Some(rows) => Some(self.rows(&relation.name, rows).await),
            None => None,
        };
        let caller = Caller { role: PLATFORM, tenant: None };
        self.breaches_of(relation, &caller, own).await
    }

    /// What is wrong with what a caller can do to a relation of which so many rows are its own.
    async fn breaches_of(&mut self, relation: &Relation, caller: &Caller, own: Option<i64>) -> Vec<String> {
        let name = &relation.name;
        let mut tried = vec![(
            "sees",
            format!("select from {name}"),
            if self.may(caller, relation, "select").await { own } else { None },
        )];
        if let Some(column) = self.changeable(caller, relation).await {
            tried.push(("changes", format!("update {name} set {column} = {column}"), own));
        }
        if self.may(caller, relation, "delete").await {
            tried.push(("deletes", format!("delete from {name}"), own));
        }
        let mut breaches = Vec::new();
        if own.is_some() && tried[0].2.is_none() {
            breaches.push(format!("{caller} has no right to {name}"));
        }
        for (what, statement, own) in tried {
            let outcome = self.as_caller(caller, &statement).await;
            let expected = own.map_or(Outcome::NoRight, Outcome::Rows);
            let is_kept = what == "deletes" && outcome == Outcome::StillNamed && own > Some(0);
            if outcome != expected && !is_kept {
                breaches.push(format!("{caller} {what} {name}: {outcome:?} instead of {expected:?}"));
            }
        }
        breaches.extend(self.breaches_of_inserting(relation, caller).await);
        breaches
    }

    /// A copy of a row of ours collides with it when it may be written, and is refused before when it may not.
    async fn breaches_of_inserting(&mut self, relation: &Relation, caller: &Caller) -> Option<String> {
        if !self.may(caller, relation, "insert").await {
            return None;
        }
        let (name, columns) = (&relation.name, relation.given.join(", "));
        let ours = self.belonging(relation, self.ours).unwrap_or("true".to_owned());
        let copied = format!("select to_jsonb(t)::text from {name} t where {ours} limit 1");
        let row: String = sqlx::query_scalar(AssertSqlSafe(copied)).fetch_one(&mut self.owner).await.unwrap();
        let statement = format!(
            "insert into {name} ({columns}) select {columns} from jsonb_populate_record(null::{name}, $row${row}$row$)"
        );
        let outcome = self.as_caller(caller, &statement).await;
        let is_own = caller.role == PLATFORM || caller.tenant == Some(self.ours);
        let expected = if is_own { Outcome::Collides } else { Outcome::RefusedByPolicy };
        (outcome != expected)
            .then(|| format!("{caller} inserts into {name}: {outcome:?} instead of {expected:?}"))
    }

    /// How many rows belong to a tenant; none at all when nothing says whose a row is.
    async fn rows_of_tenant(&mut self, relation: &Relation, tenant: Option<Uuid>) -> Option<i64> {
        let is_for_tenants = !matches!(relation.name.as_str(), "sessions");
        let rows = self.belonging(relation, tenant.unwrap_or_default()).filter(|_| is_for_tenants)?;
        Some(self.rows(&relation.name, &rows).await)
    }

    /// The condition under which a row belongs to a tenant.
    fn belonging(&self, relation: &Relation, tenant: Uuid) -> Option<String> {
        let by_column = relation.has_tenant.then_some("tenant_id = '{tenant}'");
        let otherwise = BELONGING.iter().find(|(table, _)| *table == relation.name).map(|(_, rows)| *rows);
        Some(by_column.or(otherwise)?.replace("{tenant}", &tenant.to_string()))
    }

    async fn rows(&mut self, name: &str, condition: &str) -> i64 {
        let query = format!("select count(*) from {name} where {condition}");
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut self.owner).await.unwrap()
    }

    /// Tries a statement as a caller, and undoes it.
    async fn as_caller(&mut self, caller: &Caller, statement: &str) -> Outcome {
        let tenant = caller.tenant.map(|id| id.to_string()).unwrap_or_default();
        self.run("savepoint probe").await;
        self.run(&format!("set local role {}; set local command_center.tenant = '{tenant}'", caller.role))
            .await;
        let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut self.owner).await;
        self.run("rollback to savepoint probe").await;
        match done {
            Ok(done) => Outcome::Rows(i64::try_from(done.rows_affected()).unwrap()),
            Err(error) => Outcome::of(&error),
        }
    }

    async fn may(&mut self, caller: &Caller, relation: &Relation, what: &str) -> bool {
        let somehow = match what {
            "delete" => "has_table_privilege($1, $2, $3)",
            _ => "has_any_column_privilege($1, $2, $3)",
        };
        sqlx::query_scalar(AssertSqlSafe(format!("select {somehow}")))
            .bind(caller.role)
            .bind(&relation.name)
            .bind(what)
            .fetch_one(&mut self.owner)
            .await
            .unwrap()
    }

    /// A column the caller may change.
    async fn changeable(&mut self, caller: &Caller, relation: &Relation) -> Option<String> {
        sqlx::query_scalar(
            "select attname::text from pg_attribute where attrelid = $2::regclass and attnum > 0
              and has_column_privilege($1, attrelid, attnum, 'update') limit 1",
        )
        .bind(caller.role)
        .bind(&relation.name)
        .fetch_optional(&mut self.owner)
        .await
        .unwrap()
    }

    /// Every table and view.
    async fn relations(&mut self) -> Vec<Relation> {
        let rows = sqlx::query(
            "select c.relname::text as name, c.relkind <> 'r' as is_view, c.relrowsecurity as has_row_security,
                bool_or(a.attname = 'tenant_id') as has_tenant,
                array_agg(a.attname::text) filter (where a.attidentity = '' and a.attgenerated = '') as given
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
              and c.relname <> '_sqlx_migrations'
            group by c.oid order by c.relname",
        )
        .fetch_all(&mut self.owner)
        .await
        .unwrap();
        rows.iter()
            .map(|row| Relation {
                name: row.get("name"),
                is_view: row.get("is_view"),
                has_tenant: row.get("has_tenant"),
                has_row_security: row.get("has_row_security"),
                given: row.get("given"),
            })
            .map(|relation| Relation {
                has_row_security: relation.has_row_security || relation.is_view,
                ..relation
            })
            .collect()
    }

    /// Every way to weaken the wall by one stone.
    async fn mutants(&mut self) -> Vec<Mutant> {
        let rows = sqlx::query(
            "select relname::text, format('alter table %I disable row level security', relname) from pg_class
                where relnamespace = 'public'::regnamespace and relrowsecurity
            union all select tablename, format('drop policy %I on %I', policyname, tablename) from pg_policies
            union all select tablename, format('alter policy %I on %I using (true)', policyname, tablename) from pg_policies
                where qual <> 'true'
            union all select tablename, format('alter policy %I on %I using (true) with check (true)', policyname, tablename)
                from pg_policies where qual <> 'true' and with_check <> 'true'
            union all select tablename, format('alter policy %I on %I with check (true)', policyname, tablename)
                from pg_policies p where with_check <> 'true'
                  -- Where nobody may insert, nor change whose a row is, the check has nothing to refuse.
                  and has_table_privilege('command_center_tenant', to_regclass(tablename)::oid, 'insert')
            union all select relname, format('alter view %I set (security_invoker = false)', relname) from pg_class
                where relnamespace = 'public'::regnamespace and relkind = 'v'
            union all select 'new_one', 'create table new_one (tenant_id uuid primary key); grant select on new_one to public'
            union all select 'new_one', 'create view new_one as select * from leads; grant select on new_one to public'
            union all select 'leads', 'create or replace function current_tenant() returns uuid language sql stable '
                || 'return (select id from tenants limit 1)'",
        )
        .fetch_all(&mut self.owner)
        .await
        .unwrap();
        rows.iter().map(|row| Mutant { at: row.get(0), statement: row.get(1) }).collect()
    }

    async fn run(&mut self, statement: &str) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut self.owner).await.unwrap();
    }
}

/// A role at work, and the tenant it names.
struct Caller {
    role: &'static str,
    tenant: Option<Uuid>,
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} for {:?}", self.role, self.tenant)
    }
}

/// What became of a statement.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It reached so many rows.
    Rows(i64),
    /// The role has no right to it.
    NoRight,
    /// Row-level security refused it.
    RefusedByPolicy,
    /// It was let through, and the row is there already.
    Collides,
    /// It was let through, and other rows name the row.
    StillNamed,
    /// Something else.
    Other(String),
}

impl Outcome {
    fn of(error: &sqlx::Error) -> Self {
        let Some(error) = error.as_database_error() else { return Self::Other(error.to_string()) };
        match error.code().as_deref() {
            Some("42501") if error.message().contains("row-level security") => Self::RefusedByPolicy,
            Some("42501") => Self::NoRight,
            Some("23505") => Self::Collides,
            Some("23503") => Self::StillNamed,
            _ => Self::Other(error.to_string()),
        }
    }
}
