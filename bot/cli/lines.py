"""Commands that read a file or JSON lines and print JSON lines: each step by itself."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from bot.app import open_catalogue, parser_pool
from bot.cli.setup import read_settings
from bot.errors import FeedUnreadable, InputInvalid
from bot.matching import Matcher, flag_line, watched_company
from bot.model import Fetched, ParsedFeed
from bot.parsing import describe_entry
from bot.settings import Settings
from bot.stories import ClusterLines, OutletNames
from bot.summaries import summary_line

FileArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="JSON lines; standard input if none is named."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(parse)
    app.command("match")(match_lines)
    app.command()(cluster)
    app.command()(summarise)


def parse(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="One response body; `.gz` as it came.")],
    url: Annotated[
        str, typer.Option(help="Where it came from: relative links are resolved against it.")
    ] = "",
    content_type: Annotated[
        str, typer.Option(help="The Content-Type header it came with; may name a charset.")
    ] = "",
) -> None:
    """Read one feed document: a JSON object a line for each entry.

    Keys: title, link, id, published (ISO 8601), summary; null where there is none.
    Exit code 1 and a message where there is no feed in it.
    """
    settings = read_settings(context)
    body = _read_body(file, max_bytes=settings.fetch.max_bytes)
    fetched = Fetched(url=url, body=body, content_type=content_type)
    try:
        parsed = asyncio.run(_parse(fetched, settings))
    except FeedUnreadable as error:
        typer.echo(f"newsbot: {file}: {error}", err=True)
        raise typer.Exit(1) from None
    for entry in parsed.entries:
        _print_line(describe_entry(entry))


def match_lines(
    context: typer.Context,
    file: FileArgument = None,
    watch: Annotated[
        list[str] | None,
        typer.Option("--watch", metavar="NAME", help="Look for this company as well; repeatable."),
    ] = None,
) -> None:
    """Flag items: JSON lines with id, title, desc in; id, makers, carriers, … out."""
    settings = read_settings(context)
    watched = tuple(watched_company(name) for name in watch or ())
    matcher = Matcher(open_catalogue(settings), watched=watched)
    _answer_lines(file, lambda item: flag_line(matcher, item))


def cluster(context: typer.Context, file: FileArgument = None) -> None:
    """Group items into stories: JSON lines with id, title, time in; id and cluster out.

    Items are taken in the order they come, as the bot would see them.
    """
    catalogue = open_catalogue(read_settings(context))
    stories = ClusterLines(Matcher(catalogue).match, OutletNames(catalogue.outlets))
    _answer_lines(file, stories.add)


def summarise(context: typer.Context, file: FileArgument = None) -> None:
    """Summarise items: JSON lines with id, title, desc or article in; id and summary out."""
    matcher = Matcher(open_catalogue(read_settings(context)))
    _answer_lines(file, lambda item: summary_line(item, matcher.match))


async def _parse(fetched: Fetched, settings: Settings) -> ParsedFeed:
    async with parser_pool(settings) as pool:
        return await pool.parse(fetched)


def _read_body(file: Path, *, max_bytes: int) -> bytes:
    """The file's bytes, unpacked where its name ends in ``.gz``.

    Raises:
        InputInvalid: it cannot be read, is not gzip, or is larger than the bot would fetch.
    """
    try:
        body = file.read_bytes()
        if file.suffix == ".gz":
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
                body = packed.read(max_bytes + 1)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputInvalid(f"{file}: {reason}") from None
    if len(body) > max_bytes:
        raise InputInvalid(f"{file}: larger than {max_bytes} bytes (fetch.max_bytes)")
    return body


def _answer_lines(file: Path | None, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Print the answer to every line; say which lines could not be read, and exit 1 for them."""
    bad = 0
    for number, text in _read_lines(file):
        try:
            item = json.loads(text)
            if not isinstance(item, dict) or "id" not in item:
                raise ValueError('expected an object with an "id"')  # noqa: TRY301  # told below, with its line
        except ValueError as error:
            bad += 1
            typer.echo(f"newsbot: {file or 'standard input'}:{number}: {error}", err=True)
            continue
        _print_line(answer(item))
    if bad:
        typer.echo(f"newsbot: {bad} lines could not be read and have no answer", err=True)
        raise typer.Exit(1)


def _read_lines(file: Path | None) -> Iterator[tuple[int, str]]:
    try:
        with _open(file) as stream:
            for number, text in enumerate(stream, start=1):
                if text.strip():
                    yield number, text
    except (OSError, UnicodeDecodeError) as error:
        raise InputInvalid(f"{file or 'standard input'}: {error}") from None


def _open(file: Path | None) -> TextIO:
    if file is not None:
        return file.open(encoding="utf-8-sig")
    # The terminal's own encoding may be anything; JSON is UTF-8 (RFC 8259 §8.1).
    return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig")


def _print_line(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
