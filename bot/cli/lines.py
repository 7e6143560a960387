"""Commands that read a file or JSON lines and print JSON lines: each step by itself."""

from __future__ import annotations

import asyncio
import codecs
import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from bot.cli.setup import read_catalogue, read_settings, write_utf8
from bot.errors import FeedUnreadable, InputInvalid

if TYPE_CHECKING:
    from bot.model import Fetched, ParsedFeed
    from bot.settings import Settings

STDIN = Path("-")

_HALF = re.compile(rb"\\u[dD]")  # how JSON writes half of a pair; UTF-8 cannot

FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="JSON lines in UTF-8; standard input if it is - or none is named.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(parse)
    app.command("match")(match_lines)
    app.command()(cluster)
    app.command()(summarise)


def parse(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The body of one response (RSS, Atom, RDF, JSON Feed); unpacked if its name "
            "ends in .gz; - is standard input.",
        ),
    ],
    url: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Where it came from: relative links are resolved against it."
        ),
    ] = "",
    content_type: Annotated[
        str,
        typer.Option(
            metavar="TYPE", help="The Content-Type header it came with; may name a charset."
        ),
    ] = "",
) -> None:
    """Read one feed document: a JSON object a line for each entry.

    Keys: title, link, id, published (ISO 8601 with offset), summary; null where there is none.
    Exit code 1 and a message where there is no feed in it, 2 where the file cannot be read.
    """
    from bot.model import Fetched
    from bot.parsing import describe_entry

    settings = read_settings(context)
    body = _read_body(file, max_bytes=settings.fetch.max_bytes)
    fetched = Fetched(url=url, body=body, content_type=content_type)
    try:
        parsed = asyncio.run(_parse(fetched, settings))
    except FeedUnreadable as error:
        typer.echo(f"newsbot: {_name(file)}: {str(error).removeprefix(f'{url}: ')}", err=True)
        raise typer.Exit(1) from None
    for entry in parsed.entries:
        _print_line(describe_entry(entry))


def match_lines(
    context: typer.Context,
    file: FileArgument = STDIN,
    watch: Annotated[
        list[str] | None,
        typer.Option(
            "--watch",
            metavar="NAME",
            help='Look for this company as well; "NAME=ALIAS,ALIAS" gives it further names; '
            "repeatable.",
        ),
    ] = None,
) -> None:
    """Say which companies items name, and whether they are news for us.

    Reads JSON lines with id, title, desc (lang, url, source, date where known); prints
    for each id, makers, carriers, extra (of --watch), relevant (0 or 1) and event.
    Exit code 1 if a line could not be read; the others are answered.
    """
    from bot.cli.watch import read_inline_watches
    from bot.matching import Matcher, flag_line

    catalogue = read_catalogue(read_settings(context))
    matcher = Matcher(catalogue, watched=read_inline_watches(watch or (), catalogue))
    _answer_lines(file, lambda item: flag_line(matcher, item))


def cluster(context: typer.Context, file: FileArgument = STDIN) -> None:
    """Group items into stories, in the order they come, as the bot would see them.

    Reads JSON lines with id, title, desc, time (source, url where known); prints for each
    id and cluster, which is the same for items that tell the same story.
    Exit code 1 if a line could not be read; the others are answered.
    """
    from bot.matching import Matcher
    from bot.stories import ClusterLines, OutletNames

    catalogue = read_catalogue(read_settings(context))
    match = partial(Matcher(catalogue).match, explained=False)  # nobody sees the reasons
    stories = ClusterLines(match, OutletNames(catalogue.outlets))
    _answer_lines(file, stories.add)


def summarise(context: typer.Context, file: FileArgument = STDIN) -> None:
    """Summarise items in a sentence or two of their own words.

    Reads JSON lines with id, title, desc or article; prints for each id and summary.
    Exit code 1 if a line could not be read; the others are answered.
    """
    from bot.matching import Matcher
    from bot.summaries import summary_line

    matcher = Matcher(read_catalogue(read_settings(context)))
    _answer_lines(file, lambda item: summary_line(item, matcher.name))


async def _parse(fetched: Fetched, settings: Settings) -> ParsedFeed:
    from bot.app import parser_pool

    async with parser_pool(settings) as pool:
        return await pool.parse(fetched)


def _read_body(file: Path, *, max_bytes: int) -> bytes:
    """The file's bytes, unpacked where its name ends in ``.gz``.

    Raises:
        InputInvalid: it cannot be read, is not gzip, or is larger than the bot would fetch.
    """
    try:
        with _open(file) as stream:
            if file.suffix == ".gz":
                with gzip.GzipFile(fileobj=stream) as packed:
                    body = packed.read(max_bytes + 1)
            else:
                body = stream.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputInvalid(f"{_name(file)}: {_reason(error)}") from None
    if len(body) > max_bytes:
        raise InputInvalid(
            f"{_name(file)}: larger than {max_bytes} bytes, so the bot would not take it "
            "(fetch.max_bytes)"
        )
    return body


def _answer_lines(file: Path, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Print the answer to every line; say which lines could not be read, and exit 1 for them."""
    bad = 0
    for number, line in _read_lines(file):
        try:
            item = _read_item(line)
        except ValueError as error:
            bad += 1
            typer.echo(f"newsbot: {_name(file)}:{number}: {error}", err=True)
            continue
        _print_line(answer(item))
    if bad:
        lines = "1 line" if bad == 1 else f"{bad} lines"
        typer.echo(f"newsbot: {lines} could not be read; no answer for these", err=True)
        raise typer.Exit(1)


def _read_item(line: bytes) -> dict[str, Any]:
    """The object on a line.

    Raises:
        ValueError: there is none, or none with an id; the text says what there is.
    """
    try:
        item = json.loads(line.decode())
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"no UTF-8 at byte {error.start + 1}") from None
    except RecursionError:
        raise ValueError("no JSON that anybody can read: nested too deep") from None
    if not isinstance(item, dict) or "id" not in item:
        raise ValueError('expected an object with an "id"')
    if _HALF.search(line) and not _is_text(item):
        raise ValueError("half of a surrogate pair (\\ud800 to \\udfff) is no text")
    return item


def _is_text(item: dict[str, Any]) -> bool:
    try:
        json.dumps(item, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that are not empty, with their numbers.

    Raises:
        InputInvalid: the file cannot be read.
    """
    try:
        with _open(file) as stream:
            for number, line in enumerate(stream, start=1):
                text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                if text.strip():
                    yield number, text
    except OSError as error:
        raise InputInvalid(f"{_name(file)}: {_reason(error)}") from None


def _open(file: Path) -> BinaryIO:
    return sys.stdin.buffer if file == STDIN else file.open("rb")


def _name(file: Path) -> str:
    return "standard input" if file == STDIN else str(file)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _print_line(answer: dict[str, Any]) -> None:
    write_utf8(json.dumps(answer, ensure_ascii=False) + "\n")
