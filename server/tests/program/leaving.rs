//! Who is removed is gone: nothing they handed out or had begun brings them back.

use std::time::Duration;

use crate::support::Program;
use crate::support::people::{Browser, Somebody, location, somebody};
use domain::access::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MEMBERS: &str = "/portal/settings/members";

async fn remove(browser: &mut Browser, who: &Somebody) -> u16 {
    let id = who.id.to_string();
    browser.post(MEMBERS, &[("form", "remove"), ("user", &*id)]).await.status().as_u16()
}

/// The link a page shows once.
fn link_in(page: &str) -> String {
    let start = page.find("/invitation?token=").expect("the page shows a link");
    page[start..].chars().take_while(|c| !"\"<& ".contains(*c)).collect()
}

#[tokio::test]
async fn an_invitation_does_not_outlive_the_membership_of_who_made_it() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    let invited = [("form", "invite"), ("email", "second-self@mail.example"), ("role", "admin")];
    let link = link_in(&admin.post(MEMBERS, &invited).await.text().await.unwrap());
    assert_eq!(program.stranger().get(&link).await.status(), 200);

    let mut owner = program.browser(&program.people.owner).await;
    assert_eq!(remove(&mut owner, &program.people.admin).await, 303);

    assert_eq!(program.stranger().get(&link).await.status(), 404);
}

#[tokio::test]
async fn what_somebody_began_to_send_before_they_were_removed_is_not_done() {
    let program = Program::start().await;
    let host = program.address.trim_start_matches("http://").to_owned();
    let body = "form=invite&email=mole%40mail.example&role=admin";
    let mut connection = TcpStream::connect(&host).await.unwrap();
    let head = format!(
        "POST {MEMBERS} HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: {}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        program.address,
        program.admin.cookie.as_deref().unwrap(),
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.flush().await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;

    let mut owner = program.browser(&program.people.owner).await;
    assert_eq!(remove(&mut owner, &program.people.admin).await, 303);
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(program.tables().await.rows("invitations").is_empty());
}

#[tokio::test]
async fn an_owner_who_cannot_sign_in_can_be_removed_by_the_other() {
    let program = Program::start().await;
    let ours = program.ledger.ours.id;
    let gone = somebody(program.ledger.store(), "gone@ours.example", &[(ours, Role::Owner)]).await;
    let mut work = program.ledger.store().platform().await.unwrap();
    work.user_set_disabled(gone.id, Some(crate::support::now())).await.unwrap();
    work.commit().await.unwrap();

    let mut owner = program.browser(&program.people.owner).await;
    assert_eq!(remove(&mut owner, &program.people.owner).await, 409, "the only one who can sign in stays");
    assert_eq!(remove(&mut owner, &gone).await, 303);
}

#[tokio::test]
async fn many_who_join_at_once_do_not_wait_for_each_other_for_ever() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    let mut joining = Vec::new();
    for number in 0..12 {
        let email = format!("friend{number}@mail.example");
        let fields = [("form", "invite"), ("email", &*email), ("role", "viewer")];
        let link = link_in(&admin.post(MEMBERS, &fields).await.text().await.unwrap());
        let mut browser = program.stranger();
        joining.push(tokio::spawn(async move {
            let token = link.split_once("token=").unwrap().1.to_owned();
            let password = "a long and calm sentence";
            let fields = [("form", "join"), ("token", &*token), ("name", "Friend"), ("password", password)];
            let answer = browser.post(&link, &fields).await;
            (answer.status().as_u16(), location(&answer).to_owned())
        }));
    }
    for joined in joining {
        assert_eq!(joined.await.unwrap(), (303, "/portal/command-center?done=joined".to_owned()));
    }
}
