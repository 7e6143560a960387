"""Lays the pages of docs/ and those made from the code side by side, and has Sphinx build them.

Any warning fails the build: a link to a page, a heading or a file that is not there, a page
that no navigation offers, Markdown that cannot be read. Pages that the code tells (commands,
settings) are made each time and committed nowhere, so they cannot fall behind.
"""

from __future__ import annotations

import io
import re
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.console import strip_colors
from sphinx.util.docutils import docutils_namespace, patch_docutils

from docs.site.chats import tell_commands
from docs.site.console import tell_console
from docs.site.nav import NAVIGATION
from docs.site.settings import tell_settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs"
CONF = Path(__file__).parent

BESIDE = {"security": "SECURITY.md", "contributing": "CONTRIBUTING.md", "changes": "CHANGELOG.md"}
"""Pages that lie beside the code, where code hosts look for them."""

MADE: dict[str, Callable[[], str]] = {
    "commands": tell_commands,
    "settings": tell_settings,
    "console": tell_console,
}
"""Pages that the code tells."""

DOWNLOADS = (
    "config/newsbot.example.toml",
    "config/makers.toml",
    "config/carriers.toml",
    "config/words.toml",
    "config/events.toml",
    "config/feeds.toml",
    "compose.yaml",
    "docs/deploy/compose.cluster.yaml",
    "Dockerfile",
    "docs/prometheus/alerts.yaml",
    "docs/grafana/newsbot.json",
    "docs/deploy/kubernetes/roles.yaml",
    "docs/deploy/kubernetes/backup/nightly.yaml",
    "docs/deploy/kubernetes/backup/restore.yaml",
    "docs/deploy/systemd/newsbot.service",
    "docs/deploy/systemd/newsbot@.service",
    "docs/deploy/systemd/newsbot.sh",
)
"""Files that pages link to and a reader may take home."""


def build(folder: Path) -> str:
    """Build the site in ``folder``/html.

    Returns:
        Every warning, a line each; "" if there was none.
    """
    source = folder / "source"
    shutil.rmtree(folder, ignore_errors=True)
    lay_out(source)
    said = io.StringIO()
    with patch_docutils(), docutils_namespace(), warnings.catch_warnings():
        # How myst-parser calls Sphinx is between the two, until a release of either breaks it.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        Sphinx(
            source,
            CONF,
            folder / "html",
            folder / "doctrees",
            "html",
            status=None,
            warning=said,
        ).build()
    return strip_colors(said.getvalue()).strip()


def lay_out(source: Path) -> None:
    """Write every page as Sphinx is to see it into the new folder ``source``."""
    shutil.copytree(PAGES / "images", source / "images")
    for name in DOWNLOADS:
        if (ROOT / name).is_file():
            (source / "files").mkdir(exist_ok=True)
            shutil.copy(ROOT / name, source / "files")
    for name, text in _pages():
        (source / f"{name}.md").write_text(_point_within(text), "utf-8")


def _pages() -> Iterator[tuple[str, str]]:
    for path in sorted(PAGES.glob("*.md")):
        text = path.read_text("utf-8")
        yield path.stem, text + _contents() if path.stem == "index" else text
    for name, file in BESIDE.items():
        text = (ROOT / file).read_text("utf-8")
        yield name, re.sub(r"\]\(docs/", "](", text)  # written to be read one folder up
    for name, tell in MADE.items():
        yield name, tell()


def _contents() -> str:
    """The navigation, in the words of Sphinx; it is shown at the side and not in the page."""
    blocks = []
    for heading, names in NAVIGATION.items():
        listed = "\n".join(names)
        blocks.append(f"```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{listed}\n```\n")
    return "\n" + "\n".join(blocks)


def _point_within(text: str) -> str:
    """Links to files that are no pages lead to their copies on the site."""
    for name, file in BESIDE.items():
        text = text.replace(f"](../{file}", f"]({name}.md").replace(f"]({file}", f"]({name}.md")
    for file in DOWNLOADS:
        link = file.removeprefix("docs/") if file.startswith("docs/") else f"../{file}"
        text = text.replace(f"]({link})", f"](files/{Path(file).name})")
    return text
