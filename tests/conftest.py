"""Fixtures every room shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real feeds and labelled headlines that lies beside a checkout.

    ``NEWSBOT_SHARED`` names another place; where it is absent the test is skipped.
    """
    folder = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"{folder.name}/ is absent: real feeds and gold labels are not shipped")
    return folder
