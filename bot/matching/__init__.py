"""Which companies an entry names, whether it is ours, what happened, and why we think so."""

from bot.matching.lines import flag_line
from bot.matching.matcher import Matcher
from bot.matching.pairs import NEAR, Pair, find_pairs
from bot.matching.watches import watched_company

__all__ = ["NEAR", "Matcher", "Pair", "find_pairs", "flag_line", "watched_company"]
