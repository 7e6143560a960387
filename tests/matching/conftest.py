"""The matcher as it ships: real catalogue, real rules."""

from __future__ import annotations

import pytest

from bot.catalogue import load_catalogue
from bot.matching import Matcher
from bot.model import Catalogue
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "config")


@pytest.fixture(scope="session")
def matcher(catalogue: Catalogue) -> Matcher:
    return Matcher(catalogue)
