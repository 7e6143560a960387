"""What reading a feed costs in CPU: peers, whole, in part, again, and on its way to a worker.

    python -m tests.bench.parse

A document has twenty entries, "plain" with text alone and "rich" with HTML, dates, authors,
categories and full content. feedparser with both sanitisers on is what the reader library
parses with, and is the baseline of each ratio; whatever is ours includes the cleaning of all
texts. The last lines give, for shapes made to hurt, how much longer twice as much takes: two
is linear, four quadratic.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import time
from collections.abc import Callable, Mapping

import feedparser
import psutil

from bot.model import Fetched
from bot.parsing import parse_feed
from bot.parsing.chunks import split_items
from bot.parsing.text import MAX_SUMMARY, clean_text, clean_title
from bot.prose import iter_sentences
from bot.scheduling.workers import ParserPool
from tests.bench._program import run_program

URL = "https://outlet.example/rss"
WORDS = "The market for radios and the towers that carry them grew again this quarter. "
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
    "<channel><title>Outlet</title><link>https://outlet.example/</link>"
    "<lastBuildDate>Mon, 09 Nov 2026 08:{minute:02}:00 +0000</lastBuildDate>"
)
ENTRIES = 20

HOSTILE: dict[str, tuple[Callable[[str], object], str]] = {
    "sentences of initials": (lambda text: list(iter_sentences(text)), "U.S. "),
    "sentences of stops": (lambda text: list(iter_sentences(text)), "."),
    "sentences in quotes": (lambda text: list(iter_sentences(text)), '"a. '),
    "nested blocks": (lambda text: clean_text(text, limit=MAX_SUMMARY), "<div>"),
    "nested lists": (lambda text: clean_text(text, limit=MAX_SUMMARY), "<ul><table>"),
    "stray brackets": (clean_title, "<"),
    "references": (clean_title, "&amp;amp;"),
    "joiners": (clean_title, "\u200d\u0301"),
    "items without end": (split_items, "<item>"),
    "sections without end": (split_items, "<![CDATA["),
    "remarks": (split_items, "<!-- -->"),
    "namespaces": (split_items, "<item>xmlns:a='b' </item>"),
}


def make_document(newest: int, *, rich: bool) -> bytes:
    """Twenty entries, the newest first."""
    make = _make_rich if rich else _make_plain
    items = "".join(make(number) for number in range(newest, newest - ENTRIES, -1))
    return f"{HEAD.format(minute=newest % 60)}{items}</channel></rss>".encode()


def measure_side_by_side(
    runs: Mapping[str, Callable[[], object]], *, passes: int
) -> dict[str, float]:
    """Milliseconds of CPU for one of each: the best of ``passes``, as others share the machine."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(passes):
        for name, run in runs.items():
            started = time.process_time()
            for _ in range(4):
                run()
            best[name] = min(best[name], (time.process_time() - started) / 4 * 1000)
    return best


async def measure_pool(documents: list[bytes], seen: bytes, *, together: int) -> float:
    """Milliseconds of CPU for one document, of this process and its worker."""
    async with ParserPool(timeout_s=60.0) as pool:
        asked = [Fetched(url=URL, body=document) for document in documents]
        await pool.parse(asked[0])
        worker = psutil.Process().children()[-1]
        best = float("inf")
        for _ in range(5):
            before = time.process_time() + sum(worker.cpu_times()[:2])
            for start in range(0, len(asked), together):
                part = asked[start : start + together]
                await asyncio.gather(*(pool.parse(one, seen=seen) for one in part))
            spent = time.process_time() + sum(worker.cpu_times()[:2]) - before
            best = min(best, spent / len(asked))
    return best * 1000


def main() -> None:
    """Print the table of both kinds of documents, then the shapes made to hurt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=40)
    passes = parser.parse_args().passes
    for name, rich in (("plain", False), ("rich", True)):
        _compare(name, passes, rich=rich)
    print(f"\n{'shape':24} {'ms':>8} {'twice':>8} {'ratio':>6}")
    for name, (run, unit) in HOSTILE.items():
        once, twice = (_time_shape(run, unit * (20_000 // len(unit) * k)) for k in (1, 2))
        print(f"{name:24} {once:8.2f} {twice:8.2f} {twice / max(once, 0.01):6.1f}")


def _compare(name: str, passes: int, *, rich: bool) -> None:
    old, new = (make_document(newest, rich=rich) for newest in (50, 51))
    touched = old.replace(b"08:50:00", b"08:59:00")
    marks = parse_feed(old, url=URL).marks
    lean = {"sanitize_html": False, "resolve_relative_uris": False}
    empty = b"<rss version='2.0'><channel/></rss>"
    figures = measure_side_by_side(
        {
            "feedparser, both sanitisers": lambda: feedparser.parse(io.BytesIO(new)),
            "feedparser, neither": lambda: feedparser.parse(io.BytesIO(new), **lean),
            "ours, whole": lambda: parse_feed(new, url=URL),
            "ours, one new of twenty": lambda: parse_feed(new, url=URL, seen=marks),
            "ours, nothing new": lambda: parse_feed(touched, url=URL, seen=marks),
        },
        passes=passes,
    )
    figures |= {
        "worker, whole": asyncio.run(measure_pool([new] * 160, b"", together=32)),
        "worker, one new": asyncio.run(measure_pool([new] * 160, marks, together=32)),
        "worker, one new, alone": asyncio.run(measure_pool([new] * 160, marks, together=1)),
        "worker, empty, alone": asyncio.run(measure_pool([empty] * 160, b"", together=1)),
        "worker, empty": asyncio.run(measure_pool([empty] * 160, b"", together=32)),
    }
    base = figures["feedparser, both sanitisers"]
    print(f"\n{name}: {len(new) / 1000:.0f} KB, marks {len(marks)} bytes")
    print(f"{'':28} {'ms CPU':>8} {'times less':>11}")
    for what, figure in figures.items():
        print(f"{what:28} {figure:8.2f} {base / figure:11.1f}")


def _make_plain(number: int) -> str:
    return (
        f"<item><guid>{number}</guid><title>Outlet reports item {number}</title>"
        f"<link>https://outlet.example/{number}</link>"
        f"<description>{WORDS * 10}</description></item>"
    )


def _make_rich(number: int) -> str:
    return (
        f"<item><title>Outlet reports item {number} &amp; more</title>"
        f"<link>https://outlet.example/{number}</link>"
        f"<comments>https://outlet.example/{number}#comments</comments>"
        "<dc:creator><![CDATA[Ann Writer]]></dc:creator>"
        f"<pubDate>Mon, 09 Nov 2026 0{number % 10}:30:00 +0000</pubDate>"
        "<category><![CDATA[Phones]]></category><category>Networks</category>"
        f'<guid isPermaLink="false">https://outlet.example/?p={number}</guid>'
        f"<description><![CDATA[<p>{WORDS * 3}<a href='https://x.example/'>more</a></p>]]>"
        f'</description><content:encoded><![CDATA[<p><img src="a.png"/>{WORDS * 4}</p>'
        f"<p>{WORDS * 3}</p>]]></content:encoded>"
        f'<media:thumbnail url="https://x.example/{number}.jpg" width="100"/></item>'
    )


def _time_shape(run: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    run(text)
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    run_program(main)
