"""What in a sentence shows that a name is a company's: the word lists of ``config/names.toml``."""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words by what they say about a name beside them; each list is told in the file.

    ``plain`` and ``plain_abroad`` are everyday words, ``pronouns``, ``modifiers`` and
    ``numbers`` their kinds that need most care; ``idioms`` are phrases that hold one.
    """

    verbs: Words = ()
    past: Words = ()
    firm_verbs: Words = ()
    telling_verbs: Words = ()
    after: Words = ()
    before: Words = ()
    before_verbs: Words = ()
    devices: Words = ()
    own_devices: Words = ()
    owned: Words = ()
    helpers: Words = ()
    prepositions: Words = ()
    comparing: Words = ()
    companies: Words = ()
    context: Words = ()
    subject: Words = ()
    pronouns: Words = ()
    modifiers: Words = ()
    numbers: Words = ()
    idioms: Words = ()
    function: Words = ()
    articles: Words = ()
    plain: Words = ()
    plain_abroad: Words = ()
