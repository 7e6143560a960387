"""A watch as the options of ``/watch`` describe it, and as a button carries it. Pure."""

from __future__ import annotations

import hashlib
from urllib.parse import quote_plus, unquote_plus

from bot.commands.command import Call
from bot.commands.watches import Change
from bot.commands.wishes import parse_names
from bot.errors import InputInvalid
from bot.matching import watch_key
from bot.model import Role, Watch

MAX_SUBJECT = 60
"""Characters of a button's subject, see ``Choice``."""

_FIELDS = 5


def read_change(call: Call) -> Change:
    """What the options say; "none" empties a list, what is left out stays.

    Raises:
        InputInvalid: the role is none.
    """

    def listed(name: str) -> tuple[str, ...] | None:
        return None if call.values.get(name) is None else parse_names(call.text(name))

    return Change(
        role=_read_role(call.text("role")) if call.values.get("role") is not None else None,
        aliases=listed("aliases"),
        needs=listed("needs"),
        unless=listed("unless"),
    )


def list_options(watch: Watch) -> dict[str, str | None]:
    """``watch`` as the options of ``/watch add``; None for those that need not be said."""
    return {
        "name": watch.name,
        "role": None if watch.role is Role.OTHER else watch.role.value,
        "aliases": ", ".join(watch.aliases) or None,
        "needs": ", ".join(watch.needs) or None,
        "unless": ", ".join(watch.unless) or None,
    }


def pack_or_none(watch: Watch) -> str | None:
    """``watch`` as the subject of a button; None where it does not fit."""
    lists = (watch.aliases, watch.needs, watch.unless)
    fields = (
        quote_plus(watch.name),
        "" if watch.role is Role.OTHER else watch.role.value[0],
        *(",".join(map(quote_plus, texts)) for texts in lists),
    )
    packed = ";".join(fields).rstrip(";")
    is_whole = watch.exact_case is None and not watch.is_alone
    return packed if is_whole and len(packed) <= MAX_SUBJECT else None


def unpack(subject: str, place: Watch) -> Watch:
    """The watch that ``pack_or_none`` made ``subject`` of, for the workspace of ``place``.

    Raises:
        InputInvalid: it is none.
    """
    fields = subject.split(";")
    fields += [""] * (_FIELDS - len(fields))
    name, role, *lists = fields
    roles = {"": Role.OTHER, "m": Role.MAKER, "c": Role.CARRIER}
    if not name or role not in roles or len(lists) != _FIELDS - 2:
        raise InputInvalid("That button is too old. Type /watch add again.")
    aliases, needs, unless = (
        tuple(unquote_plus(text) for text in texts.split(",") if text) for texts in lists
    )
    return Watch(
        unquote_plus(name),
        role=roles[role],
        aliases=aliases,
        needs=needs,
        unless=unless,
        platform=place.platform,
        workspace=place.workspace,
    )


def digest_of(name: str) -> str:
    """What a button calls a watch by: 16 characters that follow from its name."""
    return hashlib.blake2b(watch_key(name).encode(), digest_size=8).hexdigest()


def _read_role(said: str) -> Role:
    try:
        return Role(said.casefold())
    except ValueError:
        picks = ", ".join(Role)
        raise InputInvalid(f'role: I can\'t read "{said[:60]}". Choose one of {picks}.') from None
