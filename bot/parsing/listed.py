"""What the readers of feed lists give: feeds and mistakes, each with its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.model import FeedSpec


class Listed(NamedTuple):
    """A feed, and the line (from 1) that names it."""

    line: int
    spec: FeedSpec


class Problem(NamedTuple):
    """A mistake, and the line (from 1) it is on."""

    line: int
    text: str


class ListInvalid(Exception):
    """A list has mistakes; the loader, which knows the file's name, tells them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)
