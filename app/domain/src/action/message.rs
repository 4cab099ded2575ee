//! What leads are written: a text in which their names stand.
//!
//! `{first_name}`, `{name}` and `{company}` stand for what is known of a lead; `{first_name|there}` says what stands there
//! when it is not known. `{{` and `}}` are braces.

/// The longest text, in characters.
pub const LONGEST: usize = 2_000;

/// The longest message, with names in it.
pub const LONGEST_WRITTEN: usize = 4_000;

/// A text with places for what is known of a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place { field: Field, otherwise: Option<String> },
}

/// What can stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The first word of the name.
    FirstName,
    /// The name.
    Name,
    /// The company.
    Company,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 3] = [Self::FirstName, Self::Name, Self::Company];

    /// How it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::Name => "name",
            Self::Company => "company",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::FirstName | Self::Name => "name",
            Self::Company => "company",
        }
    }
}

/// What is known of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addressee<'a> {
    /// What they are called.
    pub name: Option<&'a str>,
    /// Where they work.
    pub company: Option<&'a str>,
}

impl<'a> Addressee<'a> {
    fn value(self, field: Field) -> Option<&'a str> {
        let value = match field {
            Field::FirstName => self.name?.split_whitespace().next()?,
            Field::Name => self.name?,
            Field::Company => self.company?,
        };
        Some(value.trim()).filter(|value| !value.is_empty())
    }
}

/// Why a text is none to be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// There is none.
    #[error("write what is to be sent")]
    Empty,
    /// It is too long.
    #[error("a message has at most {LONGEST} characters")]
    TooLong,
    /// A name nobody knows.
    #[error("there is no {{{0}}}: there are {{first_name}}, {{name}} and {{company}}")]
    Unknown(String),
    /// Something nobody can type.
    #[error("a message has letters, lines and tabs, and no other control characters")]
    Unprintable,
    /// A brace without the other.
    #[error("a {{ or }} stands alone: write {{{{ or }}}} for a brace")]
    Unbalanced,
}

/// Why a text cannot be written to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// Something in it is not known of them.
    #[error("no {} of theirs is known; {{{}|…}} says what stands there then", .0.in_words(), .0.word())]
    NotKnown(Field),
    /// Nothing is left of it.
    #[error("nothing would stand in their message")]
    Empty,
    /// What is known of them is too long.
    #[error("their message would have more than {LONGEST_WRITTEN} characters")]
    TooLong,
}

impl Template {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let text = text.trim().replace("\r\n", "\n");
        if text.is_empty() {
            return Err(InvalidTemplate::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(InvalidTemplate::TooLong);
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(InvalidTemplate::Unprintable);
        }
        let (mut parts, mut plain) = (Vec::new(), String::new());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else {
                let (inside, after) = from
                    .strip_prefix('{')
                    .and_then(|inside| inside.split_once('}'))
                    .ok_or(InvalidTemplate::Unbalanced)?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(place(inside)?);
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// The text for somebody.
    pub fn render(&self, whom: Addressee<'_>) -> Result<String, Unwritable> {
        let written = self.0.iter().try_fold(String::new(), |mut text, part| {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Place { field, otherwise } => {
                    let value = whom.value(*field).or(otherwise.as_deref());
                    text.push_str(value.ok_or(Unwritable::NotKnown(*field))?);
                }
            }
            Ok(text)
        })?;
        if written.trim().is_empty() {
            return Err(Unwritable::Empty);
        }
        if written.chars().count() > LONGEST_WRITTEN {
            return Err(Unwritable::TooLong);
        }
        Ok(written)
    }
}

fn place(inside: &str) -> Result<Part, InvalidTemplate> {
    let (name, otherwise) = match inside.split_once('|') {
        Some((name, otherwise)) => (name, Some(otherwise.trim().to_owned())),
        None => (inside, None),
    };
    let name = name.trim();
    if inside.contains('{') {
        return Err(InvalidTemplate::Unbalanced);
    }
    let field = Field::ALL.into_iter().find(|field| field.word() == name);
    let field = field.ok_or_else(|| InvalidTemplate::Unknown(name.to_owned()))?;
    Ok(Part::Place { field, otherwise })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADA: Addressee<'_> = Addressee { name: Some("Ada Example"), company: None };

    fn written(text: &str, whom: Addressee<'_>) -> Result<String, Unwritable> {
        Template::parse(text).unwrap().render(whom)
    }

    #[test]
    fn names_stand_where_the_text_says_and_what_is_not_known_is_said() {
        assert_eq!(written("Hi {first_name}, {name}?\r\n{{ok}}", ADA).unwrap(), "Hi Ada, Ada Example?\n{ok}");
        assert_eq!(written("at {company}", ADA), Err(Unwritable::NotKnown(Field::Company)));
        assert_eq!(written("at {company|your place}", ADA).unwrap(), "at your place");
        assert_eq!(written("Hi { first_name | there }!", Addressee::default()).unwrap(), "Hi there!");
        let blank = Addressee { name: Some("  "), company: Some("") };
        assert_eq!(written("Hi {first_name}", blank), Err(Unwritable::NotKnown(Field::FirstName)));
    }

    #[test]
    fn a_text_that_is_none_says_why() {
        assert_eq!(Template::parse("  \n "), Err(InvalidTemplate::Empty));
        assert_eq!(Template::parse("Hi {frist_name}"), Err(InvalidTemplate::Unknown("frist_name".into())));
        for alone in ["Hi {name", "Hi name}", "Hi {na{me}}", "}{"] {
            assert_eq!(Template::parse(alone), Err(InvalidTemplate::Unbalanced), "{alone}");
        }
        assert_eq!(Template::parse("Hi\0"), Err(InvalidTemplate::Unprintable));
        assert_eq!(written("{first_name| }", Addressee::default()), Err(Unwritable::Empty));
        let long = "n".repeat(300);
        let whom = Addressee { name: Some(&long), company: None };
        assert_eq!(written(&"{name}".repeat(14), whom), Err(Unwritable::TooLong));
        assert!(written(&"{name}".repeat(13), whom).is_ok());
        assert_eq!(Template::parse(&"x".repeat(LONGEST + 1)), Err(InvalidTemplate::TooLong));
        assert!(Template::parse(&"ü".repeat(LONGEST)).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_known_of_somebody_is_never_read_as_a_place(name in "[a-zA-Z{}|]{1,20}", before in "[a-z ]{1,9}") {
            let whom = Addressee { name: Some(&name), company: None };
            let text = format!("{before}{{name}}.");
            let written = Template::parse(&text).unwrap().render(whom).unwrap();
            prop_assert_eq!(written, format!("{}{name}.", before.trim_start()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Ok(template) = Template::parse(&text) {
                let whom = Addressee { name: Some("A B"), company: Some("C") };
                prop_assert!(template.render(whom).is_ok_and(|text| !text.trim().is_empty()) || template.render(whom) == Err(Unwritable::Empty));
            }
        }
    }
}
