"""Words that people look for, in texts that strangers wrote."""

from __future__ import annotations

import re

from sqlalchemy import Column, ColumnElement, or_

_MODEL = re.compile(r"([^\W\d_]{3,})(\d{1,4})")
"""A name and a number, as in "mate10"; shorter ones ("P20", "5G") are written in one way."""


def says(text: Column[str], word: str) -> ColumnElement[bool]:
    """Whether ``word`` stands in ``text``, in any case, as a part of a word too.

    "mate10" stands in "Mate 10" and in "Mate-10".

    SQLite knows only the case of ASCII letters, and so does PostgreSQL where the database
    was made with the locale C. What is not ASCII is asked for in each of the forms in which
    people write it: small, with a capital, in capitals, as it was asked for.
    """
    forms = [word] if word.isascii() else [word, word.lower(), word.title(), word.upper()]
    if found := _MODEL.fullmatch(word):
        forms += [f"{found[1]} {found[2]}", f"{found[1]}-{found[2]}"]
    return or_(*(text.icontains(form, autoescape=True) for form in dict.fromkeys(forms)))
