//! `/portal/import`: a file sent, its columns told apart, read to see what would become of it, brought in, and taken out
//! again.

use domain::importing::{FileState, ImportState, RowProblem};
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{imports_question, office, query};
use super::refusal::RefusalView;
use super::settings::Asked;
use crate::address::UPLOAD;
use crate::components::{Confirmation, Layout, Moment, Place, PostForm, RowProblem as Trouble};
use crate::format;
use crate::imports::{BatchLine, Imports, SentFile};

/// The forms whose trouble is said at the head of the page.
const ROW_FORMS: &[&str] = &["check", "import", "undo"];

/// Asks for the files and shows them.
#[component]
pub fn ImportPage() -> impl IntoView {
    let (asked, office, question) = (Asked::now(Place::Import), office(), imports_question(&query()));
    let answer = Suspend::new(async move {
        let imports = match asked.visit.viewer() {
            Ok(viewer) => office.imports(&viewer, question).await,
            Err(error) => Err(error),
        };
        match imports {
            Ok(imports) => view! { <ImportView imports asked/> }.into_any(),
            Err(error) => {
                let (page, question) = (asked.address(), asked.question());
                view! { <RefusalView error place=Place::Import title=Place::Import.name() page question/> }
                    .into_any()
            }
        }
    });
    view! {
        <Title text="Bring in files · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn ImportView(imports: Imports, asked: Asked) -> AnyView {
    let (question, notice, visit) = (asked.question(), asked.notice, asked.visit.clone());
    let wrong = imports.wrong.map(|wrong| view! { <p class="alert" role="alert">{wrong}</p> });
    let sent = imports.sent.as_ref().map(|sent| sent_file(sent, &asked));
    let send = send(&imports, &asked);
    let batches = batches(&imports, &asked);
    view! {
        <Layout place=Place::Import question notice>
            <div class="settings" data-wide="true">
                <header class="page-head">
                    <div class="page-title">
                        <h1>{Place::Import.name()}</h1>
                        <p>
                            "Leads, campaigns, deals, costs and links as CSV, in UTF-8 and with a heading. Nothing is kept before \
                             you have seen what would become of each row."
                        </p>
                    </div>
                </header>
                <Trouble visit forms=ROW_FORMS/>
                {wrong}
                {sent}
                {send}
                {batches}
            </div>
        </Layout>
    }
    .into_any()
}

fn send(imports: &Imports, asked: &Asked) -> AnyView {
    let action = asked.of_tenant().on(UPLOAD).to_string();
    let kinds = imports
        .kinds
        .iter()
        .map(|kind| view! { <option value=kind.word()>{kind.name()}</option> })
        .collect_view();
    let most = format!("At most {} MB", imports.most_megabytes);
    view! {
        <section class="card section" aria-labelledby="send-title">
            <h2 id="send-title">"Send a file"</h2>
            <form class="form" method="post" action=action enctype="multipart/form-data">
                <div class="fields beside">
                    <div class="field">
                        <div class="field-says"><label for="send-kind">"Its rows are"</label></div>
                        <div class="field-takes"><select id="send-kind" name="kind">{kinds}</select></div>
                    </div>
                    <div class="field">
                        <div class="field-says">
                            <label for="send-file">"File"</label>
                            <p class="hint" id="send-file-hint">{most}</p>
                        </div>
                        <div class="field-takes">
                            <input
                                id="send-file"
                                name="file"
                                type="file"
                                accept=".csv,.tsv,.txt,text/csv"
                                required=true
                                aria-describedby="send-file-hint"
                            />
                        </div>
                    </div>
                </div>
                <div class="form-end">
                    <button type="submit" class="button primary">"Send it"</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn sent_file(sent: &SentFile, asked: &Asked) -> AnyView {
    let again = asked.of_tenant().with("file", sent.id.to_string()).to_string();
    let name = format::name(&sent.name);
    let kilobytes = format::counted((sent.size + 1023) / 1024, "kB", "kB");
    let content = match sent.state {
        FileState::Arriving => {
            view! { <p class="nothing">"It is still arriving, or did not arrive whole: send it again."</p> }
                .into_any()
        }
        FileState::Checking | FileState::Importing if !sent.is_silent => running(sent, again),
        FileState::Done => outcome(sent, "brought in", None),
        _ => view! { {checked(sent, asked)} {columns(sent, asked)} }.into_any(),
    };
    let problem = sent.problem.as_deref().map(|problem| {
        let says = format::sentence(problem);
        view! { <p class="alert" role="alert">{says}</p> }
    });
    let silent = sent.is_silent.then(|| {
        view! { <p class="alert" role="alert">"Reading it ended before the file did. Check it again; rows that were brought in are not brought twice."</p> }
    });
    let problems = problems(sent, asked);
    view! {
        <section class="card section" aria-labelledby="sent-title">
            <h2 id="sent-title"><bdi class="breakable">{name}</bdi></h2>
            <p class="section-lead">{sent.kind.name()} ", " {kilobytes}</p>
            {problem}
            {silent}
            {content}
            {problems}
        </section>
    }
    .into_any()
}

fn running(sent: &SentFile, again: String) -> AnyView {
    let doing = if sent.state == FileState::Checking { "Being checked" } else { "Being brought in" };
    let rows = format::counted(sent.rows, "row", "rows");
    view! {
        <p role="status">{doing} ": " {rows} " so far, " {format::count(sent.refused)} " of them left out."</p>
        <div class="form-end"><a class="button primary" href=again>"See how far it has come"</a></div>
    }
    .into_any()
}

/// What became, or would become, of the rows.
fn outcome(sent: &SentFile, verb: &'static str, then: Option<AnyView>) -> AnyView {
    let SentFile { rows, created, changed, refused, .. } = *sent;
    let same = rows - created - changed - refused;
    view! {
        <p role="status">
            {format::counted(rows, "row", "rows")} " " {verb} ": " {format::count(created)} " new, " {format::count(changed)}
            " changed, " {format::count(same)} " as they were, " {format::count(refused)} " left out."
        </p>
        {then}
    }
    .into_any()
}

/// What was found out by reading it, and the button that brings it in.
fn checked(sent: &SentFile, asked: &Asked) -> AnyView {
    if sent.state != FileState::Checked {
        return ().into_any();
    }
    let form =
        asked.form_beside(("file", sent.id.to_string()), "import", &[]).about("file", sent.id.to_string());
    let bring = (sent.rows > sent.refused).then(|| {
        view! {
            <PostForm form>
                <div class="form-end">
                    <button type="submit" class="button primary">"Bring these rows in"</button>
                </div>
            </PostForm>
        }
        .into_any()
    });
    outcome(sent, "read, nothing kept yet", bring)
}

/// What each column is, to be said otherwise.
fn columns(sent: &SentFile, asked: &Asked) -> AnyView {
    if sent.columns.is_empty() {
        return ().into_any();
    }
    let form =
        asked.form_beside(("file", sent.id.to_string()), "check", &[]).about("file", sent.id.to_string());
    let rows = sent
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| column_row(place, column, sent.fields))
        .collect_view();
    let is_again = sent.state != FileState::Waiting;
    let does = if is_again { "Check again" } else { "Check every row" };
    view! {
        <PostForm form>
            <div class="table-box">
                <table class="data">
                    <thead>
                        <tr>
                            <th scope="col">"Column"</th>
                            <th scope="col" class="words">"Is read as"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <div class="form-end">
                <button type="submit" class=if is_again { "button" } else { "button primary" }>{does}</button>
            </div>
        </PostForm>
    }
    .into_any()
}

fn column_row(
    place: usize,
    column: &(String, Option<&'static str>),
    fields: &'static [&'static str],
) -> AnyView {
    let (name, chosen) = column;
    let shown = format::name(name);
    let options = fields
        .iter()
        .map(|field| {
            let is_chosen = *chosen == Some(*field);
            view! { <option value=*field selected=is_chosen>{field.replace('_', " ")}</option> }
        })
        .collect_view();
    let id = format!("field-{place}");
    view! {
        <tr>
            <th scope="row">
                <label for=id.clone()><bdi class="breakable">{if shown.is_empty() { "(no name)".to_owned() } else { shown }}</bdi></label>
                <input type="hidden" name=format!("column_{place}") value=name.clone()/>
            </th>
            <td class="words">
                <select id=id name=format!("field_{place}")>
                    <option value="" selected=chosen.is_none()>"Left out"</option>
                    {options}
                </select>
            </td>
        </tr>
    }
    .into_any()
}

fn problems(sent: &SentFile, asked: &Asked) -> AnyView {
    if sent.problems.is_empty() {
        return ().into_any();
    }
    let rows = sent.problems.iter().map(problem_row).collect_view();
    let tenant = asked.visit.viewer().map(|viewer| viewer.tenant.to_string()).unwrap_or_default();
    let file = format!("/api/imports/{}/problems?tenant_id={tenant}", sent.id);
    let shown = format::counted(i64::try_from(sent.problems.len()).unwrap_or(i64::MAX), "row", "rows");
    let all = format::count(sent.refused);
    view! {
        <h3>"Left out"</h3>
        <div class="table-box">
            <table class="data">
                <thead>
                    <tr>
                        <th scope="col" class="num">"Line"</th>
                        <th scope="col" class="words">"Field"</th>
                        <th scope="col" class="words">"What is wrong"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <div class="table-foot">
            <span>{shown} " of " {all}</span>
            <a class="button ghost" href=file download="">"Download all of them"</a>
        </div>
    }
    .into_any()
}

fn problem_row(problem: &RowProblem) -> AnyView {
    view! {
        <tr>
            <td class="num">{problem.line}</td>
            <td class="words">{problem.field.replace('_', " ")}</td>
            <td class="words"><bdi class="breakable">{format::name(&problem.message)}</bdi></td>
        </tr>
    }
    .into_any()
}

fn batches(imports: &Imports, asked: &Asked) -> AnyView {
    if imports.batches.is_empty() {
        return view! {
            <section class="card section" aria-labelledby="batches-title">
                <h2 id="batches-title">"Brought in"</h2>
                <p class="nothing">"No file was brought in yet."</p>
            </section>
        }
        .into_any();
    }
    let rows = imports.batches.iter().map(|batch| batch_row(batch, imports, asked)).collect_view();
    view! {
        <section class="card section" aria-labelledby="batches-title">
            <h2 id="batches-title">"Brought in"</h2>
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn batch_row(batch: &BatchLine, imports: &Imports, asked: &Asked) -> AnyView {
    let name = format::name(&batch.name);
    let state = match batch.state {
        ImportState::Done => None,
        ImportState::Running => Some("Running"),
        ImportState::Failed => Some("Not to its end"),
        ImportState::Undone => Some("Undone"),
    };
    let undo = batch.may_undo.then(|| {
        let form = asked.form("undo", &[]).about("import", batch.id.to_string());
        let means =
            view! { "What it created and nobody changed or used since is taken out again; the rest stays." }
                .into_any();
        view! { <Confirmation form opens="Undo" whom=name.clone() means does="Undo it"/> }
    });
    let undone = batch.undone.as_ref().map(|(by, removed)| {
        let taken = format::count(*removed);
        view! { "; " {taken} " taken out by " <bdi>{format::name(by)}</bdi> }
    });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <bdi class="breakable">{name.clone()}</bdi>
                    {state.map(|state| view! { <span class="tag">{state}</span> })}
                </p>
                <p class="row-note">
                    {batch.kind.name()} ": " {format::counted(batch.rows, "row", "rows")} ", " {format::count(batch.created)}
                    " new, " {format::count(batch.changed)} " changed, " {format::count(batch.refused)} " left out; by "
                    <bdi>{format::name(&batch.made_by)}</bdi> " on "
                    <Moment at=batch.made_at timezone=imports.tenant.timezone.clone()/> {undone}
                </p>
            </div>
            {undo}
        </li>
    }
    .into_any()
}
