//! Finance reads the tables directly: every one of them, and every column, says what it is.

use sqlx::PgPool;
use store::testing::TestDatabase;

async fn without_comment(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select c.relname || coalesce('.' || a.attname, '') from pg_class c
        left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and c.relkind <> 'v'
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
          and c.relname <> '_sqlx_migrations'
          and (obj_description(c.oid, 'pg_class') is null
               or (a.attname is not null and coalesce(col_description(c.oid, a.attnum), '') = ''))
        order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn every_table_and_every_column_is_commented() {
    let database = TestDatabase::create().await;
    assert_eq!(without_comment(&database.pool).await, Vec::<String>::new());
    sqlx::raw_sql("comment on column leads.email is null").execute(&database.pool).await.unwrap();
    assert_eq!(without_comment(&database.pool).await, ["leads.email"], "a missing one is noticed");
}
