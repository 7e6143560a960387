"""Who: companies, the forms their names are written in, and mentions of them in a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a company is to our readers."""

    MAKER = "maker"
    CARRIER = "carrier"
    OTHER = "other"  # watched by somebody, neither of the two


class Cue(StrEnum):
    """What can settle an ambiguous name besides a plain word."""

    MAKER = "@maker"  # another handset maker, settled by itself, in the same text
    CARRIER = "@carrier"
    COMPANY = "@company"  # either of the two
    MODEL = "#"  # a model number right after the name
    POSSESSIVE = "'s"  # right after the name: plain words own little


@dataclass(frozen=True, slots=True)
class Alias:
    """A written form of a company's name and what it needs to count.

    Attributes:
        text: the form as written; upper case matters where ``exact_case`` is set.
        exact_case: True where other cases are another word ("Honor", "honor").
        needs: words of which one must stand in the same text, () if it stands alone;
            a ``Cue`` among them asks for another company instead of a word.
        unless: words or phrases that show another meaning.
        brand: the brand or product line it speaks for, or "".
        followed_by: words of which one right after it settles it too; ``Cue.MODEL``
            among them is a model number ("Honor 90"), ``Cue.POSSESSIVE`` is "Honor's".
        not_after, not_before: words that, right before or right after it, show another
            meaning ("to Boost", "Honor the").
        abroad: languages (BCP 47, first part) and countries (ISO 3166) where the name
            belongs to somebody else, unless one of ``abroad_needs`` is in the text.
    """

    text: str
    exact_case: bool = False
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    brand: str = ""
    followed_by: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    abroad: tuple[str, ...] = ()
    abroad_needs: tuple[str, ...] = ()

    @property
    def stands_alone(self) -> bool:
        """True where the name itself is enough."""
        return not (self.needs or self.followed_by)


@dataclass(frozen=True, slots=True)
class Company:
    """A company as the catalogue or a person describes it.

    Attributes:
        id: short lower-case id, unique in the catalogue ("att").
        name: as we write it in posts ("AT&T").
        decoys: phrases that hold its name and mean something else ("Honor of Kings").
        side_line: phones are a small part of its business: its news is relevant only
            where a word of that business is beside it (Lenovo, TCL).
    """

    id: str
    name: str
    role: Role
    aliases: tuple[Alias, ...] = ()
    decoys: tuple[str, ...] = ()
    side_line: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A company at ``start:end`` (code points) of a text, ``text`` as written there."""

    company: str
    role: Role
    start: int
    end: int
    text: str
    where: str = "title"  # title, summary or body
    cue: str = ""  # what settled that it is the company: a word seen, or "" for the name itself


@dataclass(frozen=True, slots=True)
class Rejection:
    """A name that was seen and not taken, and why."""

    company: str
    text: str
    where: str
    reason: str


class Event(StrEnum):
    """What kind of thing happened."""

    DEAL = "deal"
    DEAL_OFF = "deal-off"
    LAUNCH = "launch"
    BAN = "ban-or-sanction"
    LAWSUIT = "probe-or-lawsuit"
    SECURITY = "security"
    MERGER = "merger"
    EARNINGS = "earnings-or-share"
    NETWORK = "network-or-outage"
    PRICING = "pricing"
    LEAK = "leak-or-rumour"
    PEOPLE = "people"
    REVIEW = "review"
    SOFTWARE = "software"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The words people read: "deal off", "probe or lawsuit"."""
        match self:
            case Event.EARNINGS:
                return "earnings or market share"
            case Event.OTHER:
                return "other news"
            case _:
                return self.value.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Match:
    """The matcher's verdict on one entry, with its reasons.

    Attributes:
        makers, carriers, others: company ids in order of first mention.
        relevant: a watcher of handset makers and carriers wants to hear of it.
        is_pair: a maker and a carrier are named close together.
        event: what happened; ``event_cue`` is the word that decided.
        reasons: one line each, for people: what was seen, what settled it, what was rejected.
    """

    makers: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    relevant: bool = False
    is_pair: bool = False
    event: Event = Event.OTHER
    event_cue: str = ""
    mentions: tuple[Mention, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def companies(self) -> tuple[str, ...]:
        """All company ids: makers, then carriers, then others."""
        return self.makers + self.carriers + self.others


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who published it: an outlet's id, name, web domains and other spellings of its name."""

    id: str
    name: str
    domains: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    lang: str = ""
    country: str = ""
    is_aggregator: bool = False  # its entries name the true outlet themselves


@dataclass(frozen=True, slots=True)
class EventRule:
    """Words that speak for an event type; ``weight`` is how strongly, 1 the usual.

    Attributes:
        title_only: the words say nothing in a summary.
        pair_only: the words speak so only where a maker and a carrier are named.
    """

    event: Event
    words: tuple[str, ...]
    weight: float = 1.0
    title_only: bool = False
    pair_only: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything ``config/*.toml`` says about the world, checked at load."""

    companies: Mapping[str, Company] = field(default_factory=dict)
    outlets: Mapping[str, Outlet] = field(default_factory=dict)
    event_rules: tuple[EventRule, ...] = ()
    business_words: tuple[str, ...] = ()  # of phones and carriers; one near a name makes it ours
    off_topic_words: tuple[str, ...] = ()  # stadiums, TVs, cars: not what our readers watch
    everyday_words: tuple[str, ...] = ()  # names that are also plain words: never enough alone
    naming_words: tuple[str, ...] = ()  # settle an everyday name right before them ("says")

    def name_of(self, company: str) -> str:
        """The name people know, or the id itself for a company that is gone."""
        known = self.companies.get(company)
        return known.name if known else company
