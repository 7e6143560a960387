"""What Discord holds against the body of a message, where its OpenAPI file is silent.

After the Discord documentation, "Message Resource": create, edit, embed limits, allowed
mentions; "Component Reference": the Components V2 flag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.servers.discord import components
from tests.servers.discord.refusal import Problem, Refusal, form_error

SUPPRESS_EMBEDS, EPHEMERAL, LOADING = 1 << 2, 1 << 6, 1 << 7
SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 12, 1 << 15
MAX_CONTENT = 2000
MAX_EMBED_TEXT = 6000  # characters over all embeds
EMBED_LIMITS = {
    ("title",): 256,
    ("description",): 4096,
    ("footer", "text"): 2048,
    ("author", "name"): 256,
    ("fields",): 25,
}
LEGACY = ("content", "embeds", "poll", "sticker_ids", "stickers")

_COMMON = {"tts", "content", "embeds", "allowed_mentions", "components", "attachments", "flags"}
_CREATE = _COMMON | {"poll", "sticker_ids", "shared_client_theme"}
KEYS = {
    "create": _CREATE | {"nonce", "enforce_nonce", "message_reference"},
    "forum": _CREATE,
    "edit": _COMMON | {"sticker_ids"},
    "callback": _COMMON | {"poll"},
    "webhook": _COMMON | {"poll", "username", "avatar_url", "thread_name", "applied_tags"},
    "webhook edit": _COMMON | {"poll"},
}


def check(body: dict[str, Any], *, kind: str, files: int = 0, flags_before: int = 0) -> None:
    """Refuse a body that Discord refuses.

    Args:
        body: as it arrived.
        kind: one of ``KEYS``.
        files: how many came along.
        flags_before: of the message that is edited.

    Raises:
        Refusal: 50035 with all problems, or 50006 for a message without anything to show.
    """
    problems = [*_find_problems(body, kind=kind, flags_before=flags_before)]
    if problems:
        raise form_error(problems)
    is_edit = kind.endswith("edit")
    shown = ("content", "embeds", "components", "poll", "sticker_ids", "shared_client_theme")
    if not is_edit and not files and not any(body.get(key) for key in shown):
        raise Refusal(50006)


def _find_problems(body: dict[str, Any], *, kind: str, flags_before: int) -> Iterator[Problem]:
    for key in body.keys() - KEYS[kind]:
        yield Problem((key,), "UNKNOWN_KEY", f"{key!r} is no field of this request")
    flags = body.get("flags")
    is_v2 = bool((flags or 0) & COMPONENTS_V2) or bool(flags_before & COMPONENTS_V2)
    if flags_before & COMPONENTS_V2 and flags is not None and not flags & COMPONENTS_V2:
        said = "IS_COMPONENTS_V2 cannot be removed from a message"
        yield Problem(("flags",), "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", said)
    if is_v2:
        for key in LEGACY:
            if body.get(key):
                said = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                yield Problem((key,), code, said)
    if len(body.get("content") or "") > MAX_CONTENT:
        said = f"Must be {MAX_CONTENT} or fewer in length."
        yield Problem(("content",), "BASE_TYPE_MAX_LENGTH", said)
    nonce = body.get("nonce")
    if isinstance(nonce, str) and len(nonce) > 25:
        yield Problem(("nonce",), "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length.")
    yield from _find_in_embeds(body.get("embeds") or [])
    yield from _find_in_mentions(body.get("allowed_mentions") or {})
    yield from components.find_problems(body.get("components"), is_v2=is_v2)


def embed_text(embed: dict[str, Any]) -> int:
    """The characters of an embed that count towards the 6000 of a message."""
    fields = embed.get("fields") or []
    parts = [embed.get("title"), embed.get("description")]
    parts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    parts += [part for f in fields for part in (f.get("name"), f.get("value"))]
    return sum(len(part or "") for part in parts)


def _find_in_embeds(embeds: list[dict[str, Any]]) -> Iterator[Problem]:
    if len(embeds) > 10:
        yield Problem(("embeds",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    if sum(embed_text(embed) for embed in embeds) > MAX_EMBED_TEXT:
        said = f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}"
        yield Problem(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", said)
    for index, embed in enumerate(embeds):
        at = ("embeds", index)
        for path, limit in EMBED_LIMITS.items():
            part: Any = embed
            for step in path:
                part = (part or {}).get(step)
            if len(part or "") > limit:
                said = f"Must be {limit} or fewer in length."
                yield Problem((*at, *path), "BASE_TYPE_MAX_LENGTH", said)
        yield from _find_in_fields(at, embed.get("fields") or [])
        yield from _find_bad_links(at, embed)


def _find_in_fields(at: tuple[str | int, ...], fields: list[dict[str, Any]]) -> Iterator[Problem]:
    for place, each in enumerate(fields):
        for key, limit in (("name", 256), ("value", 1024)):
            text = each.get(key) or ""
            if not text.strip() or len(text) > limit:
                said = f"Must be between 1 and {limit} in length."
                yield Problem((*at, "fields", place, key), "BASE_TYPE_BAD_LENGTH", said)


def _find_bad_links(at: tuple[str | int, ...], embed: dict[str, Any]) -> Iterator[Problem]:
    media = [((key, "url"), (embed.get(key) or {}).get("url")) for key in ("image", "thumbnail")]
    links: list[tuple[tuple[str, ...], str | None]] = [(("url",), embed.get("url")), *media]
    for path, url in links:
        if url and urlsplit(url).scheme not in {"http", "https", "attachment"}:
            said = f"Scheme of {url[:40]!r} is not supported; must be http or https."
            yield Problem((*at, *path), "URL_TYPE_INVALID_SCHEME", said)


def _find_in_mentions(allowed: dict[str, Any]) -> Iterator[Problem]:
    parse = allowed.get("parse") or []
    for key in ("users", "roles"):
        if key in parse and allowed.get(key):
            said = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            yield Problem(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", said)
        if len(allowed.get(key) or []) > 100:
            said = "Must be 100 or fewer in length."
            yield Problem(("allowed_mentions", key), "BASE_TYPE_MAX_LENGTH", said)
    for kind in parse:
        if kind not in {"users", "roles", "everyone"}:
            said = "Value must be one of ('roles', 'users', 'everyone')."
            yield Problem(("allowed_mentions", "parse"), "BASE_TYPE_CHOICES", said)
