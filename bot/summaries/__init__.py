"""Story to message: sentences that say what happened, and names instead of ids."""

from bot.summaries.lead import Names, find_names, summarise, summary_line
from bot.summaries.message import make_message

__all__ = ["Names", "find_names", "make_message", "summarise", "summary_line"]
