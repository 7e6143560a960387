"""What must hold for any bytes at all. No fuzzer is needed to check it."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable

from bot.model import Entry, ParsedFeed
from bot.parsing.dates import read_date
from bot.parsing.text import MAX_BODY, MAX_SUMMARY, MAX_TITLE, clean_text, clean_title, make_visible
from bot.platforms.discord import inert as discord
from bot.platforms.preview import markdown, mrkdwn
from bot.platforms.slack import inert as slack
from bot.prose import iter_sentences
from bot.prose.addresses import address_or_none
from bot.prose.fitting import units
from bot.prose.inert import clean_text as clean_line
from tests.parsing.law import read_after

MAX_LINE = 500
"""Characters of a text that the readers of our own posts are given."""

_CUTS = re.compile(rb"(?=<item[\s>])|(?<=</item>)|(?=<entry[\s>])|(?<=</entry>)|(?<=\},)")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def check_feed(document: bytes) -> None:
    """Reading ``document`` is refused or stays in bounds, and in part gives what the whole gives.

    The document before is made of it: items go, come twice, change places or change a byte.
    """
    dice = random.Random(zlib.crc32(document))
    pieces = _CUTS.split(document)
    change = dice.choice((_drop, _repeat, _swap, _alter))
    other = b"".join(change(pieces, dice))
    for old, new in ((other, document), (document, other)):
        outcome = read_after(old, new)
        if isinstance(outcome, ParsedFeed):
            _check_bounds(outcome)


def check_text(raw: bytes) -> None:
    """Text of strangers, cleaned and made harmless, keeps its bounds and calls nobody."""
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    title, body = clean_title(text), clean_text(text, limit=MAX_SUMMARY)
    assert len(title) <= MAX_TITLE
    assert len(body) <= MAX_SUMMARY
    assert title == " ".join(title.split())
    for cleaned in (title, body, make_visible(text)):
        assert not _UNSEEN.search(cleaned), cleaned
    assert "".join("".join(iter_sentences(body)).split()) == "".join(body.split())
    read_date(text)
    for stranger in (text[:MAX_LINE], title[:MAX_LINE]):
        _check_discord(stranger)
        _check_slack(stranger)


def _check_bounds(feed: ParsedFeed) -> None:
    keys = [key for entry in feed.entries for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert len(feed.title) <= MAX_TITLE
    assert "\n" not in feed.flaw + feed.hub + feed.topic
    for entry in feed.entries:
        _check_entry(entry)


def _check_entry(entry: Entry) -> None:
    assert entry.keys
    assert all(0 < len(key) <= 200 for key in entry.keys)
    assert len(entry.title) <= MAX_TITLE
    assert len(entry.summary) <= MAX_SUMMARY
    assert len(entry.body) <= MAX_BODY
    assert entry.title or entry.summary or entry.link
    assert "\n" not in entry.title
    for address in filter(None, (entry.link, entry.outlet_url)):
        assert address.startswith(("http://", "https://"))
    for text in (entry.title, entry.summary, entry.body, entry.outlet_name):
        assert not _UNSEEN.search(text)
        text.encode()
    if entry.published_at is not None:
        assert entry.published_at.utcoffset() is not None


def _check_discord(text: str) -> None:
    said, seen = discord.inert(text, 10**6), clean_line(text)
    assert markdown.parse(said) == ((markdown.Node("text", seen),) if seen else ())
    assert {node.kind for node in markdown.parse(discord.code(text))} == {"code"}
    _check_fit(discord.inert, text)
    linked = markdown.parse(discord.link(text, "https://a.example/x", 200))
    assert {node.kind for node in linked} <= {"text", "link"}
    assert all(node.target == "https://a.example/x" for node in linked if node.kind == "link")
    address = discord.link("label", text, 200)
    assert {node.target for node in markdown.parse(address)} <= {"", address_or_none(text)}


def _check_slack(text: str) -> None:
    said, seen = slack.inert(text, 10**6), slack.unmark(clean_line(text))
    assert mrkdwn.parse(said) == ((markdown.Node("text", seen),) if seen else ())
    assert not re.search("[<>]", said)
    assert {node.kind for node in mrkdwn.parse(slack.code(text, 200))} == {"code"}
    _check_fit(slack.inert, text)
    linked = mrkdwn.parse(slack.link(text, "https://a.example/x", 200))
    assert {node.kind for node in linked} <= {"text", "link"}
    address = slack.link("label", text, 200)
    assert {node.target for node in mrkdwn.parse(address)} <= {"", address_or_none(text)}


def _check_fit(inert: Callable[[str, int], str], text: str) -> None:
    for room in (0, 1, 17, 300):
        assert units(inert(text, room)) <= room


def _drop(pieces: list[bytes], dice: random.Random) -> list[bytes]:
    del pieces[dice.randrange(len(pieces))]
    return pieces


def _repeat(pieces: list[bytes], dice: random.Random) -> list[bytes]:
    pieces.insert(dice.randrange(len(pieces) + 1), dice.choice(pieces))
    return pieces


def _swap(pieces: list[bytes], dice: random.Random) -> list[bytes]:
    one, other = dice.randrange(len(pieces)), dice.randrange(len(pieces))
    pieces[one], pieces[other] = pieces[other], pieces[one]
    return pieces


def _alter(pieces: list[bytes], dice: random.Random) -> list[bytes]:
    place = dice.randrange(len(pieces))
    piece = bytearray(pieces[place])
    if piece:
        piece[dice.randrange(len(piece))] = dice.choice(b"<>&;/!-[]\"' \x00aZ0\xc3\xa9")
    pieces[place] = bytes(piece)
    return pieces
