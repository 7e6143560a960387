"""What the core asks of the network and of the platforms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from bot.model import (
    Delivery,
    Destination,
    Digest,
    Feed,
    FeedLink,
    FeedSpec,
    Fetched,
    HubSubscription,
    Message,
    ParsedFeed,
    Platform,
)


class Fetcher(Protocol):
    """Asks a feed's server."""

    async def fetch(self, feed: Feed, *, conditional: bool) -> Fetched:
        """Ask for ``feed`` once; with its validators if ``conditional``.

        Raises:
            FeedError: no usable answer; every subclass says why.
        """
        ...


class HubAsker(Protocol):
    """Asks hubs to push feeds to us, or to stop that."""

    async def ask(
        self, subscription: HubSubscription, *, leaves: bool, callback: str, lease_s: float
    ) -> None:
        """Hand in the question; the hub verifies at ``callback`` that it was us, soon or later.

        Args:
            leaves: it is to stop.
            lease_s: for how many seconds it is to push; it decides for itself.

        Raises:
            FeedError: it was not taken; every subclass says why.
        """
        ...


class Parser(Protocol):
    """Reads a document away from the event loop, within limits of time and memory."""

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        """Read the body of ``fetched``.

        Args:
            seen: the marks of the document before; items that stand there as they stand here
                are left unread. b"" to have all of it read.

        Raises:
            FeedUnreadable: no feed in it, refused as dangerous, or over the limits.
        """
        ...


class Extractor(Protocol):
    """Reads a page away from the event loop, within limits of time and memory."""

    async def extract(self, page: Fetched) -> str:
        """The text of the article in ``page``, paragraphs apart by an empty line.

        "" where there is none, or where the page keeps it for those who pay.

        Raises:
            FeedUnreadable: over the limits.
        """
        ...


class FeedLinkReader(Protocol):
    """Reads a page away from the event loop, within limits of time and memory."""

    async def find_feed_links(self, page: Fetched) -> tuple[FeedLink, ...]:
        """The feeds that ``page`` names, the best first; see ``bot.parsing.find_feed_links``.

        Raises:
            FeedUnreadable: over the limits.
        """
        ...


class ArticleReader(Protocol):
    """Reads the articles that entries link to, as far as their sites like that."""

    async def read(self, link: str, *, found_in: str) -> str:
        """The plain text of the article at ``link``, paragraphs apart by an empty line.

        "" where there is none, where it may not be read, or where it did not come in time:
        what the network and the page do wrong is never raised, and the wait is bounded.

        Args:
            found_in: the address of the feed that has the link. It may lead to the
                operator's own machines only if the feed itself is on one of them.
        """
        ...


class Abstracter(Protocol):
    """Asks somebody to tell in their own words what an article says."""

    async def abstract(self, *, title: str, text: str, companies: Collection[str]) -> str:
        """One or two sentences about the article, which must name all of ``companies``.

        "" where there are none; failures are never raised, and the wait is bounded. Nobody
        vouches for the answer: ``bot.summaries.check_abstract`` judges it.

        Args:
            companies: names as the article writes them, one of each company.
        """
        ...


class Sender(Protocol):
    """Puts messages where people see them."""

    @property
    def platform(self) -> Platform:
        """The platform it speaks to."""
        ...

    @property
    def is_up(self) -> bool:
        """Whether it makes sense to send now; what is owed waits while it does not."""
        ...

    async def send(
        self, delivery: Delivery, message: Message | Digest, *, reply_to: str = ""
    ) -> str:
        """Post ``message``, or edit the post ``delivery.message_ref`` names; give its id.

        A new post is a reply to the post that ``reply_to`` names, if any, in a thread of that
        post where ``delivery.opens_thread``. Where ``delivery.unclear_since`` is set, an
        earlier call may have made the post: the platform is searched for it first.

        ``delivery.id`` is the key under which a repeated call must not post twice,
        as far as the platform allows that.

        Raises:
            SendError: every subclass says whether to repeat.
        """
        ...


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that is there: it was fetched and read.

    Attributes:
        spec: its address, after redirects that are for good, and its own title.
        entries: how many it lists now.
        titles: of the first few, newest first.
    """

    spec: FeedSpec
    entries: int
    titles: tuple[str, ...] = ()


class FeedFinder(Protocol):
    """Finds the feeds behind an address that a person gave."""

    def check(self, url: str) -> None:
        """Refuse an address that ``find_feeds`` would never ask; nothing is asked or resolved.

        Raises:
            AddressRefused: as it is written it leads nowhere that strangers may go.
        """
        ...

    async def find_feeds(self, url: str) -> tuple[FoundFeed, ...]:
        """The feed at ``url``, or those that the page there names, the best first.

        Raises:
            InputInvalid: no address, or there is no feed; the message says what was found
                there and what to do.
            FeedError: the address could not be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class PlaceProblem:
    """Why posts in a channel would fail or look poor.

    Attributes:
        text: one line that says what to change.
        is_grave: nothing arrives there until that is done.
        is_gone: there is no such channel, and never will be again.
    """

    text: str
    is_grave: bool
    is_gone: bool = False


class Places(Protocol):
    """Knows the channels of a platform."""

    async def enter(self, destination: Destination) -> None:
        """Go where posts are to be made, if the bot may by itself and is not there yet.

        Never raises: what then still stands in the way, ``find_problems`` tells.
        """
        ...

    async def find_problems(self, destination: Destination) -> tuple[PlaceProblem, ...]:
        """Why posts there would fail or look poor, the gravest first.

        () where everything is fine.
        """
        ...
