//! What the invented company sells.

/// Something a buyer can sign up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// One seat in the bootcamp, paid once.
    BootcampSeat,
    /// The bootcamp for a team, paid once.
    BootcampTeam,
    /// A subscription.
    Plan(Plan),
}

/// A subscription plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    Starter,
    Pro,
    Scale,
    ProAnnual,
}

/// Every offer, in the order the story casts its buyers.
pub(super) const OFFERS: [Offer; 6] = [
    Offer::BootcampSeat,
    Offer::BootcampTeam,
    Offer::Plan(Plan::Starter),
    Offer::Plan(Plan::Pro),
    Offer::Plan(Plan::Scale),
    Offer::Plan(Plan::ProAnnual),
];

/// The product name of both bootcamp offers.
pub(super) const BOOTCAMP: &str = "Bootcamp";

impl Offer {
    /// A letter that tells the offers apart in ids and addresses.
    pub(super) fn letter(self) -> char {
        match self {
            Self::BootcampSeat => 'b',
            Self::BootcampTeam => 't',
            Self::Plan(Plan::Starter) => 's',
            Self::Plan(Plan::Pro) => 'p',
            Self::Plan(Plan::Scale) => 'c',
            Self::Plan(Plan::ProAnnual) => 'y',
        }
    }

    /// How many sign up in a thousand weeks.
    pub(super) fn signups_per_thousand_weeks(self) -> i64 {
        match self {
            Self::BootcampSeat => 4600,
            Self::BootcampTeam => 1900,
            Self::Plan(Plan::Starter) => 3900,
            Self::Plan(Plan::Pro) => 2300,
            Self::Plan(Plan::Scale) => 550,
            Self::Plan(Plan::ProAnnual) => 500,
        }
    }

    /// True for what a warm introduction tends to sell.
    pub(super) fn is_high_value(self) -> bool {
        matches!(self, Self::BootcampTeam | Self::Plan(Plan::Scale | Plan::ProAnnual))
    }

    /// The `product_category` the company tags its payments with.
    pub(super) fn category(self) -> &'static str {
        match self {
            Self::BootcampSeat | Self::BootcampTeam => "bootcamp",
            Self::Plan(Plan::Starter) => "infrastructure",
            Self::Plan(_) => "saas",
        }
    }
}

impl Plan {
    /// The product's name, which is also the price's nickname.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Starter => "Starter Infra",
            Self::Pro => "Pro",
            Self::Scale => "Scale",
            Self::ProAnnual => "Pro annual",
        }
    }

    /// The price of one period, in cents.
    pub(super) fn cents(self) -> i64 {
        match self {
            Self::Starter => 4_900,
            Self::Pro => 14_900,
            Self::Scale => 49_000,
            Self::ProAnnual => 149_000,
        }
    }

    /// The billing interval, in Stripe's word.
    pub(super) fn interval(self) -> &'static str {
        match self {
            Self::ProAnnual => "year",
            _ => "month",
        }
    }

    /// The length of one period.
    pub(super) fn months(self) -> i64 {
        match self {
            Self::ProAnnual => 12,
            _ => 1,
        }
    }

    /// The Stripe price.
    pub(super) fn price_id(self) -> &'static str {
        match self {
            Self::Starter => "price_1DemoStarterInfraMonthly",
            Self::Pro => "price_1DemoProMonthly",
            Self::Scale => "price_1DemoScaleMonthly",
            Self::ProAnnual => "price_1DemoProAnnual",
        }
    }

    /// The Stripe product.
    pub(super) fn product_id(self) -> &'static str {
        match self {
            Self::Starter => "prod_DemoStarterInfra",
            Self::Pro => "prod_DemoPro",
            Self::Scale => "prod_DemoScale",
            Self::ProAnnual => "prod_DemoProAnnual",
        }
    }

    /// The next plan up, where one exists.
    pub(super) fn upgrade(self) -> Option<Self> {
        match self {
            Self::Starter => Some(Self::Pro),
            Self::Pro => Some(Self::Scale),
            Self::Scale | Self::ProAnnual => None,
        }
    }

    /// How many of a thousand leave in one period, of their own will.
    pub(super) fn leavers_permille(self) -> i64 {
        match self {
            Self::ProAnnual => 250,
            _ => 33,
        }
    }

    /// How many of a thousand begin with a trial.
    pub(super) fn trials_permille(self) -> i64 {
        match self {
            Self::Starter | Self::Pro => 90,
            Self::Scale | Self::ProAnnual => 0,
        }
    }
}
