"""What Sphinx is told; docs/site/build.py starts it.

Nothing here is loaded from elsewhere: the pages are complete without a network.
"""

from bot import __version__

project = "Newsbot"
version = release = __version__
copyright = "the authors of Newsbot, MIT licence"  # noqa: A001 - Sphinx's name for it

extensions = ["myst_parser"]
myst_heading_anchors = 4  # every heading may be linked to, by the name that code hosts give it
nitpicky = True
smartquotes = False  # quotes are as they are to be typed

html_theme = "furo"
html_title = f"Newsbot {__version__}"
html_show_sphinx = False
html_copy_source = False
html_static_path: list[str] = []
html_theme_options: dict[str, object] = {"footer_icons": []}
