"""Story to message: sentences that say what happened, and names instead of ids."""

from bot.summaries.abstract import check_abstract, find_named
from bot.summaries.lead import Names, find_names, is_teaser, summarise, summarise_best
from bot.summaries.lines import summary_line
from bot.summaries.message import make_message

__all__ = [
    "Names",
    "check_abstract",
    "find_named",
    "find_names",
    "is_teaser",
    "make_message",
    "summarise",
    "summarise_best",
    "summary_line",
]
