"""The pictures of ``docs/images``, made anew: ``python -m tests.pictures``, or ``make pictures``.

Needs Chromium and the fonts that Discord's clients would find on a phone; on Debian and Ubuntu:
``apt-get install chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji``. No test
needs any of it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops

from bot.demo.cards import make_samples
from bot.demo.slackcards import make_slack_samples
from bot.platforms.preview import make_page, make_slack_page
from tests.statuspictures import take_status

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SHOWN = {
    "discord": ("card", "grown", "recent", "why", "forecast"),
    "slack": ("card", "grown", "turn", "digest", "answer", "home", "modal"),
}
HEIGHT = 3600  # pixels of the page before it is cropped
SCALE = 2
GROUND = "#808289"  # of the page around a message


def main() -> None:
    """Draw each message by itself, take its picture, crop it to the message."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=IMAGES, help="folder (docs/images)")
    parser.add_argument("--phone", action="store_true", help="as wide as a phone")
    parser.add_argument("--theme", choices=("dark", "light"), help="dark for Discord, else light")
    parser.add_argument("--platform", choices=(*SHOWN, "status"), help="of one alone")
    parser.add_argument("--all", action="store_true", help="those that are in no document, too")
    asked = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("tests.pictures: no Chromium on the PATH (Debian: apt-get install chromium)")
    asked.into.mkdir(parents=True, exist_ok=True)
    for platform, name, html in _draw(is_phone=asked.phone):
        is_shown = asked.all or name in SHOWN[platform]
        if is_shown and asked.platform in {None, platform}:
            theme = asked.theme or ("dark" if platform == "discord" else "light")
            target = asked.into / f"{platform}-{name}.png"
            _take(browser, _only(html, theme), target)
            _tell(target)
    if asked.platform in {None, "status"}:
        for target in asyncio.run(take_status(asked.into)):
            _tell(target)


def _tell(target: Path) -> None:
    print(f"{target}: {target.stat().st_size // 1024} KiB")  # noqa: T201


def _draw(*, is_phone: bool) -> Iterator[tuple[str, str, str]]:
    """Of each message and view its platform, its name and a page with it alone."""
    for message in make_samples():
        page = make_page([message], title=message.title, is_phone=is_phone)
        yield "discord", message.name, page
    for sample in make_slack_samples():
        page = make_slack_page([sample], title=sample.title, is_phone=is_phone)
        yield "slack", sample.name, page


def _take(browser: str, html: str, target: Path) -> None:
    with TemporaryDirectory(prefix="newsbot-pictures-") as folder:
        page, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        page.write_text(html, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
            f"--force-device-scale-factor={SCALE}",
            f"--window-size=760,{HEIGHT}",
            f"--screenshot={shot}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        with Image.open(shot) as picture:
            cropped = _crop(picture.convert("RGB"))
        cropped.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


def _only(html: str, theme: str) -> str:
    """The page with nothing on it but the message in one theme."""
    hidden = "h1, h1 + p, .shot:not(." + theme + ") { display: none } body { padding: 8px }"
    plain = ".shot { border-radius: 0 !important }"
    return html.replace("</style>", f"{hidden} {plain}</style>")


def _crop(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGB", picture.size, GROUND)
    box = ImageChops.difference(picture, ground).getbbox()
    if box is None:
        raise ValueError("the picture is empty")
    return picture.crop(box)


if __name__ == "__main__":
    main()
