"""docs/examples.md shows what `newsbot explain` really says."""

from __future__ import annotations

import argparse
import io
import re
import shlex
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.catalogue import load_catalogue
from bot.cli.program import app
from bot.cli.watch import read_inline_watches
from bot.matching import Matcher
from bot.model import Catalogue
from bot.platforms.console import render_verdict, show

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "examples.md").read_text("utf-8")
EXAMPLES = re.findall(
    r"^```console\n\$ newsbot (explain [^\n]+)\n(.*?)\n```$", PAGE, flags=re.MULTILINE | re.DOTALL
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "config")


@pytest.fixture(scope="module")
def matcher(catalogue: Catalogue) -> Matcher:
    return Matcher(catalogue)


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip()


def test_every_block_of_the_page_is_an_example() -> None:
    assert len(EXAMPLES) == PAGE.count("```console") > 20


@pytest.mark.parametrize(("typed", "shown"), EXAMPLES, ids=[one for one, _ in EXAMPLES])
def test_the_page_shows_what_the_matcher_says(
    typed: str, shown: str, matcher: Matcher, catalogue: Catalogue
) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    for option in ("description", "body", "lang", "country"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--watch", action="append", default=[])
    asked = parser.parse_args(shlex.split(typed)[1:])
    if asked.watch:
        matcher = Matcher(catalogue, watched=read_inline_watches(asked.watch, catalogue))

    match = matcher.match(
        asked.text, asked.description, asked.body, lang=asked.lang, outlet_country=asked.country
    )
    console = Console(file=io.StringIO(), highlight=False, soft_wrap=True)
    with console.capture() as said:
        show(console, render_verdict(match, matcher.name_of, asked.text, asked.description))

    assert tidy(said.get()) == shown


def test_the_program_prints_the_same() -> None:
    typed, shown = EXAMPLES[0]

    assert tidy(CliRunner().invoke(app, shlex.split(typed)).output) == shown
