"""Which companies an entry names, whether it is ours, what happened, and why we think so."""

from bot.matching.frames import forget_frames
from bot.matching.lines import describe_match, flag_line
from bot.matching.matcher import Matcher
from bot.matching.pairs import NEAR, best_pair_or_none
from bot.matching.reasons import Reasons, give_reasons, hide_names, tell_verdict
from bot.matching.watchers import Watchers
from bot.matching.watches import (
    MAX_WATCHES,
    Ambiguity,
    Assessment,
    assess,
    company_of,
    find_known,
    watch_key,
    watched_company,
    with_watched,
)

__all__ = [
    "MAX_WATCHES",
    "NEAR",
    "Ambiguity",
    "Assessment",
    "Matcher",
    "Reasons",
    "Watchers",
    "assess",
    "best_pair_or_none",
    "company_of",
    "describe_match",
    "find_known",
    "flag_line",
    "forget_frames",
    "give_reasons",
    "hide_names",
    "tell_verdict",
    "watch_key",
    "watched_company",
    "with_watched",
]
