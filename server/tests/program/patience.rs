//! Who connects and then says little: they are let go of, and meanwhile everybody else is answered. And who is being
//! answered when the program is told to stop.

use std::time::Duration;

use crate::support::binary::Served;
use crate::support::{Program, SECRET};
use futures::future::join_all;
use serde_json::json;
use server::clock::Clock;
use server::stripe::signature::sign;
use store::testing::TestDatabase;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// Well above what anybody is waited for, so that a busy machine does not matter.
const AT_MOST: Duration = Duration::from_secs(45);

/// Sends this, then byte after byte of that once a second, until the connection is closed; says what was answered.
async fn linger(host: &str, first: String, then: &[u8]) -> String {
    let stream = TcpStream::connect(host).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    writing.write_all(first.as_bytes()).await.unwrap();
    let then = then.to_vec();
    let dripping = tokio::spawn(async move {
        for byte in then.iter().cycle() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if writing.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
        // Without a byte to send the connection only stays open.
        std::future::pending::<()>().await;
    });
    let mut answer = Vec::new();
    // A reset is as good an end as any.
    let _ = tokio::time::timeout(AT_MOST, reading.read_to_end(&mut answer)).await.expect("it is closed");
    dripping.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(host: &str, what: &str, path: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nstripe-signature: t=1,v1=00\r\n{what}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_says_little_is_let_go_of_and_others_are_answered_meanwhile() {
    let program = Program::start().await;
    let host = program.address.trim_start_matches("http://").to_owned();
    let webhook = "/api/webhooks/stripe";
    let lingering = join_all([
        linger(&host, format!("POST {webhook} HTTP/1.1\r\nhost: {host}\r\nx-half: "), b""),
        linger(&host, format!("POST {webhook} HTTP/1.1\r\nhost: {host}\r\nx-slow: "), b"x"),
        linger(&host, head(&host, "content-length: 5000", webhook), b"{"),
        linger(&host, head(&host, "content-length: 5000", webhook), b""),
        linger(&host, head(&host, "transfer-encoding: chunked", webhook), b"1\r\n{\r\n"),
    ]);
    let idle = join_all((0..500).map(|_| linger(&host, String::new(), b"")));
    let others = async {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(8) {
            let asked = Instant::now();
            assert_eq!(program.get("/healthz").await.status(), 200);
            assert!(asked.elapsed() < Duration::from_secs(5), "others wait {:?}", asked.elapsed());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };

    let (lingered, idled, ()) = tokio::join!(lingering, idle, others);

    assert!(idled.iter().all(String::is_empty));
    for body in &lingered[2..] {
        assert!(body.starts_with("HTTP/1.1 408"), "{body}");
        assert!(body.contains("\"code\":\"timeout\""), "{body}");
    }
    assert_eq!(program.get("/healthz").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_on_their_way_when_the_program_is_told_to_stop_are_all_answered() {
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    let variables = [("STRIPE_WEBHOOK_SECRET", SECRET)];
    let served = Served::start(&database.url, &folder.path().join("log"), &variables).await;
    let host = served.address.trim_start_matches("http://").to_owned();
    let mut halves = Vec::new();
    for number in 0..50 {
        let (id, body) = event(number);
        let what = format!(
            "stripe-signature: {}\r\ncontent-length: {}\r\ncontent-type: application/json",
            sign(&body, SECRET, Clock::System.now()),
            body.len()
        );
        let mut stream = TcpStream::connect(&host).await.unwrap();
        let (first, rest) = body.split_at(body.len() / 2);
        let head = format!("POST /api/webhooks/stripe HTTP/1.1\r\nhost: {host}\r\n{what}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(first).await.unwrap();
        halves.push((id, stream, rest.to_vec()));
    }
    // Time to be accepted: what the system only queues is nobody's yet.
    tokio::time::sleep(Duration::from_millis(500)).await;

    let told = Instant::now();
    let ending = tokio::spawn(served.stop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let answers = join_all(halves.into_iter().map(|(id, mut stream, rest)| async move {
        stream.write_all(&rest).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        (id, answer)
    }))
    .await;

    assert!(ending.await.unwrap().success());
    assert!(told.elapsed() < Duration::from_secs(30), "{:?}", told.elapsed());
    let tenant = database.store.tenant_default().await.unwrap().unwrap();
    let kept = database.event_ids(tenant.id).await;
    for (id, answer) in answers {
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(kept.contains(&id), "{id}");
    }
}

fn event(number: usize) -> (String, Vec<u8>) {
    let id = format!("evt_stop{number}");
    let event = json!({
        "id": id, "object": "event", "type": "customer.created", "created": 1_770_737_400, "livemode": false,
        "data": { "object": { "object": "customer", "id": format!("cus_{number}") } },
    });
    (id, serde_json::to_vec(&event).unwrap())
}
