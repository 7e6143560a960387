"""What is being worked on: ids that every line of the log has while it lasts.

A poll has an id of its own, eight letters; its lines name the stories that it opened or joined.
What is owed has the id of its story and its own. So whoever has any of the three finds the way
of an entry, from the request that brought it to the post, with one search and another.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token

_NOTHING: Mapping[str, str] = {}
_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default=_NOTHING)


def traced() -> Mapping[str, str]:
    """The ids of what is being worked on here, by their names."""
    return _ids.get()


def tracing(**ids: str) -> AbstractContextManager[None]:
    """Work on what has these ids, and tasks begun meanwhile too; ids from outside stay."""
    return _Tracing(ids)


class _Tracing:
    """Written out: each poll enters one, and a generator takes four times as long."""

    __slots__ = ("_added", "_token")

    def __init__(self, added: Mapping[str, str]) -> None:
        self._added = added
        self._token: Token[Mapping[str, str]] | None = None

    def __enter__(self) -> None:
        before = _ids.get()
        self._token = _ids.set({**before, **self._added} if before else self._added)

    def __exit__(self, *_: object) -> None:
        assert self._token is not None
        _ids.reset(self._token)
