"""Run atheris, libFuzzer for Python, over one of the laws for some minutes."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
MAX_DOCUMENT = 16 * 2**10  # bytes
MAX_TEXT = 2 * 2**10  # bytes
TIMEOUT_S = 60
MEMORY_MB = 2_048

WORDS = (
    "<item>", "</item>", "<entry>", "</entry>", "<channel>", "</channel>", "<rss version='2.0'>",
    "</rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "</feed>", "<rdf:RDF>", "<guid>",
    "</guid>", "<link>", "</link>", "<title>", "</title>", "<description>", "</description>",
    "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "<!DOCTYPE", "<!ENTITY", "xml:base='/x'",
    "xmlns:x='https://x.example/'", "xmlns:media='http://search.yahoo.com/mrss/'", "<pubDate>",
    "<content:encoded>", "<source url='x'>", "type='xhtml'", "&amp;", "&lt;", "&#38;", "&#xD800;",
    "<script>", "<table>", "<svg>", "<p>", "\u202e", "\u200d", "@everyone", "<@1>", "<!here>",
    "https://", "javascript:", "U.S. ", "\u300c", '{"version":"https://jsonfeed.org/version/1"',
    '"items":[', '"id":', "encoding='gb2312'", "```", "||", "**", "](",
)  # fmt: skip


def main() -> None:
    """Read the arguments, collect what to begin with, and fuzz until the time is over."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("law", choices=["feeds", "text"])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--keep", type=Path, help="folder for the inputs worth keeping")
    chosen = parser.parse_args()
    check = _load(chosen.law)
    with TemporaryDirectory() as folder:
        found = chosen.keep or Path(folder, "found")
        begin, words = Path(folder, "begin"), Path(folder, "words")
        found.mkdir(parents=True, exist_ok=True)
        begin.mkdir()
        longest = MAX_DOCUMENT if chosen.law == "feeds" else MAX_TEXT
        made = _collect(begin, _shorten if chosen.law == "feeds" else _find_text)
        print(f"begins with {made} inputs", flush=True)  # noqa: T201
        words.write_text("".join(map(_as_word, WORDS)), encoding="utf-8")
        limits = [f"-max_total_time={int(chosen.minutes * 60)}", f"-max_len={longest}"]
        _fuzz(
            check, [*limits, str(found), str(begin), f"-dict={words}", f"-artifact_prefix={found}/"]
        )


def _load(law: str) -> Callable[[bytes], None]:
    """The check, with all that it runs watched by the fuzzer."""
    import atheris  # noqa: PLC0415 - an extra that nothing else needs

    watched = ["bot.parsing", "bot.prose", "bot.platforms", "feedparser"]
    with atheris.instrument_imports(include=watched):
        from tests.fuzz import laws  # noqa: PLC0415
    return laws.check_feed if law == "feeds" else laws.check_text


def _collect(folder: Path, cut: Callable[[bytes], bytes]) -> int:
    """An input from each real feed that lies beside the checkout; how many there are."""
    shared = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"), "feeds")
    files = sorted(one for one in shared.rglob("*.*") if one.suffix != ".tsv")
    for number, file in enumerate(files):
        Path(folder, f"{number}{file.suffix}").write_bytes(cut(file.read_bytes()))
    return len(files)


def _shorten(document: bytes) -> bytes:
    """A document with its first two items; a fuzzer gets further with little."""
    ends = [found.end() for found in re.finditer(rb"</(?:item|entry)>", document)]
    if len(ends) < 3:
        return document[:MAX_DOCUMENT]
    tail = document[ends[-1] :][:1_000]
    return document[: min(ends[1], MAX_DOCUMENT - len(tail))] + tail


def _find_text(document: bytes) -> bytes:
    """One of its texts, as it stands there."""
    found = re.findall(
        rb"<(?:title|description|summary|content)[^<>]*>(.*?)</", document, re.DOTALL
    )
    return max((one[:MAX_TEXT] for one in found), key=len, default=document[:MAX_TEXT])


def _as_word(word: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"\n'


def _fuzz(check: Callable[[bytes], None], arguments: list[str]) -> None:
    import atheris  # noqa: PLC0415

    limits = [
        f"-timeout={TIMEOUT_S}",
        f"-rss_limit_mb={MEMORY_MB}",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *limits, *arguments], check, enable_python_coverage=True)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
