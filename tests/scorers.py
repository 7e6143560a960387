"""The scorers that came with the labels, loaded from where they lie."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any


def load_scorer(shared: Path, name: str) -> Any:  # a module of its own, without types
    """``data/NAME.py`` of the shared folder, as a module."""
    path = shared / "data" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
