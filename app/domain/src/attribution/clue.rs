//! What ties a payment to a lead, a link or a customer: looked by when it is settled, looked for when one of those
//! changes.

use std::fmt;
use std::str::FromStr;

/// Providers whose addresses say nothing of a company.
const FOR_EVERYBODY: [&str; 44] = [
    "126.com",
    "163.com",
    "aol.com",
    "bk.ru",
    "btinternet.com",
    "comcast.net",
    "duck.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "list.ru",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rocketmail.com",
    "t-online.de",
    "verizon.net",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

/// Something a payment has that a lead, a link, a customer or an override may have too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clue {
    /// A normalised e-mail.
    Email(String),
    /// The domain of a company's e-mails.
    Domain(String),
    /// `cus_…`
    Customer(String),
    /// `sub_…`
    Subscription(String),
    /// The id a lead has where it came from, or ours.
    Lead(String),
    /// A name of the payment.
    Payment(String),
    /// Everything: the order itself changed.
    Everything,
}

impl Clue {
    /// The customer it names, if it names one.
    #[must_use]
    pub fn customer(&self) -> Option<&str> {
        match self {
            Self::Customer(id) => Some(id),
            _ => None,
        }
    }

    /// The clues of an e-mail: itself, and its company's domain.
    pub fn of_email(email: &str) -> impl Iterator<Item = Self> {
        let domain = company_domain(email).map(|domain| Self::Domain(domain.to_owned()));
        [Self::Email(email.to_owned())].into_iter().chain(domain)
    }
}

/// `kind:value`, as stored.
impl fmt::Display for Clue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(email) => write!(f, "email:{email}"),
            Self::Domain(domain) => write!(f, "domain:{domain}"),
            Self::Customer(id) => write!(f, "customer:{id}"),
            Self::Subscription(id) => write!(f, "subscription:{id}"),
            Self::Lead(id) => write!(f, "lead:{id}"),
            Self::Payment(name) => write!(f, "payment:{name}"),
            Self::Everything => f.write_str("everything"),
        }
    }
}

/// A text that is no clue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a clue")]
pub struct InvalidClue;

impl FromStr for Clue {
    type Err = InvalidClue;

    fn from_str(text: &str) -> Result<Self, InvalidClue> {
        if text == "everything" {
            return Ok(Self::Everything);
        }
        let (kind, value) = text.split_once(':').ok_or(InvalidClue)?;
        let value = value.to_owned();
        Ok(match kind {
            "email" => Self::Email(value),
            "domain" => Self::Domain(value),
            "customer" => Self::Customer(value),
            "subscription" => Self::Subscription(value),
            "lead" => Self::Lead(value),
            "payment" => Self::Payment(value),
            _ => return Err(InvalidClue),
        })
    }
}

/// The domain of a company's e-mail; `None` when anybody may have an address there.
#[must_use]
pub(super) fn company_domain(email: &str) -> Option<&str> {
    let (_, domain) = email.rsplit_once('@')?;
    let is_company = domain.contains('.') && FOR_EVERYBODY.binary_search(&domain).is_err();
    is_company.then_some(domain)
}
