"""How feeds are doing, in plain words: what is wrong, what can be done, how often they speak."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import Trouble
from bot.model import Feed

_SETTING = re.compile(r" \((?:[a-z_]+\.[a-z_]+)(?: = [^()]*)?\)")
_PERIODS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_COUNTED = ((3_600, "an hour"), (86_400, "a day"), (604_800, "a week"), (2_592_000, "a month"))

_PASSES = "Mostly this passes by itself."
_FIND_IT = "/feeds add with the address of the outlet's page finds where the feed is now."


@dataclass(frozen=True, slots=True)
class Words:
    """What a trouble is called.

    Attributes:
        plain: what is wrong, as the end of "I cannot read it: …".
        advice: what people can do about it.
        operator: what else whoever runs the bot can do, with the setting, or "".
        is_telling: the line of the failure says more, and stands beside it in lists.
    """

    plain: str
    advice: str
    operator: str = ""
    is_telling: bool = False


WORDS = {
    Trouble.REFUSED_ADDRESS: Words(
        "its address is one that I may not ask",
        "I read public addresses only, without a password in them; whoever runs the bot can "
        "open others.",
        "fetch.allow_addresses opens addresses of your own network.",
        is_telling=True,
    ),
    Trouble.NAME: Words(
        "its host name leads nowhere",
        "Compare the address with the outlet's; if the site is gone, remove the feed.",
        is_telling=True,
    ),
    Trouble.CONNECTION: Words("its server takes no connection", _PASSES, is_telling=True),
    Trouble.TLS: Words(
        "its server's certificate is not in order",
        "Only its publisher can mend that; the outlet's page may name another address.",
        is_telling=True,
    ),
    Trouble.SLOW: Words(
        "its server does not answer in time",
        _PASSES,
        "fetch.deadline_s is how long it may take.",
    ),
    Trouble.BLOCKED: Words(
        "its server keeps programs out",
        "Look for another feed of that outlet, or ask its publisher to let newsbot through.",
        "fetch.contact_url tells publishers whom they would let in.",
        is_telling=True,
    ),
    Trouble.LOGIN: Words(
        "it wants a login",
        "I never log in; look for a feed of theirs that is open to all.",
        is_telling=True,
    ),
    Trouble.PAYMENT: Words(
        "it wants money", "I never pay; look for a feed of theirs that is open to all."
    ),
    Trouble.MISSING: Words("there is nothing at its address any more", _FIND_IT),
    Trouble.GONE: Words(
        "its publisher took it away for good", f"{_FIND_IT} Then remove this one.", is_telling=True
    ),
    Trouble.BUSY: Words(
        "its server asks to be left alone for a while",
        "There is nothing to do but wait until that is over.",
    ),
    Trouble.SERVER: Words("its server is out of order", _PASSES, is_telling=True),
    Trouble.ANSWER: Words("its server's answer brings no feed", _PASSES, is_telling=True),
    Trouble.TOO_LARGE: Words(
        "it is larger than I may read",
        "Look for a shorter feed of that outlet; whoever runs the bot can raise the limit.",
        "fetch.max_bytes is the limit.",
        is_telling=True,
    ),
    Trouble.ENCODING: Words(
        "it is packed in a way that I cannot open", "Only its publisher can mend that."
    ),
    Trouble.PAGE: Words(
        "there is a web page in its place",
        "/feeds add with that page's address finds its feed, if it names one.",
        is_telling=True,
    ),
    Trouble.PORTAL: Words(
        "a network's own page stands in its place",
        "Whoever runs the bot must let its machine into its network.",
        "Open any page in a browser on that machine, or ask who runs its network.",
        is_telling=True,
    ),
    Trouble.UNREADABLE: Words(
        "what is there is no feed, or too broken to be read",
        "Only its publisher can mend that; the outlet's page may name another feed.",
        is_telling=True,
    ),
    Trouble.DANGEROUS: Words(
        "it holds what harms readers, so it is refused",
        "Its publisher may not know of it; the outlet's page may name another feed.",
        is_telling=True,
    ),
    Trouble.HEAVY: Words(
        "reading it takes too much time or memory",
        "Look for a shorter feed of that outlet; whoever runs the bot can raise the limits.",
        "parse.timeout_s and parse.max_memory_mb are the limits.",
    ),
}
"""Of every trouble; a failure of no known kind is told in its own words."""


def tell_trouble(feed: Feed) -> str:
    """What is wrong with a failing feed, on one line."""
    words, line = WORDS.get(feed.trouble), explain(feed)
    if words is None:
        return line
    return f"{words.plain} ({line})" if words.is_telling and feed.error else words.plain


def explain(feed: Feed) -> str:
    """The line of its failure, without its address and what is done about it."""
    return explain_line(feed.error, feed.url) or "it could not be read"


def explain_line(error: str, url: str) -> str:
    """``error``, one of those of a fetch of ``url``, as people read it who see the address."""
    text = error.removeprefix(f"{url}: ")
    text = re.sub(r"^https?://\S+?: ", "", text)
    text = _SETTING.sub("", text.rpartition("; ")[0] or text)
    return text.rstrip(". ")


def advise_on(trouble: Trouble, *, is_operator: bool) -> str:
    """What can be done about it, in one or two sentences; "" where nothing is known.

    Args:
        is_operator: whoever asks can change settings.
    """
    words = WORDS.get(trouble)
    if words is None:
        return ""
    if not is_operator:
        return words.advice
    said = f"{words.advice} {words.operator}".rstrip()
    return said.replace("/feeds add with", "`newsbot feeds add` with")


def tell_gap(gap_s: float) -> str:
    """How often new entries come that are ``gap_s`` seconds apart: "about 6 entries a day"."""
    for length, unit in _COUNTED:
        count = round(length / max(gap_s, 1.0))
        if count >= 2:
            return f"about {count:,} entries {unit}"
    return "about one entry a month, or fewer"


def tell_interval(seconds: float) -> str:
    """How often something is done every ``seconds``: "about every 10 minutes"."""
    seconds = max(1, round(seconds))
    length, unit = next(period for period in _PERIODS if seconds >= period[0])
    count = round(seconds / length)
    return f"about every {f'{count} {unit}s' if count > 1 else unit}"


def tell_rhythm(feed: Feed) -> str:
    """How often it is asked, as the time from the last poll to the next says; "" if unknown."""
    if feed.polled_at is None or feed.next_due_at <= feed.polled_at:
        return ""
    return tell_interval((feed.next_due_at - feed.polled_at).total_seconds())


def tell_failures(failures: int) -> str:
    """Say "once" or "7 times in a row"."""
    return "once" if failures == 1 else f"{failures} times in a row"
