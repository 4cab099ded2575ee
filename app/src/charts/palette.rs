//! Channel colours. charts-rs knows only RGBA while the theme is chosen in the browser, so every channel is
//! drawn in a stand-in colour that is exchanged for its CSS variable afterwards.

use charts_rs::Color;

/// The colour of a channel, the same on every screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelColor {
    One,
    Two,
    Three,
    Four,
    Five,
    Six,
    Seven,
    Eight,
    /// The channels beyond the eighth, together.
    Other,
    /// Revenue no channel is known for.
    Unknown,
}

const STAND_IN_RED: u8 = 0xC0;
const STAND_IN_GREEN: u8 = 0xDE;
/// 45 % of 255: the running period is visibly unfinished.
const UNFINISHED: u8 = 115;

impl ChannelColor {
    const ALL: [ChannelColor; 10] = [
        ChannelColor::One,
        ChannelColor::Two,
        ChannelColor::Three,
        ChannelColor::Four,
        ChannelColor::Five,
        ChannelColor::Six,
        ChannelColor::Seven,
        ChannelColor::Eight,
        ChannelColor::Other,
        ChannelColor::Unknown,
    ];

    /// The colour of a channel's number; those that are none of the eight share one.
    #[must_use]
    pub const fn numbered(color: u8) -> Self {
        match color {
            1 => Self::One,
            2 => Self::Two,
            3 => Self::Three,
            4 => Self::Four,
            5 => Self::Five,
            6 => Self::Six,
            7 => Self::Seven,
            8 => Self::Eight,
            _ => Self::Other,
        }
    }

    /// The CSS variable that holds this colour in the theme of the page.
    pub fn css_variable(self) -> &'static str {
        self.parts().1
    }

    pub(super) fn stand_in(self, unfinished: bool) -> Color {
        let alpha = if unfinished { UNFINISHED } else { u8::MAX };
        Color::from((STAND_IN_RED, STAND_IN_GREEN, self.parts().0, alpha))
    }

    /// The channel colour behind a fill as charts-rs writes it.
    pub(super) fn from_stand_in(fill: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|color| color.stand_in(false).hex() == fill)
    }

    fn parts(self) -> (u8, &'static str) {
        match self {
            Self::One => (1, "--ch-1"),
            Self::Two => (2, "--ch-2"),
            Self::Three => (3, "--ch-3"),
            Self::Four => (4, "--ch-4"),
            Self::Five => (5, "--ch-5"),
            Self::Six => (6, "--ch-6"),
            Self::Seven => (7, "--ch-7"),
            Self::Eight => (8, "--ch-8"),
            Self::Other => (9, "--ch-other"),
            Self::Unknown => (10, "--ch-unknown"),
        }
    }
}
