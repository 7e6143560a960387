"""Messages of components drawn as a web page or as text: what people will see, with no account."""

from bot.platforms.preview.markdown import Node, parse, tell
from bot.platforms.preview.page import Sample, make_page
from bot.platforms.preview.screen import render_sample

__all__ = ["Node", "Sample", "make_page", "parse", "render_sample", "tell"]
