"""Whether a summary that somebody wrote in their own words may stand for the text.

Pure. Whoever wrote it may be wrong, may have been talked into something by the text, or may
have answered something else; so it is taken only where all that can be checked is right, and
the verbatim extract of lead.py stands otherwise.
"""

from __future__ import annotations

import re
import unicodedata

from bot.prose import iter_sentences
from bot.prose.figures import iter_figures
from bot.summaries.hanging import is_describing, is_pointing
from bot.summaries.lead import MAX_CHARS, Names, form_patterns

MAX_SENTENCES = 2
_ENDS = re.compile(r"[.!?。！？｡।؟][\"'”’»)\]）】》」』]*$")
_LINK = re.compile(r"://|\bwww\.|\bmailto:", re.IGNORECASE)
_DOMAIN = re.compile(r"[\w-]+\.(?:com|net|org|info|io|co|cn|ly|gl|me|app|dev|xyz)\b", re.IGNORECASE)
_MARKUP = re.compile(
    r"[<>`*_|{}\[\]\\~]|^\s*(?:[-•#>+]|\d+[.)]\s)|&(?:#?\w+);|@(?:everyone|here|channel)\b"
)

_SCRIPTS = {
    "kana": re.compile("[\u3040-\u30ff]"),
    "han": re.compile("[\u3400-\u9fff]"),
    "hangul": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "hebrew": re.compile("[\u0590-\u05ff]"),
    "indic": re.compile("[\u0900-\u0dff]"),
    "thai": re.compile("[\u0e00-\u0e7f]"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
}
_KANA_SHARE = 0.05  # of a text in Japanese, at least; one in Chinese quotes less
_FOREIGN_SHARE = 0.3  # of letters not Latin: names and models fill up the rest


def check_abstract(candidate: str, *, text: str, names: Names) -> str:
    """``candidate`` if it may stand for ``text``, else "".

    It may if it is one line of one or two whole sentences and at most ``MAX_CHARS``
    characters, does not begin by pointing at what it does not name, names every company that
    the text names, has no number that the text lacks, no link and no markup, and is written
    in the script of the text.

    Args:
        text: all that its writer was given: title, an empty line, article.
        names: the forms in which the companies of the text are written; see ``find_names``.
    """
    line = candidate.strip()
    is_sound = (
        0 < len(line) <= MAX_CHARS
        and not any(unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"} for sign in line)
        and not _LINK.search(line)
        and not _MARKUP.search(line)
        and _is_told_in_sentences(line)
        and not (is_pointing(line) or is_describing(line))
        and find_script(line) == find_script(text)
        and _named(text, names) <= _named(line, names)
        and _has_figures_of(text, line)
        and all(domain in text for domain in _DOMAIN.findall(line))  # JD.com is a company
    )
    return line if is_sound else ""


def find_named(text: str, names: Names) -> tuple[str, ...]:
    """The form in which ``text`` first names each company, in reading order."""
    found = (pattern.search(text) for pattern in form_patterns(names).values())
    seen = sorted((hit.start(), hit.group()) for hit in found if hit)
    return tuple(form for _, form in seen)


def find_script(text: str) -> str:
    """The script that ``text`` is written in, by its letters: "latin", "han" and so on.

    Han with some kana is "kana", Japanese. "" for a text without letters.
    """
    counts = {script: len(letters.findall(text)) for script, letters in _SCRIPTS.items()}
    whole = sum(counts.values())
    if not whole:
        return ""
    latin = counts.pop("latin")
    if whole - latin < _FOREIGN_SHARE * whole:
        return "latin"
    kana, han = counts.pop("kana"), counts.pop("han")
    counts["kana" if kana > _KANA_SHARE * (kana + han) else "han"] = kana + han
    return max(counts, key=lambda script: counts[script])


def _is_told_in_sentences(line: str) -> bool:
    sentences = tuple(iter_sentences(line))
    return len(sentences) <= MAX_SENTENCES and _ENDS.search(line) is not None


def _named(text: str, names: Names) -> frozenset[str]:
    patterns = form_patterns(names).items()
    return frozenset(company for company, pattern in patterns if pattern.search(text))


def _has_figures_of(text: str, line: str) -> bool:
    known = frozenset(reading for readings in iter_figures(text) for reading in readings)
    return all(not known.isdisjoint(readings) for readings in iter_figures(line))
