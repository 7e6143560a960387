"""The pages of docs/: they build without a warning, and need nothing from elsewhere."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from bot.commands.table import TABLE
from bot.settings.model import SECTIONS
from docs.site import build as site
from docs.site.settings import read_groups

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(ROOT.glob("docs/*.md"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages."""
    folder = tmp_path_factory.mktemp("docs")
    assert site.build(folder) == ""
    return folder / "html"


def read(page: Path) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text("utf-8")))


def test_the_pages_load_nothing_from_elsewhere(pages: Path) -> None:
    loads = re.compile(
        r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>"
        r"|<link\b(?=[^>]*rel=[\"']?(?:stylesheet|preload|icon|preconnect))"
        r"[^>]*href=[\"']?(?:https?:)?//[^>]*>"
    )
    found = {
        str(path.relative_to(pages)): hit
        for path in pages.rglob("*.html")
        if (hit := loads.findall(path.read_text("utf-8")))
    }
    found |= {
        str(path.relative_to(pages)): hit
        for path in pages.rglob("*.css")
        if (hit := re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", path.read_text("utf-8")))
    }
    assert found == {}


def test_every_setting_has_its_row(pages: Path) -> None:
    text = read(pages / "settings.html")

    keys = [f"{section}.{key}" for section, keys in SECTIONS.items() for key in keys]
    variables = [f"NEWSBOT_{key.replace('.', '_')}".upper() for key in keys]
    assert [one for one in (*keys, *variables) if one not in text] == []


def test_every_command_has_its_part_in_both_languages(pages: Path) -> None:
    text = read(pages / "commands.html")

    for command in TABLE:
        assert f"/{command.noun} {command.verb}" in text
        assert f"/{command.zh_noun} {command.zh_verb}" in text
        assert all(option.zh in text for option in command.options)


def test_every_console_command_has_its_part(pages: Path) -> None:
    text = read(pages / "console.html")

    for command in ("newsbot run", "newsbot doctor", "newsbot feeds add", "newsbot db upgrade"):
        assert command in text


def test_a_link_that_leads_nowhere_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = tmp_path / "docs"
    (shown / "images").mkdir(parents=True)
    (shown / "index.md").write_text(
        "# Home\n\n[gone](gone.md), [no heading](other.md#nowhere), [no file](files/none.toml), "
        "[there](other.md#here)\n"
    )
    (shown / "other.md").write_text("# Other\n\n## Here\n")
    monkeypatch.setattr(site, "PAGES", shown)
    monkeypatch.setattr(site, "NAVIGATION", {"All": ("other",)})
    monkeypatch.setattr(site, "MADE", {})
    monkeypatch.setattr(site, "BESIDE", {})

    told = site.build(tmp_path / "built")

    assert [line.split("index.md:3: ")[1].split(" [")[0] for line in told.splitlines()] == [
        "WARNING: 'myst' cross-reference target not found: 'gone.md'",
        "WARNING: local id not found in doc 'other': 'nowhere'",
        "WARNING: 'myst' cross-reference target not found: 'files/none.toml'",
    ]


def test_a_page_that_no_navigation_offers_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = tmp_path / "docs"
    (shown / "images").mkdir(parents=True)
    (shown / "index.md").write_text("# Home\n")
    (shown / "lost.md").write_text("# Lost\n")
    monkeypatch.setattr(site, "PAGES", shown)
    monkeypatch.setattr(site, "NAVIGATION", {})
    monkeypatch.setattr(site, "MADE", {})
    monkeypatch.setattr(site, "BESIDE", {})

    assert "document isn't included in any toctree" in site.build(tmp_path / "built")


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *PAGES], ids=lambda page: page.name)
def test_links_to_files_lead_somewhere_on_a_code_host(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_pages_link_to_committed_pages_only_by_a_path_that_a_code_host_has() -> None:
    made = set(site.MADE)
    for page in (ROOT / "docs").glob("*.md"):
        links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))
        gone = [link for link in links if not (page.parent / link).exists()]
        assert {Path(link).stem for link in gone} <= made, page.name


def test_comments_of_the_example_file_belong_to_the_keys_below_them() -> None:
    text = (
        "[one]\n# First line\n# goes on.\n#a = 1\n#b = 2\n# Other.\n#c = 3\n\n[two]\n# D.\n#d = 4\n"
    )

    groups = {
        name: [(one.meaning, one.keys) for one in found]
        for name, found in read_groups(text).items()
    }

    assert groups == {
        "one": [("First line goes on.", ("a", "b")), ("Other.", ("c",))],
        "two": [("D.", ("d",))],
    }
