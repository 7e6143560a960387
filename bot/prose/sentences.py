"""Where a sentence ends.

Rules for the text of news feeds, in place of a general splitter: those cost more
than everything else we do with an entry, and still stop at "Co. Ltd." and "No. 2".
When in doubt nothing is cut: two sentences as one read well, half a sentence does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSERS = "\"'”’»)\\]）】》」』"
_OPENERS = "\"'“‘«(\\[（【《「『¿¡"

_END = re.compile(
    rf"(?P<wide>[。！？｡।؟][{_CLOSERS}]*(?![{_CLOSERS}])(?!(?<=[」』])[\u3041-\u309f])\s*)"
    rf"|(?P<narrow>(?:\.{{3}}|[.!?…])+[{_CLOSERS}]*)(?=\s|$)"
    r"|(?P<break>\s*\n\s*\n\s*)"
)
_NEXT = re.compile(rf"\s*[{_OPENERS}]*(?P<word>[^\s{_CLOSERS},:;]*)")
_LAST_WORD = re.compile(rf"[^\s{_OPENERS}]*$")
_INITIAL = re.compile(r"[A-Z]\.")
_DOTTED = re.compile(r"(?:[A-Za-z]{1,2}\.){2,}")  # U.S., F.C.C., p.m., i.e., Ph.D.


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Never the end of a sentence: a name, a number or an example follows.
_TITLES = _listed(
    """
    adm. atty. brig. capt. cmdr. col. cpl. dr. fr. gen. gov. hon. lt. maj. messrs. mr. mrs. ms.
    mx. prof. rep. reps. rev. sen. sens. sgt. supt. vs. v. cf. e.g. i.e. viz. approx. ca. al. st.
    mt. ft. dept. feat.
    """
)
# Not the end where a number follows: No. 2, Feb. 18, Sec. 301.
_BEFORE_NUMBERS = _listed(
    """
    no. nos. nr. art. sec. ch. fig. vol. pp. p. pg. ver. jan. feb. mar. apr. jun. jul. aug. sep.
    sept. oct. nov. dec. mon. tue. tues. wed. thu. thur. thurs. fri. sat. sun. rs. ext.
    """
)
# The end only where the next word opens a sentence: companies, states, units.
_ABBREVIATIONS = _listed(
    """
    inc. corp. co. cos. ltd. llc. plc. bros. intl. int'l. jr. sr. esq. assn. bancorp. mfg. tech.
    yahoo! etc. est. in. mil. bln. mln. ave. blvd. rd. hwy. bldg.
    ala. ariz. ark. calif. colo. conn. del. fla. ga. ill. ind. kan. kans. ky. la. mass. md. mich.
    minn. miss. mo. mont. neb. nebr. nev. okla. ont. ore. pa. penn. que. tenn. tex. va. vt. wash.
    wis. wyo.
    """
)
_OPENING_WORDS = _listed(
    """
    A According After All Also Although Among An And Another Any As At Because Before Both But By
    Critics Despite Dr. During Each Earlier Even Few For From He Her Here His How However I If In
    Instead It Its Last Later Many Meanwhile More Most Mr. Mrs. Ms. Neither No None Nor Not Now Of
    On Once One Only Or Other Our Other Others Over She Since So Some Still Such That The Their
    Then There These They This Those Though To Two Under Until We What When Where While Who Why
    With Yet You Your
    """
)
_LINKS = _listed("by and with of said from to for that named called was is former as at")


def iter_sentences(text: str) -> Iterator[str]:
    """``text`` cut after each sentence; white space at the seams is dropped, nothing else."""
    return (text[start:end] for start, end in iter_spans(text))


def iter_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence of ``iter_sentences`` stands: start and end in code points."""
    start = 0
    for end in _END.finditer(text):
        if end["narrow"] and not _is_end(text, start, end):
            continue
        if sentence := _strip(text, start, end.end()):
            yield sentence
        start = end.end()
    if rest := _strip(text, start, len(text)):
        yield rest


def _strip(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without white space at its ends; None where nothing else is in it."""
    piece = text[start:end]
    kept = piece.strip()
    if not kept:
        return None
    start += len(piece) - len(piece.lstrip())
    return start, start + len(kept)


def _is_end(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether the full stop, mark or ellipsis at ``end`` ends the sentence begun at ``start``."""
    following = _NEXT.match(text, end.end())
    word = following["word"] if following else ""
    if not word:
        return True
    mark = end.start("narrow") + 1
    last = _LAST_WORD.search(text, start, mark)
    token = last.group() if last else ""
    return _can_open(word) and not _is_bound(token, text[start : mark - len(token)], word)


def _is_bound(token: str, before: str, word: str) -> bool:
    """Whether the stop belongs to ``token`` alone, ``word`` going on with the sentence."""
    lower = token.lower().rpartition("-")[2]  # "6.7-in."
    if lower in _BEFORE_NUMBERS:
        return word[0].isdigit()
    if lower in _ABBREVIATIONS or _DOTTED.fullmatch(token):
        return word not in _OPENING_WORDS
    if _INITIAL.fullmatch(token):
        return not _is_label(before)
    is_list_number = token.rstrip(".").isdigit() and not before.strip()
    return lower in _TITLES or is_list_number


def _can_open(word: str) -> bool:
    """A capital, a figure, a sign, a script without capitals, or a name like iPhone."""
    first = word[0]
    return not first.islower() or any(char.isupper() for char in word[1:3])


def _is_label(before: str) -> bool:
    """Whether one capital after ``before`` is a label ("hepatitis A."), not somebody's initial."""
    words = before.split()
    return bool(words) and words[-1][0].islower() and words[-1] not in _LINKS
