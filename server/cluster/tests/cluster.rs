//! The cluster from outside, on a real PostgreSQL.
//!
//! Run as root, these tests see PostgreSQL run as another user; run as an ordinary user, as itself.

mod support;

use std::fs;

use cluster::{Cluster, Installation, OLDEST_MAJOR};
use nix::sys::signal::Signal;

use support::{
    App, Playground, ask, ask_until_answered, be_the_app, is_nobody, is_server, mode, owner, send,
    wait_until, we_are_root,
};

const WRITE: &str = "create table note (text text); insert into note values ('kept')";
const READ: &str = "select text from note";

#[tokio::test]
#[ignore = "the app that other tests run and kill"]
async fn the_app() {
    be_the_app().await;
}

#[tokio::test]
async fn the_installed_binaries_are_found() {
    let found = Installation::find().await.unwrap();

    assert!(found.major() >= OLDEST_MAJOR);
    assert!(found.bin_dir().join("initdb").is_file());
}

#[tokio::test]
async fn a_fresh_cluster_is_private_and_its_data_is_checked() {
    let playground = Playground::new();

    let cluster = playground.start().await;

    let facts = "select current_user, current_database(), current_setting('data_checksums'), \
                 current_setting('server_encoding'), current_setting('listen_addresses') = '', \
                 current_setting('timezone')";
    assert_eq!(ask(&cluster, facts).await, "command_center|command_center|on|UTF8|t|UTC");
    assert_eq!(cluster.connection().socket_dir, playground.home().join("socket"));
    assert_eq!(mode(&cluster.connection().socket_dir), 0o700);
    assert_eq!(mode(playground.home()), 0o700);
    cluster.stop().await;
}

#[tokio::test]
async fn root_runs_it_as_another_user() {
    if !we_are_root() {
        return;
    }
    let playground = Playground::new();

    let cluster = playground.start().await;

    let process = format!("/proc/{}", playground.server().unwrap());
    assert_ne!(owner(&process), 0);
    assert_eq!(owner(&process), owner(playground.home()));
    let status = fs::read_to_string(format!("{process}/status")).unwrap();
    let groups = status.lines().find_map(|line| line.strip_prefix("Groups:")).unwrap();
    assert_eq!(groups.trim(), "", "no group of root's is left");
    cluster.stop().await;
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let playground = Playground::new();
    let first = playground.start().await;
    ask(&first, WRITE).await;
    let server = playground.server().unwrap();

    first.stop().await;
    assert!(!is_server(server));
    let second = playground.start().await;

    assert_eq!(ask(&second, READ).await, "kept");
    second.stop().await;
}

#[tokio::test]
async fn a_second_app_on_the_same_data_is_refused_in_one_line() {
    let playground = Playground::new();
    let app = App::ready_on(&playground);

    let error = Cluster::start(playground.settings()).await.unwrap_err();

    let (pid, dir) = (app.id(), playground.data_dir());
    assert_eq!(
        error.to_string(),
        format!("another Command Center (pid {pid}) is already using {}; stop it first", dir.display())
    );
    app.quit();
}

#[tokio::test]
async fn a_copied_link_to_a_home_in_use_is_refused() {
    let playground = Playground::new();
    let cluster = playground.start().await;
    let copy = playground.root().join("copy");
    fs::create_dir(&copy).unwrap();
    std::os::unix::fs::symlink(playground.home(), copy.join("postgres")).unwrap();

    let error = Cluster::start(cluster::Settings::new(copy)).await.unwrap_err();

    let home = playground.home();
    assert_eq!(
        error.to_string(),
        format!("another Command Center is already using {}; stop it first", home.display())
    );
    cluster.stop().await;
}

#[tokio::test]
async fn an_app_that_ends_takes_its_server_with_it() {
    let playground = Playground::new();
    let app = App::ready_on(&playground);
    let server = playground.server().unwrap();

    app.quit();

    assert!(!is_server(server));
    assert!(!playground.pid_file().exists(), "it was shut down in order");
}

#[tokio::test]
async fn a_cluster_that_is_only_dropped_shuts_down_too() {
    let playground = Playground::new();
    let cluster = playground.start().await;
    let server = playground.server().unwrap();

    drop(cluster);
    tokio::task::yield_now().await;

    wait_until(|| !is_server(server));
}

#[tokio::test]
async fn a_server_left_by_a_killed_app_is_taken_over_and_watched() {
    let playground = Playground::new();
    let app = App::ready_on(&playground);
    let orphan = playground.server().unwrap();
    app.kill();
    assert!(is_server(orphan));

    let cluster = playground.start().await;
    assert_eq!(playground.server(), Some(orphan));
    ask(&cluster, WRITE).await;
    send(orphan, Signal::SIGKILL);
    wait_until(|| !is_server(orphan));

    assert_eq!(ask_until_answered(&cluster, READ).await, "kept");
    cluster.stop().await;
}

#[tokio::test]
async fn a_killed_server_is_started_again_with_its_data() {
    let playground = Playground::new();
    let cluster = playground.start().await;
    ask(&cluster, WRITE).await;
    let first = playground.server().unwrap();

    send(first, Signal::SIGKILL);
    wait_until(|| !is_server(first));

    assert_eq!(ask_until_answered(&cluster, READ).await, "kept");
    let second = playground.server().unwrap();
    assert_ne!(first, second);
    cluster.stop().await;
    assert!(!is_server(second));
}

#[tokio::test]
async fn stopping_while_a_killed_server_comes_back_leaves_nothing_running() {
    let playground = Playground::new();
    let cluster = playground.start().await;
    send(playground.server().unwrap(), Signal::SIGKILL);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;

    cluster.stop().await;

    assert!(!playground.server().is_some_and(is_server));
}

#[tokio::test]
async fn a_note_of_a_dead_server_that_names_a_living_process_is_not_believed() {
    let playground = Playground::new();
    let app = App::ready_on(&playground);
    let server = playground.server().unwrap();
    app.kill();
    send(server, Signal::SIGKILL);
    wait_until(|| !is_server(server));
    let note = fs::read_to_string(playground.pid_file()).unwrap();
    let ourselves = std::process::id().to_string();
    fs::write(playground.pid_file(), note.replacen(&server.to_string(), &ourselves, 1)).unwrap();

    let cluster = playground.start().await;

    assert_eq!(ask(&cluster, "select 1").await, "1");
    cluster.stop().await;
}

#[tokio::test]
async fn an_app_killed_while_making_the_cluster_is_recovered_from() {
    let playground = Playground::new();
    let app = App::starting_on(&playground);
    let is_unfinished = |name: &str| name.starts_with("unfinished-");
    let unfinished = || {
        let entries = fs::read_dir(playground.home()).into_iter().flatten().filter_map(Result::ok);
        entries.filter(|entry| is_unfinished(&entry.file_name().to_string_lossy())).count()
    };
    wait_until(|| unfinished() > 0);
    app.kill();

    let cluster = playground.start().await;

    assert_eq!(ask(&cluster, "select 1").await, "1");
    cluster.stop().await;
}

#[tokio::test]
async fn a_half_made_cluster_is_removed() {
    let playground = Playground::new();
    let unfinished = playground.home().join("unfinished-1");
    fs::create_dir_all(unfinished.join("base")).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();

    let cluster = playground.start().await;

    assert!(!unfinished.exists());
    cluster.stop().await;
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_private_directory() {
    let playground = Playground::deep();

    let cluster = playground.start().await;

    let socket_dir = cluster.connection().socket_dir.clone();
    assert!(!socket_dir.starts_with(playground.root()));
    assert_eq!(mode(&socket_dir), 0o700);
    assert_eq!(owner(&socket_dir), owner(playground.home()));
    assert_eq!(ask(&cluster, "select 1").await, "1");
    cluster.stop().await;
    assert!(!socket_dir.exists(), "nothing is left in the shared place");
}

#[tokio::test]
async fn roots_private_checkout_keeps_the_data_where_the_user_can_reach_it() {
    if !we_are_root() {
        return;
    }
    let playground = Playground::private();
    let first = playground.start().await;
    let home = fs::read_link(playground.home()).unwrap();
    assert!(home.starts_with("/var/lib/command-center"));
    ask(&first, WRITE).await;
    first.stop().await;

    let second = playground.start().await;

    assert_eq!(ask(&second, READ).await, "kept");
    second.stop().await;
}

#[tokio::test]
async fn a_removed_data_directory_begins_anew_and_the_old_data_is_kept_aside() {
    if !we_are_root() {
        return;
    }
    let playground = Playground::private();
    let first = playground.start().await;
    ask(&first, WRITE).await;
    first.stop().await;
    let home = fs::read_link(playground.home()).unwrap();
    fs::remove_dir_all(playground.data_dir()).unwrap();

    let second = playground.start().await;

    assert_eq!(ask(&second, "select to_regclass('note') is null").await, "t");
    let aside = home.with_extension("1");
    assert!(aside.join("data/PG_VERSION").exists());
    second.stop().await;
    fs::remove_dir_all(aside).unwrap();
}

#[tokio::test]
async fn a_link_to_data_that_is_gone_is_told_in_one_line() {
    let playground = Playground::new();
    fs::create_dir(playground.data_dir()).unwrap();
    let gone = playground.root().join("gone");
    std::os::unix::fs::symlink(&gone, playground.home()).unwrap();

    let error = Cluster::start(playground.settings()).await.unwrap_err();

    let expected = format!(
        "{} leads to {}, which does not exist; restore that directory, or remove the link to begin with an empty database",
        playground.home().display(),
        gone.display()
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn an_ordinary_user_runs_it_as_itself_and_root_leaves_it_so() {
    if !we_are_root() {
        return;
    }
    let playground = Playground::of_nobody();
    let app = App::of_nobody_on(&playground);
    assert!(is_nobody(owner(format!("/proc/{}", playground.server().unwrap()))));
    app.quit();

    let cluster = playground.start().await;

    assert!(is_nobody(owner(format!("/proc/{}", playground.server().unwrap()))));
    cluster.stop().await;
}

#[tokio::test]
async fn a_server_that_cannot_start_is_given_up_with_its_reason_and_log() {
    let playground = Playground::new();
    let settings = playground.settings().option("shared_buffers", "plenty");

    let error = Cluster::start(settings).await.unwrap_err();

    let log = playground.data_dir().join("postgres.log");
    assert_eq!(
        error.to_string(),
        format!(
            "PostgreSQL could not be started, 6 attempts: invalid value for parameter \"shared_buffers\": \"plenty\" (log: {})",
            log.display()
        )
    );
}

#[tokio::test]
async fn data_of_a_major_that_is_not_installed_is_left_alone() {
    let playground = Playground::new();
    let data = playground.home().join("data");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("PG_VERSION"), "14\n").unwrap();

    let error = Cluster::start(playground.settings()).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        format!(
            "the data in {} was made by PostgreSQL 14, which is not installed; install it with: apt-get install postgresql-14",
            data.display()
        )
    );
}
