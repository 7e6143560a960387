"""docs/architecture.md names only what is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(bot/[\w/.]+)(?::([\w.]+))?`", PAGE)))


def names_in(path: Path) -> set[str]:
    """Everything a module defines, methods as ``Class.method``."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        match node:
            case ast.ClassDef(name=outer):
                methods = (ast.FunctionDef, ast.AsyncFunctionDef)
                found |= {f"{outer}.{one.name}" for one in node.body if isinstance(one, methods)}
                found.add(outer)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {one.id for one in targets if isinstance(one, ast.Name)}
            case _:
                pass
    return found


def test_the_walks_name_many_places() -> None:
    assert len(NAMED) > 30


def test_every_place_named_is_there() -> None:
    gone = [path for path, _ in NAMED if not (ROOT / path).exists()]
    assert gone == []

    files = {path for path, name in NAMED if name}
    defined = {path: names_in(ROOT / path) for path in files}
    missing = [f"{path}:{name}" for path, name in NAMED if name and name not in defined[path]]
    assert missing == []


def test_every_type_of_the_walk_is_one_of_the_code() -> None:
    # Words in code font with a capital that are no path: types, and environment variables.
    types = set(re.findall(r"`([A-Z][a-z]\w+)`", PAGE))
    source = "".join(
        path.read_text("utf-8") for room in ("model", "ports", "pipeline", "stories", "commands")
        for path in (ROOT / "bot" / room).glob("*.py")
    )  # fmt: skip

    assert {
        one for one in types if not re.search(rf"^class {one}\b", source, re.MULTILINE)
    } == set()


def test_every_room_is_in_the_picture() -> None:
    rooms = {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")}
    drawn = set(re.findall(r"[a-z]+", PAGE.split("```text")[1].split("```")[0]))

    assert rooms - {"demo", "bench"} <= drawn
