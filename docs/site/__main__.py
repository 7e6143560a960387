"""``python -m docs.site [FOLDER]``, or ``make docs``: the pages, in build/docs/html."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from docs.site.build import ROOT, build


def main() -> None:
    """Build, say where the pages are, and fail on any warning."""
    parser = argparse.ArgumentParser(prog="python -m docs.site", description=__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=ROOT / "build" / "docs", help="default: build/docs"
    )
    folder = parser.parse_args().folder
    problems = build(folder)
    if problems:
        sys.exit(f"{problems}\nThe pages of docs/ were not built: mend the lines above.")
    print(f"The pages are in {folder / 'html' / 'index.html'}")  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
