"""Messages drawn as a web page or as text: what people will see, with no account."""

from bot.platforms.preview.markdown import Node, parse, tell
from bot.platforms.preview.page import Sample, make_page
from bot.platforms.preview.screen import render_sample
from bot.platforms.preview.slackpage import SlackSample, make_slack_page
from bot.platforms.preview.slackscreen import render_slack_sample

__all__ = [
    "Node",
    "Sample",
    "SlackSample",
    "make_page",
    "make_slack_page",
    "parse",
    "render_sample",
    "render_slack_sample",
    "tell",
]
