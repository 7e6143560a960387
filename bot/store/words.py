"""Words that people look for, in texts that strangers wrote."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, or_


def says(text: Column[str], word: str) -> ColumnElement[bool]:
    """Whether ``word`` stands in ``text``, in any case, as a part of a word too.

    SQLite knows only the case of ASCII letters, and so does PostgreSQL where the database
    was made with the locale C. What is not ASCII is asked for in each of the forms in which
    people write it: small, with a capital, in capitals, as it was asked for.
    """
    forms = [word] if word.isascii() else [word, word.lower(), word.title(), word.upper()]
    return or_(*(text.icontains(form, autoescape=True) for form in dict.fromkeys(forms)))
