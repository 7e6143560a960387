"""Commands that say why: of a text at hand, and of what the record has."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Annotated

import typer

from bot.cli.setup import (
    DatabaseOption,
    make_console,
    open_database,
    read_catalogue,
    read_settings,
    write_utf8,
)
from bot.scheduling.clock import utc_now

STDIN = "-"
MAX_STDIN = 1_000_000  # bytes; far more than is ever read of one article


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(explain)
    app.command()(why)


def explain(
    context: typer.Context,
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="A headline, in quotes; - reads it from standard input: the first line is the "
            "headline, what follows is the article.",
        ),
    ],
    description: Annotated[
        str, typer.Option(metavar="TEXT", help="The description below it, in quotes.")
    ] = "",
    body: Annotated[str, typer.Option(metavar="TEXT", help="The article, in quotes.")] = "",
    lang: Annotated[
        str, typer.Option(metavar="CODE", help="The language it is in: en, zh, pl …")
    ] = "",
    country: Annotated[
        str, typer.Option(metavar="CODE", help="The country of the outlet: us, br …")
    ] = "",
    watch: Annotated[
        list[str] | None,
        typer.Option("--watch", metavar="NAME", help="Look for this company as well; repeatable."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="One JSON object, for programs.")
    ] = False,
) -> None:
    """Say whether a headline would be posted, and why.

    Prints the verdict, the headline with the names marked, then the reasons: what was
    named, what was rejected, the pair, relevance and the kind of event. Characters are
    counted from 1 there; in the JSON object from 0, see docs/matching.md.
    """
    from bot.cli.watch import read_inline_watches
    from bot.matching import Matcher, describe_match
    from bot.platforms.console import render_verdict, show

    _refuse_broken(text, description, body, lang, country, *(watch or ()))
    if text == STDIN:
        text, rest = _read_stdin()
        body = "\n\n".join(filter(None, (body, rest)))
    catalogue = read_catalogue(read_settings(context))
    matcher = Matcher(catalogue, watched=read_inline_watches(watch or (), catalogue))
    match = matcher.match(text, description, body, lang=lang, outlet_country=country)
    if as_json:
        answer = describe_match(match, matcher.name_of)
        write_utf8(json.dumps(answer, ensure_ascii=False) + "\n")
        return
    show(make_console(), render_verdict(match, matcher.name_of, text, description))


def why(
    context: typer.Context,
    asked: Annotated[
        list[str],
        typer.Argument(
            metavar="STORY-ID | LINK | WORDS",
            help="The id that `newsbot recent` shows, the address of a report, or words of its "
            "headline, in any order.",
        ),
    ],
    database: DatabaseOption = None,
) -> None:
    """Say why a story was posted, or why an entry was not: `newsbot why huawei 'at&t'`.

    Prints the story and each entry in it with the reasons that were written down when it
    came, and why it is in this story. Where several stories fit, their ids are listed.
    Exit code 1 if nothing on record fits; a headline is judged as `newsbot explain` does then.
    """
    from bot.commands.why import find_why
    from bot.matching import Matcher
    from bot.platforms.console import render_why, show

    _refuse_broken(*asked)
    settings = read_settings(context, database=database)
    matcher = Matcher(read_catalogue(settings))

    async def work() -> bool:
        async with open_database(settings) as store:
            answer = await find_why(store, matcher, asked=" ".join(asked))
        show(make_console(), render_why(answer, now=utc_now()))
        return answer.is_found

    if not asyncio.run(work()):
        raise typer.Exit(1)


def _refuse_broken(*said: str) -> None:
    """Stop at what is no text in this locale; program.py says so.

    Raises:
        UnicodeEncodeError: an argument has bytes that stand for no letter.
    """
    for text in said:
        text.encode()


def _read_stdin() -> tuple[str, str]:
    """The first line that is not empty, and what follows it."""
    said = sys.stdin.buffer.read(MAX_STDIN).decode("utf-8-sig", "replace").strip()
    headline, _, rest = said.partition("\n")
    return headline.strip(), rest.strip()
