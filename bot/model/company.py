"""Who: companies, the forms their names are written in, and mentions of them in a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.wording import NameWords


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
    PEER = "@peer"  # another everyday name of the same role, joined to it ("Mint or Visible")
    MODEL = "#"  # a model number right after the name
    LATIN = "@latin"  # a word in Latin letters right after a name in another script
    POSSESSIVE = "'s"  # right after the name: plain words own little


@dataclass(frozen=True, slots=True)
class Alias:
    """A written form of a company's name and what it needs to count.

    Attributes:
        text: the form as written; upper case matters where ``exact_case`` is set.
        exact_case: True where other cases are another word ("Honor", "honor").
        needs: words of which one must stand near it, () if it stands alone;
            a ``Cue`` among them asks for another company instead of a word.
        unless: words or phrases that, near it, show another meaning.
        brand: the brand or product line it speaks for, or "".
        products: words that, right after it, settle it whatever else its neighbours are
            ("Honor phone"); ``Cue.MODEL`` among them is a model number ("Honor 90"),
            ``Cue.LATIN`` a word in another script, ``Cue.POSSESSIVE`` is "Honor's".
        preceded_by: the same, right before it ("buy Boost").
        followed_by: words that settle it right after it ("Honor says").
        at_start: the same, where the name opens the headline or a sentence.
        not_after, not_before: words that, right before or right after it, show another
            meaning ("to Boost", "Honor the").
        abroad: languages (BCP 47, first part) and countries (ISO 3166) where the name
            belongs to somebody else, unless one of ``abroad_needs`` is in the text.
        is_word: an everyday word as well ("Orange"): the sentence must show that it is a
            name (matching/naming.py).
    """

    text: str
    exact_case: bool = False
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    brand: str = ""
    products: tuple[str, ...] = ()
    preceded_by: tuple[str, ...] = ()
    followed_by: tuple[str, ...] = ()
    at_start: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    abroad: tuple[str, ...] = ()
    abroad_needs: tuple[str, ...] = ()
    is_word: bool = False

    @property
    def stands_alone(self) -> bool:
        """True where the name itself is enough."""
        beside = self.products or self.preceded_by or self.followed_by or self.at_start
        return not (self.needs or beside or self.is_word)


@dataclass(frozen=True, slots=True)
class Company:
    """A company as the catalogue or a person describes it.

    Attributes:
        id: short lower-case id, unique in the catalogue ("att").
        name: as we write it in posts ("AT&T").
        decoys: phrases that hold its name and mean something else ("Honor of Kings").
        side_line: phones are a small part of its business: its news is relevant only
            where a word of that business is beside it (Lenovo, TCL).
        as_is: its aliases count wherever they stand, everyday words or not; whoever
            watches it said so.
    """

    id: str
    name: str
    role: Role
    aliases: tuple[Alias, ...] = ()
    decoys: tuple[str, ...] = ()
    side_line: bool = False
    as_is: bool = False


class Prominence(StrEnum):
    """How much a text makes of a company at one place, the most first."""

    HEADLINE = "headline"
    LEAD = "lead"  # the opening of the description or of the article
    PASSING = "passing"  # further down


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
    prominence: Prominence = Prominence.HEADLINE


@dataclass(frozen=True, slots=True)
class Rejection:
    """A name seen at ``start:end`` (code points) of a text and not taken, and why."""

    company: str
    text: str
    where: str
    reason: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """A maker and a carrier named close together.

    Attributes:
        gap: characters between the two names, 0 if they touch or overlap; title, summary
            and body count as one text with a space between.
        sentence: as published, the sentence that holds both; else the stretch from one to
            the other, with " / " where one field ends and the next begins.
        is_one_sentence: False where ``sentence`` is such a stretch.
        is_passing: the text speaks of other things; such a pair is noted and flags nothing.
    """

    maker: Mention
    carrier: Mention
    gap: int
    sentence: str = ""
    is_one_sentence: bool = False
    is_passing: bool = False


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
        makers, carriers, others: company ids, the most prominent first, then in order of
            appearance.
        relevant: a watcher of handset makers and carriers wants to hear of it.
        relevance: one line on why it is relevant or not; "" where no company is named.
        is_pair: a maker and a carrier are named close together, and not just in passing.
        pair: the most prominent pair, of those the closest; a passing one where there is
            no other; None where none stands close together.
        event: what happened; ``event_cue`` is the word that decided, ``event_reason`` one
            line on it, "" where no company is named.
        watched: ids of companies that somebody watches besides, named up front: to their
            watchers the entry is news.
        relevant_to_all, pair_to_all: relevant, a pair by the companies of the catalogue alone.
        reasons: one line each, for people: what was seen, what settled it, what was rejected.
    """

    makers: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    relevant: bool = False
    relevance: str = ""
    is_pair: bool = False
    pair: Pair | None = None
    event: Event = Event.OTHER
    event_cue: str = ""
    event_reason: str = ""
    watched: tuple[str, ...] = ()
    relevant_to_all: bool = False
    pair_to_all: bool = False
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
    """Words that speak for an event type.

    Attributes:
        words: words and frames as ``matching/frames.py`` reads them; one is enough.
        weight: how strongly they speak; the strongest rule that is met decides.
        title_only: they say nothing in a summary.
        needs: plain words or slots that must all stand in the title or the summary as well.
        unless: plain words or slots that silence the rule in the field they stand in.
        lang: the only language (BCP 47, first part) in which the words mean this, or "".
    """

    event: Event
    words: tuple[str, ...]
    weight: float = 1.0
    title_only: bool = False
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything ``config/*.toml`` says about the world, checked at load."""

    companies: Mapping[str, Company] = field(default_factory=dict)
    outlets: Mapping[str, Outlet] = field(default_factory=dict)
    event_rules: tuple[EventRule, ...] = ()
    event_signs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # show a language
    business_words: tuple[str, ...] = ()  # of phones and carriers; one near a name makes it ours
    off_topic_words: tuple[str, ...] = ()  # stadiums, TVs, cars: not what our readers watch
    affairs_words: tuple[str, ...] = ()  # a company's law, money and safety: ours in any case
    descriptors: tuple[str, ...] = ()  # what the press calls companies ("phone maker")
    everyday_words: tuple[str, ...] = ()  # names that are also plain words: never enough alone
    name_words: NameWords = field(default_factory=NameWords)  # tell watched names from words

    def name_of(self, company: str) -> str:
        """The name people know, or the id itself for a company that is gone."""
        known = self.companies.get(company)
        return known.name if known else company
