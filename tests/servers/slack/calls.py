"""What a method gets and gives: one call with its arguments, one answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import SCOPE_OF_KIND, Channel, Team, Token

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

Answer = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request with a good token, its arguments as they came (text, or JSON values)."""

    state: SlackServer
    method: str
    token: Token
    args: Mapping[str, Any]

    @property
    def team(self) -> Team:
        """The workspace of the token."""
        return self.state.teams[self.token.team_id]

    def text(self, name: str, default: str = "") -> str:
        """An argument as text."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        """An argument that must be there.

        Raises:
            Refused: invalid_arguments.
        """
        if self.args.get(name) in {None, ""}:
            raise Refused("invalid_arguments", f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str) -> bool:
        """An argument that is true or false."""
        return str(self.args.get(name, "")).lower() in {"1", "true"}

    def number(self, name: str, default: int, *, low: int = 1, high: int = 1000) -> int:
        """A whole number.

        Raises:
            Refused: invalid_limit, outside of its bounds.
        """
        text = self.text(name) or str(default)
        if not text.isdecimal() or not low <= int(text) <= high:
            raise Refused("invalid_limit")
        return int(text)

    def value(self, name: str, *, error: str) -> Any:
        """JSON, or text that holds JSON; None where it is absent.

        Raises:
            Refused: ``error``, where the text is no JSON.
        """
        given = self.args.get(name)
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given) if given else None
        except ValueError as broken:
            raise Refused(error) from broken

    def require_scope(self, *scopes: str) -> None:
        """Refuse where the token has none of ``scopes``.

        Raises:
            Refused: missing_scope.
        """
        if not self.token.scopes.intersection(scopes):
            provided = ",".join(sorted(self.token.scopes))
            raise Refused("missing_scope", needed=",".join(scopes), provided=provided)

    def find_channel(self, name: str = "channel", *, scope: str = "") -> Channel:
        """The channel that an argument names.

        Args:
            scope: "read" or "history", asked of the token for this kind of channel.

        Raises:
            Refused: channel_not_found, missing_scope.
        """
        channel = self.state.find_channel(self.team, self.need(name))
        if scope:
            self.require_scope(f"{SCOPE_OF_KIND[channel.kind]}:{scope}")
        return channel

    def page(
        self, found: list[Any], *, default: int = 100, most: int = 1000
    ) -> tuple[list[Any], dict[str, str]]:
        """One page of ``found`` by ``limit`` and ``cursor``, and the metadata that names the next.

        Raises:
            Refused: invalid_limit, invalid_cursor.
        """
        limit, cursor = self.number("limit", default, high=most), self.text("cursor")
        start = cursor.removeprefix("dGVhbTpD").rstrip("=") or "0"
        if not start.isdecimal() or (cursor and not cursor.startswith("dGVhbTpD")):
            raise Refused("invalid_cursor")
        end = int(start) + limit
        following = f"dGVhbTpD{end}=" if end < len(found) else ""
        return found[int(start) : end], {"next_cursor": following}


@dataclass(frozen=True)
class Method:
    """A method of the Web API.

    Attributes:
        scopes: one of which the token must have; none where () stands.
        tier: of ``limiter.TIERS``, or ``limiter.POSTING`` or ``limiter.SPECIAL``.
        more: arguments that the specification of 2021 does not name yet, or all of them.
        is_app: whether it takes the app-level token instead of a bot's.
        is_open: whether it takes no token at all.
    """

    name: str
    answer: Callable[[Call], Answer]
    scopes: tuple[str, ...]
    tier: int
    more: frozenset[str]
    is_app: bool = False
    is_open: bool = False


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *scopes: str,
    tier: int,
    more: str = "",
    is_app: bool = False,
    is_open: bool = False,
) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    """Enter a function as the answer to a method."""

    def enter(answer: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        known = frozenset(more.split())
        METHODS[name] = Method(name, answer, scopes, tier, known, is_app, is_open)
        return answer

    return enter
