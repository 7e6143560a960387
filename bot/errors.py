"""Every error this project raises on purpose, and who must act on it.

    NewsbotError
    ├── OperatorError              the operator: a setting, a file, a database
    │   ├── SettingsInvalid
    │   ├── CatalogueInvalid
    │   ├── DatabaseUnusable
    │   │   └── DatabaseAway       or time: the server may be there in a moment
    │   └── InputInvalid           a file or an argument given on the command line
    ├── FeedError                  the feed's publisher, or time
    │   ├── AddressRefused
    │   ├── FeedUnreachable
    │   ├── FeedTooLarge
    │   ├── FeedEncodingRefused
    │   ├── FeedUnreadable
    │   └── PageRefused            an article's page is left unread
    ├── StoriesMoved               nobody: whoever decided reads again and decides anew
    └── SendError                  the platform, or the people of the channel
        ├── SendUnclear            may have arrived: repeat with the same key
        ├── SendRefusedForNow      did not arrive: repeat later
        ├── SendParked             nothing arrives there until a person changes something
        ├── PostGone               people deleted the post that was to be edited
        └── SendRefused            this message will never arrive there

Anything else that is raised is a defect of ours. A message names the subject,
what happened, the setting that governs it and what comes next; it never holds
a token, a password or a webhook address.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "SETTLED_BY_US",
    "AddressRefused",
    "CatalogueInvalid",
    "DatabaseAway",
    "DatabaseUnusable",
    "FeedEncodingRefused",
    "FeedError",
    "FeedTooLarge",
    "FeedUnreachable",
    "FeedUnreadable",
    "InputInvalid",
    "NewsbotError",
    "OperatorError",
    "PageRefused",
    "PostGone",
    "SendError",
    "SendParked",
    "SendRefused",
    "SendRefusedForNow",
    "SendUnclear",
    "SettingsInvalid",
    "StoriesMoved",
    "Trouble",
]


class Trouble(StrEnum):
    """Why a feed gave nothing, as far as its people and its schedule care.

    Words for people are found by it in bot/commands/troubles.py.
    """

    NONE = ""
    REFUSED_ADDRESS = "address"  # may not be asked: private, credentials, another scheme
    NAME = "name"  # its host name leads nowhere
    CONNECTION = "connection"  # no connection, or one that broke
    TLS = "tls"  # its certificate is not valid, or no TLS at all
    SLOW = "slow"  # no whole answer in time
    BLOCKED = "blocked"  # a wall against programs: 403, a challenge of Cloudflare and the like
    LOGIN = "login"  # 401, or a page that asks for a login
    PAYMENT = "payment"  # 402
    MISSING = "missing"  # 404
    GONE = "gone"  # 410, or moved to nowhere
    BUSY = "busy"  # 429 or 503
    SERVER = "server"  # other 5xx
    ANSWER = "answer"  # another status, redirects without end, what is not HTTP
    TOO_LARGE = "too large"
    ENCODING = "encoding"  # packed in a way that we did not ask for
    PAGE = "page"  # a web page in the feed's place
    PORTAL = "portal"  # a network's own page in the feed's place
    UNREADABLE = "unreadable"  # no feed, or too broken to read
    DANGEROUS = "dangerous"  # refused for what it would do to its reader
    HEAVY = "heavy"  # over the reader's limits of time or memory


SETTLED_BY_US = frozenset({Trouble.REFUSED_ADDRESS, Trouble.TOO_LARGE, Trouble.HEAVY})
"""Refusals of our own, which the operator's settings decide: ``fetch.allow_addresses``,
``fetch.max_bytes``, ``parse.timeout_s``, ``parse.max_memory_mb``."""


class NewsbotError(Exception):
    """The root: catch it where one line on the screen is the right answer."""


class OperatorError(NewsbotError):
    """The operator can mend it; the command stops with exit code 2."""


class SettingsInvalid(OperatorError):
    """A key or value in the settings file or the environment is wrong."""


class CatalogueInvalid(OperatorError):
    """A file of ``config/`` names companies, outlets or feeds wrongly."""


class DatabaseUnusable(OperatorError):
    """The database cannot be opened, is newer than this program, or is in use."""


class DatabaseAway(DatabaseUnusable):
    """A database server does not answer, or not yet; nothing is known to be wrong with it."""


class InputInvalid(OperatorError):
    """A file or argument on the command line cannot be read as what it should be."""


_PROMISES = ("asked again", "not asked again", "skipped until", "tried again")
"""How the last part of a message begins that says what comes next."""


class FeedError(NewsbotError):
    """This feed gave nothing this time; its state is kept and it is asked again later.

    Attributes:
        trouble: what kind of thing went wrong; each class has the likeliest as its own.
    """

    trouble = Trouble.UNREADABLE

    def __init__(self, message: str, *, trouble: Trouble = Trouble.NONE) -> None:
        super().__init__(message)
        if trouble:
            self.trouble = trouble

    @property
    def fact(self) -> str:
        """The message without the promise at its end, which holds for feeds that are polled."""
        text, _, last = str(self).rpartition("; ")
        return text if text and last.startswith(_PROMISES) else str(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep what is known beside the message on the way between processes."""
        return _revive, (type(self), str(self), dict(self.__dict__))


class AddressRefused(FeedError):
    """The name resolves to a private or local address, or the URL is of a refused form."""

    trouble = Trouble.REFUSED_ADDRESS


class FeedUnreachable(FeedError):
    """No answer in time, or an answer of 4xx or 5xx.

    Attributes:
        status: the HTTP status, or None when there was no answer at all.
        retry_after_s: the delay in seconds the server named, or None.
        was_asked: False where nothing was sent, as the host had asked to be left alone for
            ``retry_after_s`` more: that tells nothing about this feed.
    """

    trouble = Trouble.CONNECTION

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        trouble: Trouble = Trouble.NONE,
        was_asked: bool = True,
    ) -> None:
        super().__init__(message, trouble=trouble)
        self.status = status
        self.retry_after_s = retry_after_s
        self.was_asked = was_asked


class FeedTooLarge(FeedError):
    """The body passed the limit after decompression; none of it is kept."""

    trouble = Trouble.TOO_LARGE


class FeedEncodingRefused(FeedError):
    """The body is compressed in a way we did not ask for, or not as its header says."""

    trouble = Trouble.ENCODING


class FeedUnreadable(FeedError):
    """The body is no feed, is refused as dangerous, or broke the parser's limits.

    Attributes:
        was_read: False where nobody tried, as too many others were being read: that tells
            nothing about this feed.
    """

    def __init__(
        self, message: str, *, trouble: Trouble = Trouble.NONE, was_read: bool = True
    ) -> None:
        super().__init__(message, trouble=trouble)
        self.was_read = was_read


class PageRefused(FeedError):
    """An article's page is left unread: its site asks that of programs, or it is no HTML.

    Attributes:
        site: whose word it is, where that is said of more than this page; else "".
    """

    def __init__(self, message: str, *, site: str = "") -> None:
        super().__init__(message)
        self.site = site


class StoriesMoved(NewsbotError):
    """Somebody else wrote a story after it was read; nothing of what was decided is written."""


class SendError(NewsbotError):
    """A message could not be handed to its platform."""


class SendUnclear(SendError):
    """The message may or may not have arrived; repeat it under the same key."""


class SendRefusedForNow(SendError):
    """The platform refused for now, and the message did not arrive.

    Attributes:
        retry_after_s: the delay in seconds the platform named, or None.
        is_general: any message would have been refused: the platform is away, its limit is
            reached, our token is not taken. The message is not given up for that.
        is_paced: the platform was not even asked: by our own pace its turn comes later. That
            counts as no attempt, so the wait is ``retry_after_s`` however often it happens.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        is_general: bool = False,
        is_paced: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.is_general = is_general
        self.is_paced = is_paced


class SendParked(SendError):
    """The platform takes nothing there: channel gone, access or permission taken away.

    The message says what a person must change. The destination's subscription is parked:
    what is owed waits until somebody resumes it.

    Attributes:
        is_unclear: the message may have arrived all the same, by an earlier request of the
            same call; whoever sends it again looks for it first.
    """

    def __init__(self, message: str, *, is_unclear: bool = False) -> None:
        super().__init__(message)
        self.is_unclear = is_unclear


class PostGone(SendError):
    """The post that was to be edited is not there any more; it is not made again."""


class SendRefused(SendError):
    """The platform will never take this message there, though it takes others.

    Attributes:
        is_unclear: as of ``SendParked``.
    """

    def __init__(self, message: str, *, is_unclear: bool = False) -> None:
        super().__init__(message)
        self.is_unclear = is_unclear


def _revive(kind: type[FeedError], message: str, known: dict[str, object]) -> FeedError:
    error = kind(message)
    error.__dict__.update(known)
    return error
