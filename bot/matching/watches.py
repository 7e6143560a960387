"""Companies that people watch, made from a name alone."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.matching.scanner import scanned
from bot.model import Alias, Catalogue, Company, Cue, Role


def watched_company(name: str, role: Role = Role.OTHER) -> Company:
    """A company called ``name``; its id is the name in lower case with hyphens.

    What an everyday name needs beside it is settled by the matcher, which has the lists.

    Raises:
        ValueError: there is no letter or digit in ``name``.
    """
    plain = " ".join(name.split())
    slug = re.sub(r"[\W_]+", "-", scanned(plain)).strip("-")
    if not slug:
        raise ValueError(f'"{name}" has no letter in it; a company needs a name')
    return Company(slug, plain, role, (Alias(plain),))


def guard_everyday(company: Company, catalogue: Catalogue) -> Company:
    """``company``, its names that are also everyday words ("Nothing") held to their context.

    Such a name counts only as written, and beside a word of our business, a company of the
    catalogue or a model number, or right before what companies do ("says"). Aliases that
    say themselves what they need are left alone.
    """
    everyday = {scanned(word) for word in catalogue.everyday_words}
    aliases = (
        _hold_to_context(alias, catalogue)
        if alias.stands_alone and scanned(alias.text) in everyday
        else alias
        for alias in company.aliases
    )
    return replace(company, aliases=tuple(aliases))


def _hold_to_context(alias: Alias, catalogue: Catalogue) -> Alias:
    return replace(
        alias,
        text=alias.text.title() if alias.text.islower() else alias.text,
        exact_case=True,
        needs=(*catalogue.business_words, Cue.COMPANY),
        followed_by=(*catalogue.naming_words, Cue.MODEL),
    )
