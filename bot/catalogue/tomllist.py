"""feeds.toml: feeds one by one, and searches that make one feed for each company.

[[feed]]
url = "https://wire.example/rss"
title = "Example Wire"
outlet = "example-wire"     # an id of outlets.toml; none where the entries name theirs
lang = "en"

[[search]]
url = "https://search.example/rss?q={query}"
title = "Example Search"
for = "makers"              # makers, carriers, all, or ids of companies
lang = "en"                 # with zh, companies are searched by their Chinese name
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from bot.model import Company, FeedSpec, Role
from bot.parsing.listed import Listed, ListInvalid, Problem

QUERY = "{query}"
GROUPS: dict[str, tuple[Role, ...]] = {
    "makers": (Role.MAKER,),
    "carriers": (Role.CARRIER,),
    "all": tuple(Role),
}
KEYS = {"feed": ("url", "title", "outlet", "lang"), "search": ("url", "title", "for", "lang")}

_CHINESE = re.compile(r"[\u3400-\u9fff]")


def read_toml_list(text: str, companies: Sequence[Company]) -> list[Listed]:
    """The feeds of a TOML list, searches written out for ``companies``.

    Raises:
        ListInvalid: no TOML, an unknown table, key or company, a value of the wrong kind.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        line = int(where.group(1)) if where else len(text.splitlines())
        raise ListInvalid([Problem(line, f"is no TOML: {error}")]) from None
    problems = list(_find_problems(text, content, companies))
    if problems:
        raise ListInvalid(problems)
    listed = []
    for number, row in enumerate(content.get("feed", ()), 1):
        listed.append(Listed(_find_line(text, "feed", number, "url"), FeedSpec(**row)))
    for number, row in enumerate(content.get("search", ()), 1):
        line = _find_line(text, "search", number, "url")
        listed += [Listed(line, _search(row, company)) for company in _asked(row, companies)]
    return listed


def _find_problems(
    text: str, content: dict[str, Any], companies: Sequence[Company]
) -> Iterator[Problem]:
    for table, rows in content.items():
        is_list = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
        if table not in KEYS or not is_list:
            known = f"[[{table}]], with two brackets" if table in KEYS else "[[feed]] or [[search]]"
            yield Problem(_find_key(text, table), f'"{table}" should be {known}')
            continue
        for number, row in enumerate(rows, 1):
            for key, wrong in _find_wrong(table, row, companies):
                yield Problem(_find_line(text, table, number, key), f"{table}: {wrong}")


def _find_wrong(
    table: str, row: dict[str, Any], companies: Sequence[Company]
) -> Iterator[tuple[str, str]]:
    """Each wrong key of a row with what is wrong about it."""
    for key, value in row.items():
        if key not in KEYS[table]:
            yield key, f'"{key}" is no key of it{_suggest(key, KEYS[table])}'
        elif key == "for":
            yield from ((key, wrong) for wrong in _find_strangers(value, companies))
        elif not isinstance(value, str):
            yield key, f'"{key}" should be text'
    for key in ("url", "for") if table == "search" else ("url",):
        if key not in row:
            yield "", f'"{key}" is missing'
    url = row.get("url")
    if table == "search" and isinstance(url, str) and QUERY not in url:
        yield "url", f'"url" should hold {QUERY} where the name goes'


def _find_strangers(wanted: object, companies: Sequence[Company]) -> Iterator[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        yield '"for" should be makers, carriers, all, or a list of company ids'
    elif companies:
        known = [*GROUPS, *(company.id for company in companies)]
        for name in names:
            if name not in known:
                yield f'"for": "{name}" is no company{_suggest(name, known)}'


def _asked(row: dict[str, Any], companies: Sequence[Company]) -> Iterator[Company]:
    names = [row["for"]] if isinstance(row["for"], str) else row["for"]
    for company in companies:
        if company.id in names or any(company.role in GROUPS.get(name, ()) for name in names):
            yield company


def _search(row: dict[str, Any], company: Company) -> FeedSpec:
    """The feed that searches for ``company``: its name as a phrase, in the search's language."""
    lang = row.get("lang", "")
    name = company.name
    if lang.partition("-")[0] == "zh":
        name = next((a.text for a in company.aliases if _CHINESE.search(a.text)), name)
    return FeedSpec(
        url=row["url"].replace(QUERY, quote(f'"{name}"', safe="")),
        title=f"{row.get('title') or 'Search'}: {name}",
        lang=lang,
    )


def _suggest(wrong: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(wrong, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _find_key(text: str, key: str) -> int:
    """The line that first gives ``key`` or opens a table of that name, else 1."""
    opening = re.compile(rf"\s*(\[+\s*)?[\"']?{re.escape(key)}\b")
    lines = enumerate(text.split("\n"), 1)
    return next((number for number, line in lines if opening.match(line)), 1)


def _find_line(text: str, table: str, number: int, key: str) -> int:
    """The line of ``key`` in the ``number``-th ``[[table]]``, or of its header; 1 if unclear."""
    header = re.compile(rf"\s*\[\[\s*{table}\s*\]\]")
    lines = text.split("\n")
    starts = [line for line, written in enumerate(lines, 1) if header.match(written)]
    if number > len(starts):
        return 1  # written as an inline list
    start = starts[number - 1]
    for line, written in enumerate(lines[start:], start + 1):
        if written.lstrip().startswith("["):
            break
        if key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", written):
            return line
    return start
