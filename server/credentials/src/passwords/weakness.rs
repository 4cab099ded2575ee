//! Whether a new password can be guessed.

use std::fmt;

use zeroize::Zeroizing;
use zxcvbn::feedback::Warning;
use zxcvbn::{Entropy, Score, zxcvbn};

use super::Password;

/// A new password has at least this many characters.
pub const MIN_PASSWORD_CHARS: usize = 8;

/// How much of a text is looked at. zxcvbn tries every reading of `4@$0…`: 100 characters of those take most of a
/// second, 32 a twentieth. A beginning that is hard to guess is enough.
const JUDGED_CHARS: usize = 32;

/// Shorter words about a person would turn up in good passwords by chance.
const MIN_WORD_CHARS: usize = 3;

/// Why a text will not do as a new password, in words for who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Few characters are all tried.
    #[error("use at least {MIN_PASSWORD_CHARS} characters")]
    TooShort,
    /// It is among the first million that would be tried.
    #[error("this password is easy to guess: {0}")]
    Guessable(Weakness),
}

/// What makes a password easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Lists of passwords have it.
    Common,
    /// Lists of passwords have one like it.
    NearlyCommon,
    /// It would be harder to guess were it somebody else's.
    AboutYou,
    /// It is a word.
    Word,
    /// It is made around a name.
    Name,
    /// It is a path on the keyboard.
    Keyboard,
    /// It says the same again.
    Repetition,
    /// It goes on as anybody would.
    Sequence,
    /// It is made around a day or a year.
    Date,
    /// There is too little of it.
    Simple,
}

impl Password {
    /// Whether this will do as a new password of somebody whose address, name and company `about` holds.
    pub fn judge(&self, about: &[&str]) -> Result<(), WeakPassword> {
        if self.reveal().chars().count() < MIN_PASSWORD_CHARS {
            return Err(WeakPassword::TooShort);
        }
        let words: Vec<String> = about.iter().copied().flat_map(words_of).collect();
        let estimate = self.estimate(&words);
        if is_hard(&estimate) {
            return Ok(());
        }
        let is_about_them = is_hard(&self.estimate(&[]));
        Err(WeakPassword::Guessable(if is_about_them { Weakness::AboutYou } else { weakness(&estimate) }))
    }

    fn estimate(&self, about: &[String]) -> Entropy {
        let about: Vec<&str> = about.iter().map(String::as_str).collect();
        zxcvbn(&Zeroizing::new(beginning(self.reveal())), &about)
    }
}

fn is_hard(estimate: &Entropy) -> bool {
    estimate.score() >= Score::Two
}

fn beginning(text: &str) -> String {
    text.chars().take(JUDGED_CHARS).collect()
}

/// A text and the words in it: the password of `ada@example.com` is neither that nor `example`.
fn words_of(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let words = words.filter(|word| word.chars().count() >= MIN_WORD_CHARS);
    std::iter::once(text.trim()).filter(|text| !text.is_empty()).chain(words).map(beginning)
}

fn weakness(estimate: &Entropy) -> Weakness {
    use Warning::*;
    match estimate.feedback().and_then(|feedback| feedback.warning()) {
        Some(ThisIsATop10Password | ThisIsATop100Password | ThisIsACommonPassword) => Weakness::Common,
        Some(ThisIsSimilarToACommonlyUsedPassword) => Weakness::NearlyCommon,
        Some(AWordByItselfIsEasyToGuess) => Weakness::Word,
        Some(NamesAndSurnamesByThemselvesAreEasyToGuess | CommonNamesAndSurnamesAreEasyToGuess) => {
            Weakness::Name
        }
        Some(StraightRowsOfKeysAreEasyToGuess | ShortKeyboardPatternsAreEasyToGuess) => Weakness::Keyboard,
        Some(RepeatsLikeAaaAreEasyToGuess | RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => {
            Weakness::Repetition
        }
        Some(SequencesLikeAbcAreEasyToGuess) => Weakness::Sequence,
        Some(RecentYearsAreEasyToGuess | DatesAreOftenEasyToGuess) => Weakness::Date,
        None => Weakness::Simple,
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Common => "many people use it",
            Self::NearlyCommon => "it is close to one that many people use",
            Self::AboutYou => "it is made of what is known about you",
            Self::Word => "it is a single word",
            Self::Name => "it is made around a name",
            Self::Keyboard => "its keys lie side by side",
            Self::Repetition => "it repeats itself",
            Self::Sequence => "it follows a sequence, like abc or 6543",
            Self::Date => "it is made around a date",
            Self::Simple => "add another word or two",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ABOUT: [&str; 3] = ["ottilie@quillwort.example", "Ottilie Vandermeer", "Quillwort & Sons"];

    fn judge(text: &str) -> Result<(), WeakPassword> {
        Password::read(text.to_owned()).unwrap().judge(&ABOUT)
    }

    fn refusal(text: &str) -> String {
        judge(text).unwrap_err().to_string()
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(judge("кубышка"), Err(WeakPassword::TooShort));
        assert_eq!(judge(""), Err(WeakPassword::TooShort));
        assert_eq!(refusal("z9!Kq2x"), "use at least 8 characters");
        assert_eq!(judge("z9!Kq2xv"), Ok(()));
    }

    #[test]
    fn what_others_would_try_first_is_refused_with_the_reason() {
        assert_eq!(refusal("password123"), "this password is easy to guess: many people use it");
        for (text, expected) in [
            ("qwertyuiop1234", Weakness::NearlyCommon),
            ("zzzzzzzzzzzz", Weakness::Repetition),
            ("23456789", Weakness::Sequence),
            ("14.03.1987", Weakness::Date),
        ] {
            assert_eq!(judge(text), Err(WeakPassword::Guessable(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_known_of_a_person_is_refused_to_that_person_only() {
        for text in ["quillwort1", "Vandermeer!", "ottilie@quillwort.example"] {
            assert_eq!(judge(text), Err(WeakPassword::Guessable(Weakness::AboutYou)), "{text}");
            assert_eq!(Password::read(text.to_owned()).unwrap().judge(&[]), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_long_name_is_recognised_although_only_the_beginning_is_looked_at() {
        let company = "Zwischenstaatliche-Quallenforschungsgesellschaft";
        let password = Password::read(company.to_owned()).unwrap();
        assert_eq!(password.judge(&[company]), Err(WeakPassword::Guessable(Weakness::AboutYou)));
    }

    #[test]
    fn no_kind_of_character_is_asked_for() {
        for text in
            ["purple otter", "пароль гиппопотама", "密碼學家愛吃大蘋果", "correct horse battery staple"]
        {
            assert_eq!(judge(text), Ok(()), "{text}");
        }
        assert_eq!(judge(&"wandering otters sing ".repeat(6)), Ok(()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_text_can_be_judged(text in "\\PC{0,60}", about in "\\PC{0,60}") {
            let _ = Password::read(text).unwrap().judge(&[&about]);
        }
    }
}
