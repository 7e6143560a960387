"""The pictures of ``docs/images``, made anew: ``python -m tests.pictures``, or ``make pictures``.

Needs Chromium and the fonts that Discord's clients would find on a phone; on Debian and Ubuntu:
``apt-get install chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji``. No test
needs any of it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops

from bot.demo.cards import make_samples
from bot.platforms.preview import Sample, make_page

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SHOWN = ("card", "grown", "recent", "why", "forecast")
HEIGHT = 2400  # pixels of the page before it is cropped
SCALE = 2
GROUND = "#808289"  # of the page around a message


def main() -> None:
    """Draw each message by itself, take its picture, crop it to the message."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=IMAGES, help="folder (docs/images)")
    parser.add_argument("--phone", action="store_true", help="as wide as a phone")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--all", action="store_true", help="those that are in no document, too")
    asked = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("tests.pictures: no Chromium on the PATH (Debian: apt-get install chromium)")
    asked.into.mkdir(parents=True, exist_ok=True)
    for sample in make_samples():
        if asked.all or sample.name in SHOWN:
            target = asked.into / f"discord-{sample.name}.png"
            _take(browser, sample, target, theme=asked.theme, is_phone=asked.phone)
            print(f"{target}: {target.stat().st_size // 1024} KiB")  # noqa: T201


def _take(browser: str, sample: Sample, target: Path, *, theme: str, is_phone: bool) -> None:
    with TemporaryDirectory(prefix="newsbot-pictures-") as folder:
        page, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        html = make_page([sample], title=sample.title, is_phone=is_phone)
        page.write_text(_only(html, theme), encoding="utf-8")
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
