//! Every test goes through the whole renderer and reads what it drew.

#![expect(clippy::float_arithmetic, clippy::as_conversions, reason = "tests")]

use roxmltree::{Document, Node};

use super::{ChannelColor, Period, RevenueByChannel, Series, revenue_by_channel, spark_line};

const WEEKS: [&str; 13] = [
    "Aug 25", "Sep 1", "Sep 8", "Sep 15", "Sep 22", "Sep 29", "Oct 6", "Oct 13", "Oct 20", "Oct 27", "Nov 3",
    "Nov 10", "Nov 17",
];

#[test]
fn weekly_revenue_is_drawn_as_stacked_bars() {
    insta::assert_snapshot!("weekly", lines(&drawn(&weekly())));
}

#[test]
fn a_running_period_is_drawn_lighter() {
    let mut revenue = weekly();
    revenue.periods.last_mut().unwrap().partial = true;

    let svg = drawn(&revenue);

    insta::assert_snapshot!("running_period", lines(&svg));
    assert_eq!(svg.matches(r#" opacity=".45""#).count(), revenue.series.len());
}

#[test]
fn refunds_beyond_revenue_hang_below_zero() {
    let revenue = chart(
        &["Sep", "Oct", "Nov"],
        vec![
            (ChannelColor::One, vec![30_000, 20_000, -15_000]),
            (ChannelColor::Two, vec![10_000, -8000, -5000]),
        ],
    );

    let svg = drawn(&revenue);

    insta::assert_snapshot!("refunds", lines(&svg));
    let zero = 252.0 * 400.0 / 600.0;
    let [first_sale, second_sale, first_refund, sale, refund, second_refund] = &bars(&svg)[..] else {
        panic!("six segments are drawn")
    };
    for above in [first_sale, second_sale, sale] {
        assert!(above.bottom() <= zero, "{above:?}");
    }
    for below in [first_refund, refund, second_refund] {
        assert!(below.y >= zero, "{below:?}");
    }
    assert!(second_refund.y >= first_refund.bottom());
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "<script>alert(1)</script> \"q\" 'a' & &amp; ]]> \u{0}\u{8}\u{1b}\u{202e} \u{5e9}\u{5dc}\u{5d5}\u{5dd} <!--";
    let mut revenue = chart(&[hostile], vec![(ChannelColor::One, vec![10_000])]);
    revenue.title = hostile.into();
    revenue.description = hostile.into();
    revenue.currency_ticks = Box::new(|minor| format!("{minor}</text><script>"));
    revenue.series[0].name = hostile.into();
    revenue.periods[0].name = hostile.into();
    revenue.periods[0].summary = hostile.into();
    revenue.periods[0].href = Some("/revenue?channel=\"><script>&x='".into());

    let svg = drawn(&revenue);

    insta::assert_snapshot!("hostile_names", lines(&svg));
    let document = Document::parse(&svg).unwrap();
    let text = "<script>alert(1)</script> \"q\" 'a' & &amp; ]]>  \u{5e9}\u{5dc}\u{5d5}\u{5dd} <!--";
    assert_eq!(texts(&document, "desc"), [text]);
    assert_eq!(texts(&document, "title"), [text.to_owned(), format!("{text}\n{text}")]);
    assert!(elements(&document, "script").is_empty());
    assert_eq!(elements(&document, "a")[0].attribute("href"), Some("/revenue?channel=\"><script>&x='"));
}

#[test]
fn a_single_period_is_a_slim_bar_in_the_middle() {
    let svg =
        drawn(&chart(&["Nov"], vec![(ChannelColor::One, vec![12_000]), (ChannelColor::Other, vec![6000])]));

    insta::assert_snapshot!("single_period", lines(&svg));
    let width = plot_width(&svg);
    for bar in bars(&svg) {
        assert!(bar.width < width / 10.0);
        assert_close(bar.x + bar.width / 2.0, width / 2.0, 0.1);
    }
}

#[test]
fn periods_without_revenue_are_a_baseline() {
    let svg = drawn(&chart(&["Sep", "Oct", "Nov"], vec![(ChannelColor::One, vec![0, 0, 0])]));

    insta::assert_snapshot!("no_revenue", lines(&svg));
    assert!(bars(&svg).is_empty());
}

#[test]
fn no_periods_are_no_chart() {
    assert_eq!(revenue_by_channel(&chart(&[], vec![(ChannelColor::One, vec![1])])), None);
}

#[test]
fn no_channels_are_a_baseline() {
    assert!(bars(&drawn(&chart(&["Sep", "Oct"], vec![]))).is_empty());
}

#[test]
fn heights_are_proportional_to_amounts() {
    let revenue = weekly();

    let svg = drawn(&revenue);

    let amounts = revenue.series.iter().flat_map(|series| &series.amounts);
    let drawn = bars(&svg);
    assert_eq!(drawn.len(), 13 * 6);
    for (bar, &amount) in drawn.iter().zip(amounts) {
        let pixels = 252.0 * amount as f32 / 2_000_000.0;
        assert_close(bar.height, pixels - 1.0, 0.15);
    }
}

#[test]
fn segments_of_a_column_never_overlap() {
    let svg = drawn(&weekly());
    let drawn = bars(&svg);

    for column in 0..13 {
        let stack: Vec<&Bar> = drawn.iter().skip(column).step_by(13).collect();
        for pair in stack.windows(2) {
            assert!(pair[1].bottom() <= pair[0].y + 0.1, "{pair:?}");
        }
    }
}

#[test]
fn a_missing_amount_counts_as_none() {
    let svg = drawn(&chart(
        &["Sep", "Oct", "Nov"],
        vec![(ChannelColor::One, vec![100]), (ChannelColor::Two, vec![1; 9])],
    ));

    assert_eq!(bars(&svg).len(), 1 + 3);
}

#[test]
fn every_channel_has_its_own_variable() {
    use ChannelColor::{Eight, Five, Four, One, Other, Seven, Six, Three, Two, Unknown};
    let colors = [One, Two, Three, Four, Five, Six, Seven, Eight, Other, Unknown];

    let svg = drawn(&chart(&["Nov"], colors.map(|color| (color, vec![100])).to_vec()));

    for color in colors {
        assert_eq!(svg.matches(&format!(r#"<g fill="var({})">"#, color.css_variable())).count(), 1);
    }
}

#[test]
fn every_period_has_one_target() {
    for periods in [1, 2, 13, 90, 400] {
        let revenue = many(periods, 1_000);
        let svg = drawn(&revenue);
        let document = Document::parse(&svg).unwrap();
        assert_eq!(elements(&document, "a").len(), periods);
    }
}

#[test]
fn a_period_without_a_page_of_this_site_is_no_link() {
    for href in [
        None,
        Some("javascript:alert(1)"),
        Some("//evil.test"),
        Some("/\\evil.test"),
        Some("/\u{0}/evil.test"),
        Some("/\t/evil.test"),
        Some("https://evil.test"),
    ] {
        let mut revenue = chart(&["Nov"], vec![(ChannelColor::One, vec![100])]);
        revenue.periods[0].href = href.map(str::to_owned);

        let svg = drawn(&revenue);

        let document = Document::parse(&svg).unwrap();
        assert!(elements(&document, "a").is_empty(), "{href:?}");
        assert_eq!(texts(&document, "title").len(), 2);
    }
}

#[test]
fn enormous_amounts_neither_overflow_nor_vanish() {
    for amount in [1, i64::MAX / 16, i64::MAX, i64::MIN] {
        let series = (0..10).map(|_| (ChannelColor::One, vec![amount, -(amount / 2), 0])).collect();
        let svg = drawn(&chart(&["Sep", "Oct", "Nov"], series));
        assert!(!bars(&svg).is_empty());
    }
}

#[test]
fn names_of_periods_keep_their_distance() {
    for periods in [1, 2, 5, 13, 26, 53, 90, 400] {
        let svg = drawn(&many(periods, 1_000));
        let document = Document::parse(&svg).unwrap();
        let names: Vec<Node> = elements(&document, "text")
            .into_iter()
            .filter(|text| text.text().unwrap().starts_with("Day"))
            .collect();
        let always = names.iter().filter(|text| text.attribute("class").is_none()).count();
        assert!((1..=4).contains(&always), "{always} of {periods}");
        assert!(names.len() <= 9, "{} of {periods}", names.len());
        assert_eq!(names.last().unwrap().text(), Some(format!("Day {}", periods - 1).as_str()));
    }
}

#[test]
fn axis_steps_are_round_and_their_labels_differ() {
    for (most, labels) in [
        (1_560_000, vec!["$0", "$5k", "$10k", "$15k", "$20k"]),
        (2_000_000, vec!["$0", "$5k", "$10k", "$15k", "$20k"]),
        (101, vec!["$0", "$1", "$2"]),
        (799_900, vec!["$0", "$2k", "$4k", "$6k", "$8k"]),
    ] {
        let svg = drawn(&chart(&["Nov"], vec![(ChannelColor::One, vec![most])]));
        let document = Document::parse(&svg).unwrap();
        let mut ticks = texts(&document, "text");
        ticks.pop();
        assert_eq!(ticks, labels);
    }
}

#[test]
fn thirteen_weeks_of_six_channels_weigh_less_than_fourteen_kilobytes() {
    let bytes = drawn(&weekly()).len();

    assert!(bytes < 14_000, "{bytes}");
}

#[test]
fn links_are_not_inside_the_image() {
    let svg = drawn(&weekly());
    let document = Document::parse(&svg).unwrap();

    let image = document.descendants().find(|node| node.attribute("role") == Some("img")).unwrap();

    assert!(image.attribute("viewBox").is_some());
    assert_eq!(image.attribute("aria-labelledby"), Some("revenue-by-channel-title"));
    assert!(!image.descendants().any(|node| node.has_tag_name("a")));
}

#[test]
fn a_spark_line_runs_from_the_least_to_the_most() {
    insta::assert_snapshot!(spark_line(&[1, 2, 5, 3, 9]).unwrap(), @r#"<svg class="spark" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true"><polyline fill="none" stroke-width="1.5" points="0,29 30,25.8 60,16 90,22.5 120,3" stroke="currentColor" vector-effect="non-scaling-stroke"/></svg>"#);
}

#[test]
fn a_flat_spark_line_lies_in_the_middle() {
    assert!(spark_line(&[7, 7]).unwrap().contains(r#"points="0,16 120,16""#));
}

#[test]
fn a_spark_line_of_extremes_stays_on_its_drawing() {
    assert!(spark_line(&[i64::MIN, i64::MAX]).unwrap().contains(r#"points="0,29 120,3""#));
}

#[test]
fn a_spark_line_needs_two_points() {
    assert_eq!(spark_line(&[]), None);
    assert_eq!(spark_line(&[1]), None);
}

fn weekly() -> RevenueByChannel {
    let dollars = [
        (ChannelColor::One, [3993, 3960, 4780, 4219, 5059, 5037, 4780, 5700, 5200, 6100, 5700, 6000, 7000]),
        (ChannelColor::Two, [2838, 2373, 2495, 2858, 3167, 2933, 2870, 3370, 2680, 3430, 3080, 2980, 2950]),
        (ChannelColor::Three, [2934, 3324, 2739, 3030, 3032, 2772, 2870, 2500, 2410, 2520, 2700, 2530, 2430]),
        (ChannelColor::Four, [1536, 1525, 1502, 1774, 1782, 1640, 1830, 1900, 2090, 2000, 2010, 2370, 1900]),
        (ChannelColor::Five, [879, 974, 829, 924, 816, 950, 990, 930, 1080, 1000, 1000, 1000, 1030]),
        (ChannelColor::Unknown, [415, 446, 444, 381, 389, 300, 310, 310, 300, 310, 260, 300, 290]),
    ];
    chart(
        &WEEKS,
        dollars.map(|(color, dollars)| (color, dollars.map(|dollar| dollar * 100).to_vec())).to_vec(),
    )
}

fn many(periods: usize, amount: i64) -> RevenueByChannel {
    let labels: Vec<String> = (0..periods).map(|day| format!("Day {day}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    chart(&labels, vec![(ChannelColor::One, vec![amount; periods])])
}

fn chart(labels: &[&str], channels: Vec<(ChannelColor, Vec<i64>)>) -> RevenueByChannel {
    let periods = labels.iter().enumerate().map(|(index, label)| Period {
        label: (*label).into(),
        name: format!("Week of {label}"),
        partial: false,
        summary: channels
            .iter()
            .map(|(color, amounts)| {
                format!("{color:?} {}", dollars(amounts.get(index).copied().unwrap_or(0)))
            })
            .collect::<Vec<_>>()
            .join("\n"),
        href: Some(format!("/revenue?period={index}&by=channel")),
    });
    RevenueByChannel {
        title: "Revenue by channel".into(),
        description: "What every channel brought in, per week".into(),
        currency_ticks: Box::new(dollars),
        periods: periods.collect(),
        series: channels
            .into_iter()
            .map(|(color, amounts)| Series { name: format!("{color:?}"), color, amounts })
            .collect(),
    }
}

/// Whole dollars, as short as the product writes them.
fn dollars(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    match minor.unsigned_abs() / 100 {
        thousands if thousands >= 1_000 => format!("{sign}${}k", thousands as f64 / 1_000.0),
        whole => format!("{sign}${whole}"),
    }
}

/// Draws a chart and checks what holds for every drawing.
fn drawn(revenue: &RevenueByChannel) -> String {
    let svg = revenue_by_channel(revenue).unwrap();
    let document = Document::parse(&svg).unwrap();
    for node in document.descendants() {
        for attribute in node.attributes() {
            assert!(!["NaN", "inf", "-inf"].contains(&attribute.value()), "{attribute:?}");
        }
    }
    for leftover in ["#C0DE", "data-", "font-family", "style="] {
        assert!(!svg.contains(leftover), "{leftover}");
    }
    svg
}

#[derive(Debug)]
struct Bar {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Bar {
    fn bottom(&self) -> f32 {
        self.y + self.height
    }
}

fn bars(svg: &str) -> Vec<Bar> {
    let document = Document::parse(svg).unwrap();
    let picture = document.descendants().find(|node| node.attribute("role") == Some("img")).unwrap();
    let rects = picture.descendants().filter(|node| node.has_tag_name("rect"));
    rects
        .map(|rect| {
            let number = |name| rect.attribute(name).unwrap().parse::<f32>().unwrap();
            let bar =
                Bar { x: number("x"), y: number("y"), width: number("width"), height: number("height") };
            assert!(bar.height >= 0.0 && bar.y >= 0.0 && bar.bottom() <= 252.1 && bar.width > 0.0, "{bar:?}");
            bar
        })
        .collect()
}

fn plot_width(svg: &str) -> f32 {
    let document = Document::parse(svg).unwrap();
    let view_box = document.descendants().find_map(|node| node.attribute("viewBox")).unwrap();
    view_box.split(' ').nth(2).unwrap().parse().unwrap()
}

fn elements<'a>(document: &'a Document<'a>, name: &str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name(name)).collect()
}

fn texts(document: &Document, name: &str) -> Vec<String> {
    document
        .descendants()
        .filter(|node| node.has_tag_name(name))
        .filter_map(|node| node.text())
        .map(str::to_owned)
        .collect()
}

fn assert_close(actual: f32, expected: f32, tolerance: f32) {
    assert!((actual - expected).abs() <= tolerance, "{actual} is not {expected}");
}

/// One element per line, so that a snapshot's difference can be read.
fn lines(svg: &str) -> String {
    svg.replace("><", ">\n<")
}
