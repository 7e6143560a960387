"""The operator's own console: posts as cards on a terminal, as plain lines in a pipe."""

from bot.platforms.console.answers import render_answer
from bot.platforms.console.reasons import render_verdict, render_why
from bot.platforms.console.render import (
    render_digest,
    render_post,
    render_recent,
    render_update,
    show,
)
from bot.platforms.console.sender import ConsoleSender
from bot.platforms.console.stories import render_lines, render_story

__all__ = [
    "ConsoleSender",
    "render_answer",
    "render_digest",
    "render_lines",
    "render_post",
    "render_recent",
    "render_story",
    "render_update",
    "render_verdict",
    "render_why",
    "show",
]
