//! Every state of every page as a file, to be looked at in a browser:
//! `cargo test -p app --features ssr --test screens -- --ignored --nocapture looked_at`.

use std::path::Path;
use std::{fs, io};

use app::port::AskError;

use crate::desk::FixedDesk;
use crate::document::at;

/// Where the files go.
const OUT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/screens");

/// Where the stylesheets are.
const STYLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../style");

#[tokio::test]
#[ignore = "writes files to look at"]
async fn every_state_of_every_page_can_be_looked_at() -> io::Result<()> {
    fs::create_dir_all(OUT)?;
    fs::write(Path::new(OUT).join("preview.css"), stylesheet()?)?;
    let calm = FixedDesk::default();
    let states = [
        ("overview", "/portal/command-center?period=90d", calm.clone()),
        ("month", "/portal/command-center?period=qtd&granularity=month", calm.clone()),
        ("week", "/portal/command-center?period=7d&granularity=day", calm.clone()),
        ("custom", "/portal/command-center?from=2026-09-01&to=2026-10-15", calm.clone()),
        ("hostile", "/portal/command-center", FixedDesk { hostile: true, ..calm.clone() }),
        ("untouched", "/portal/command-center", FixedDesk { untouched: true, ..calm.clone() }),
        ("quiet", "/portal/command-center?period=7d", FixedDesk { quiet: true, ..calm.clone() }),
        ("invalid", "/portal/command-center?from=2026-09-02&to=2026-09-01", calm.clone()),
        ("ours", "/portal/command-center", FixedDesk { error: Some(failure()), ..calm.clone() }),
        ("revenue", "/portal/revenue?period=90d", calm.clone()),
        ("refunds", "/portal/revenue?kind=refund,refund_failed&channel=heyreach", calm.clone()),
        ("nothing", "/portal/revenue", FixedDesk { quiet: true, ..calm.clone() }),
        ("missing", "/nowhere", calm),
    ];
    for (name, address, desk) in states {
        fs::write(Path::new(OUT).join(format!("{name}.html")), at(address, desk).await.html)?;
    }
    println!("see {OUT}");
    Ok(())
}

fn failure() -> AskError {
    AskError::Ours { reference: "7f3a9c".to_owned() }
}

/// The stylesheets in the order the bundle joins them.
fn stylesheet() -> io::Result<String> {
    let mut files: Vec<_> = fs::read_dir(STYLE)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(|file| {
        let name = file.file_name();
        (name != "tokens.css", name != "base.css", name)
    });
    let sheets = files.iter().map(fs::DirEntry::path).filter(|path| path.extension() == Some("css".as_ref()));
    let text = sheets.map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?.join("\n");
    Ok(text.replace("fonts/", &format!("{STYLE}/fonts/")))
}
