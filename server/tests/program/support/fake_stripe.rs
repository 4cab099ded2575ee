//! A Stripe of the test's own: the lists a backfill reads, over HTTP, as slow and broken as a test wants.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub const KEY: &str = "rk_test_fake";

/// The lists, and the object each holds.
pub const LISTS: [(&str, &str); 12] = [
    ("/v1/products", "product"),
    ("/v1/prices", "price"),
    ("/v1/customers", "customer"),
    ("/v1/subscriptions", "subscription"),
    ("/v1/invoices", "invoice"),
    ("/v1/invoice_payments", "invoice_payment"),
    ("/v1/payment_intents", "payment_intent"),
    ("/v1/charges", "charge"),
    ("/v1/refunds", "refund"),
    ("/v1/disputes", "dispute"),
    ("/v1/checkout/sessions", "checkout.session"),
    ("/v1/balance_transactions", "balance_transaction"),
];

/// How much of a list inside an object is shown.
const EMBEDDED: usize = 10;

/// What goes wrong with a request, once.
pub enum Fault {
    /// This status, with these headers and body.
    Says(u16, &'static str, &'static str),
    /// No answer, for ever.
    Hangs,
    /// The connection is closed before an answer.
    Resets,
    /// The connection is closed in the middle of the answer.
    CutsOff,
    /// The newest object of the page before comes again.
    Repeats,
    /// Something happens to the account, and then the answer comes.
    After(Box<dyn FnOnce(&mut Account) + Send>),
}

/// An account, its objects, and what goes wrong with asking for them.
pub struct Account {
    pub id: String,
    pub keys: Vec<String>,
    pub forbidden: Vec<&'static str>,
    /// By list, newest first.
    pub lists: BTreeMap<&'static str, Vec<Value>>,
    /// The targets of the requests there were.
    pub asked: Vec<String>,
    faults: Vec<(&'static str, usize, Fault)>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: "acct_fake".to_owned(),
            keys: vec![KEY.to_owned()],
            forbidden: Vec::new(),
            lists: BTreeMap::new(),
            asked: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl Account {
    /// The account as it is after these events: each object in its newest state.
    pub fn after(bodies: &[Vec<u8>]) -> Self {
        let mut account = Self::default();
        let mut newest: BTreeMap<String, (i64, Value)> = BTreeMap::new();
        for body in bodies {
            let event: Value = serde_json::from_slice(body).unwrap();
            let object = event["data"]["object"].clone();
            let (Some(id), at) = (object["id"].as_str(), event["created"].as_i64().unwrap()) else {
                continue;
            };
            if newest.get(id).is_none_or(|(known, _)| *known <= at) {
                newest.insert(id.to_owned(), (at, object));
            }
        }
        for (_, object) in newest.into_values() {
            account.put(object);
        }
        account.settle();
        account
    }

    /// Puts an object into its list, in the place of the one with its id.
    pub fn put(&mut self, object: Value) {
        let Some((path, _)) = LISTS.iter().find(|(_, kind)| object["object"] == *kind) else { return };
        let list = self.lists.entry(path).or_default();
        list.retain(|known| known["id"] != object["id"]);
        let made = |object: &Value| std::cmp::Reverse(object["created"].as_i64().unwrap_or(0));
        let place = list.partition_point(|known| made(known) <= made(&object));
        list.insert(place, object);
    }

    pub fn remove(&mut self, path: &'static str, id: &str) {
        self.lists.entry(path).or_default().retain(|object| object["id"] != id);
    }

    /// Brings charges, refunds and the balance together, as Stripe keeps them.
    pub fn settle(&mut self) {
        let of =
            |lists: &BTreeMap<&'static str, Vec<Value>>, path| lists.get(path).cloned().unwrap_or_default();
        let refunds = of(&self.lists, "/v1/refunds");
        let charges = of(&self.lists, "/v1/charges");
        let disputes = of(&self.lists, "/v1/disputes");
        for charge in self.lists.entry("/v1/charges").or_default() {
            let own: Vec<Value> =
                refunds.iter().filter(|refund| refund["charge"] == charge["id"]).cloned().collect();
            charge["refunds"] = json!({ "object": "list", "has_more": false, "data": own });
        }
        self.lists.insert("/v1/balance_transactions", Vec::new());
        for charge in charges.iter().filter(|charge| charge["status"] == "succeeded") {
            let amount = charge["amount_captured"].as_i64().or(charge["amount"].as_i64()).unwrap();
            self.move_balance("charge", charge, amount, &charge["created"]);
        }
        for refund in &refunds {
            let amount = refund["amount"].as_i64().unwrap();
            self.move_balance("refund", refund, -amount, &refund["created"]);
            if let Some(failed) = refund.pointer("/failure_balance_transaction/created") {
                self.move_balance("refund_failure", refund, amount, failed);
            }
        }
        for dispute in &disputes {
            for movement in dispute["balance_transactions"].as_array().unwrap_or(&Vec::new()) {
                let category = movement["reporting_category"].as_str().unwrap().to_owned();
                self.move_balance(
                    &category,
                    dispute,
                    movement["amount"].as_i64().unwrap(),
                    &movement["created"],
                );
            }
        }
    }

    fn move_balance(&mut self, category: &str, source: &Value, amount: i64, at: &Value) {
        let id = format!("txn_{category}_{}", source["id"].as_str().unwrap());
        self.put(json!({
            "id": id, "object": "balance_transaction", "created": at, "amount": amount, "fee": 0, "net": amount,
            "currency": source["currency"], "reporting_category": category, "source": source,
        }));
    }

    /// Lets something go wrong with the `nth` request for a page, counted from 0, of a list from now on.
    pub fn fault(&mut self, path: &'static str, nth: usize, fault: Fault) {
        self.faults.push((path, nth, fault));
    }

    fn take_fault(&mut self, path: &str, is_page: bool) -> Option<Fault> {
        if !is_page {
            return None;
        }
        let due = self.faults.iter().position(|(at, nth, _)| *at == path && *nth == 0);
        let due = due.map(|due| self.faults.remove(due).2);
        for (_, nth, _) in self.faults.iter_mut().filter(|(at, ..)| *at == path) {
            *nth -= 1;
        }
        due
    }

    fn answer(&self, path: &str, query: &[(String, String)]) -> (u16, Value) {
        if path == "/v1/account" {
            return (200, json!({ "id": self.id, "object": "account" }));
        }
        if let Some(id) = path.strip_prefix("/v1/invoices/").and_then(|rest| rest.strip_suffix("/lines")) {
            return self.embedded("/v1/invoices", id, "lines", query);
        }
        if path == "/v1/subscription_items" {
            return self.embedded("/v1/subscriptions", asked(query, "subscription").unwrap(), "items", query);
        }
        match self.lists.keys().chain(LISTS.iter().map(|(path, _)| path)).find(|known| **known == path) {
            Some(path) => {
                let matching: Vec<&Value> = self
                    .lists
                    .get(path)
                    .into_iter()
                    .flatten()
                    .filter(|object| is_asked_for(path, object, query))
                    .collect();
                page(&matching, query, |object| shown(path, object, query))
            }
            None => (404, error("invalid_request_error", "resource_missing", "", "Unrecognized request URL")),
        }
    }

    fn embedded(&self, path: &str, id: &str, field: &str, query: &[(String, String)]) -> (u16, Value) {
        let owner = self.lists[path].iter().find(|object| object["id"] == id).unwrap();
        let items: Vec<&Value> = owner[field]["data"].as_array().unwrap().iter().collect();
        page(&items, query, Value::clone)
    }
}

fn asked<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn is_asked_for(path: &str, object: &Value, query: &[(String, String)]) -> bool {
    let bound = |name| asked(query, name).map(|text| text.parse::<i64>().unwrap());
    let made = object["created"].as_i64().unwrap_or(0);
    let in_time = bound("created[gte]").is_none_or(|from| made >= from)
        && bound("created[lt]").is_none_or(|to| made < to)
        && bound("created[lte]").is_none_or(|to| made <= to);
    let is_ended = path == "/v1/subscriptions" && object["status"] == "canceled";
    let is_shown = !is_ended || asked(query, "status") == Some("all");
    let is_of_charge = asked(query, "charge").is_none_or(|charge| object["charge"] == charge);
    in_time && is_shown && is_of_charge
}

/// An object as a list shows it: what is not expanded is left out, and lists inside it are cut.
fn shown(path: &str, object: &Value, query: &[(String, String)]) -> Value {
    let mut object = object.clone();
    let expands = |what: &str| query.iter().any(|(name, value)| name == "expand[]" && value == what);
    if path == "/v1/charges" && !expands("data.refunds") {
        object.as_object_mut().unwrap().remove("refunds");
    }
    if path == "/v1/balance_transactions" && !expands("data.source") {
        object["source"] = object["source"]["id"].clone();
    }
    for field in ["refunds", "lines", "items"] {
        let Some(list) = object.get_mut(field).and_then(Value::as_object_mut) else { continue };
        let Some(data) = list.get_mut("data").and_then(Value::as_array_mut) else { continue };
        let has_more = data.len() > EMBEDDED;
        data.truncate(EMBEDDED);
        list.insert("has_more".to_owned(), has_more.into());
    }
    object
}

fn page(items: &[&Value], query: &[(String, String)], show: impl Fn(&Value) -> Value) -> (u16, Value) {
    let limit = asked(query, "limit").map_or(10, |text| text.parse::<usize>().unwrap());
    if !(1..=100).contains(&limit) {
        return (
            400,
            error("invalid_request_error", "parameter_invalid_integer", "limit", "limit is at most 100"),
        );
    }
    let start = match asked(query, "starting_after") {
        None => 0,
        Some(after) => match items.iter().position(|item| item["id"] == after) {
            Some(place) => place + 1,
            None => {
                let message = format!("No such object: '{after}'");
                return (400, error("invalid_request_error", "resource_missing", "starting_after", &message));
            }
        },
    };
    let data: Vec<Value> = items.iter().skip(start).take(limit).map(|item| show(item)).collect();
    let has_more = items.len() > start + limit;
    (200, json!({ "object": "list", "has_more": has_more, "data": data, "url": "/v1" }))
}

fn error(kind: &str, code: &str, param: &str, message: &str) -> Value {
    json!({ "error": { "type": kind, "code": code, "param": param, "message": message } })
}

/// An account that answers on a port of its own until it is dropped.
pub struct FakeStripe {
    pub address: String,
    pub account: Arc<Mutex<Account>>,
    task: JoinHandle<()>,
}

impl FakeStripe {
    pub async fn open(account: Account) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let account = Arc::new(Mutex::new(account));
        let task = tokio::spawn(serve(listener, account.clone()));
        Self { address, account, task }
    }

    pub fn with<T>(&self, change: impl FnOnce(&mut Account) -> T) -> T {
        change(&mut self.account.lock().unwrap())
    }

    /// The targets that were asked for since somebody last looked.
    pub fn take_asked(&self) -> Vec<String> {
        self.with(|account| std::mem::take(&mut account.asked))
    }
}

impl Drop for FakeStripe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, account: Arc<Mutex<Account>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let account = account.clone();
        tokio::spawn(async move { talk(stream, account).await });
    }
}

/// A request, as far as it matters.
struct Asking {
    target: String,
    authorization: String,
}

async fn talk(stream: TcpStream, account: Arc<Mutex<Account>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(asking) = read(&mut stream).await? {
        let (fault, answer) = answer(&asking, &account);
        match fault {
            Some(Fault::Hangs) => tokio::time::sleep(Duration::from_secs(3_600)).await,
            Some(Fault::Resets) => return Ok(()),
            Some(Fault::CutsOff) => {
                let half = &answer.as_bytes()[..answer.len() / 2];
                stream.get_mut().write_all(half).await?;
                return stream.get_mut().shutdown().await;
            }
            _ => stream.get_mut().write_all(answer.as_bytes()).await?,
        }
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Asking>> {
    let mut asking = Asking { target: String::new(), authorization: String::new() };
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(Some(asking));
        }
        if let Some(rest) = line.strip_prefix("GET ") {
            asking.target = rest.split(' ').next().unwrap().to_owned();
        } else if let Some((name, value)) = line.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "authorization" => asking.authorization = value.to_owned(),
                "stripe-version" => assert_eq!(value, "2026-09-30.endive"),
                _ => {}
            }
        }
    }
}

fn answer(asking: &Asking, account: &Mutex<Account>) -> (Option<Fault>, String) {
    let mut account = account.lock().unwrap();
    account.asked.push(asking.target.clone());
    let (path, query) = asking.target.split_once('?').unwrap_or((&asking.target, ""));
    let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let key = asking.authorization.strip_prefix("Bearer ").unwrap_or_default();
    if !account.keys.iter().any(|known| known == key) {
        let body = error(
            "invalid_request_error",
            "api_key_expired",
            "",
            &format!("Invalid API Key provided: {key}"),
        );
        return (None, http(401, "", &body.to_string()));
    }
    if account.forbidden.contains(&path) {
        let permission = format!("rak_{}_read", path.trim_start_matches("/v1/").replace('/', "_"));
        let message = format!(
            "The provided key '{key}' does not have the required permissions for this endpoint. Having the \
             '{permission}' permission would allow this request to continue."
        );
        return (None, http(403, "", &error("invalid_request_error", "", "", &message).to_string()));
    }
    let is_page = asked(&query, "limit") == Some("100");
    let mut fault = account.take_fault(path, is_page);
    if let Some(Fault::Says(status, headers, body)) = fault {
        return (None, http(status, headers, body));
    }
    if let Some(Fault::After(change)) = fault {
        change(&mut account);
        fault = None;
    }
    let (status, mut body) = account.answer(path, &query);
    if matches!(fault, Some(Fault::Repeats)) {
        let after = asked(&query, "starting_after").unwrap();
        let repeated = account.lists[path].iter().find(|object| object["id"] == after).unwrap().clone();
        body["data"].as_array_mut().unwrap().insert(0, shown(path, &repeated, &query));
    }
    (fault, http(status, "", &body.to_string()))
}

fn http(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}
