"""What a handler gets and gives: one call with its parts, one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.discord.interactions import People
from tests.servers.discord.refusal import Problem, form_error

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Call:
    """A request whose form is in order.

    Attributes:
        params: the variable parts of the path.
        body: the JSON of the request; {} where there is none.
        files: (name, content type, bytes) of a multipart body, by their index.
    """

    state: People
    operation: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: Mapping[int, tuple[str, str, bytes]]

    def id(self, name: str) -> int:
        """An id in the path.

        Raises:
            Refusal: 50035 where it is no number.
        """
        text = self.params[name]
        if not text.isdecimal():
            said = f'Value "{text}" is not snowflake.'
            raise form_error([Problem((name,), "NUMBER_TYPE_COERCE", said)])
        return int(text)

    def number(self, name: str, default: int, *, low: int = 0, high: int = 2**63) -> int:
        """A number of the query.

        Raises:
            Refusal: 50035 where it is none, or outside its bounds.
        """
        text = self.query.get(name, str(default))
        if not text.isdecimal():
            said = f'Value "{text}" is not int.'
            raise form_error([Problem((name,), "NUMBER_TYPE_COERCE", said)])
        if not low <= int(text) <= high:
            said = f"int value should be between {low} and {high}."
            code = "NUMBER_TYPE_MAX" if int(text) > high else "NUMBER_TYPE_MIN"
            raise form_error([Problem((name,), code, said)])
        return int(text)

    def attach(
        self, channel_id: int, body: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Store the files that came along; their attachment objects."""
        given = self.body if body is None else body
        described = {str(a.get("id")): a for a in given.get("attachments") or []}
        found = []
        for index, (name, kind, content) in self.files.items():
            extra = described.get(str(index), {})
            kept = self.state.keep_file(channel_id, extra.get("filename") or name, content, kind)
            found.append(kept | ({"description": d} if (d := extra.get("description")) else {}))
        return found


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """One operation of the API.

    Attributes:
        template: its path below the base, as the OpenAPI file writes it.
        place: the parts of the path that have a bucket of their own.
        is_open: needs no bot token (interactions and their webhooks); not counted globally.
    """

    method: str
    template: str
    operation: str
    handler: Handler
    place: tuple[str, ...] = ()
    is_open: bool = False
