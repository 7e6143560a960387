"""Secrets that stand in files: what containers, systemd and Kubernetes hand to a program.

Two ways, both for secrets alone (tokens, and the database's address with its password):
``NEWSBOT_DISCORD_TOKEN_FILE=/path`` names a file, and a folder holds files named like the
variables in lower case, ``newsbot_discord_token``. The folder is what NEWSBOT_SECRETS_DIR
names, else systemd's CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=).
"""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECRETS_DIR = "NEWSBOT_SECRETS_DIR"
CREDENTIALS_DIR = "CREDENTIALS_DIRECTORY"
FILE_SUFFIX = "_FILE"

CONTAINER_DIR = Path("/run/secrets")
"""Where containers have their secrets; one that was given none lacks the folder."""

LONGEST_SHOWN = 40
"""Characters of a wrong value that an error repeats; tokens are longer."""

MAX_BYTES = 65_536
"""Of a secret's file; the longest secret is an address of some hundred."""


@dataclass(slots=True)
class SecretFiles:
    """What was found.

    Attributes:
        values: the secret and the place it came from, by the name of its variable.
        problems: lines on files that were named and cannot be used.
        warnings: lines on what may be a slip.
    """

    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_secret_files(environ: Mapping[str, str], variables: Iterable[str]) -> SecretFiles:
    """Read the files of those of ``variables`` that have one; no secret is in any line."""
    found = SecretFiles()
    known = tuple(variables)
    if folder := _find_folder_or_none(environ, found):
        _read_folder(folder, known, found)
    for variable in known:
        named = environ.get(variable + FILE_SUFFIX, "").strip()
        if not named:
            continue
        where = f"{variable}{FILE_SUFFIX}: {_show_name(named)}"
        if environ.get(variable, "").strip():
            found.problems.append(
                f"{variable} and {variable}{FILE_SUFFIX} are both set; take one of them out"
            )
        elif objection := _find_objection(Path(named)):
            found.problems.append(f"{where} {objection}")
        else:
            _read(Path(named), variable, where, found)
    return found


def find_readers(path: Path) -> str:
    """What is wrong with who may read ``path``, or "".

    Only POSIX modes are looked at: Windows has none.
    """
    if os.name == "posix" and path.stat().st_mode & stat.S_IROTH:
        return f"may be read by every user of this machine; chmod o-r {path}"
    return ""


def _show_name(named: str) -> str:
    """The name of a file, unless it may be the secret itself, put where a file is to be named."""
    is_short = len(named) <= LONGEST_SHOWN and "://" not in named
    return named if is_short or Path(named).is_absolute() else "what it names"


def _find_folder_or_none(environ: Mapping[str, str], found: SecretFiles) -> Path | None:
    for variable in (SECRETS_DIR, CREDENTIALS_DIR):
        if named := environ.get(variable, "").strip():
            folder = Path(named)
            if folder.is_dir():
                return folder
            if folder != CONTAINER_DIR:
                found.warnings.append(
                    f"{variable}: there is no folder {folder}, so no secret is read from it"
                )
            return None
    return None


def _read_folder(folder: Path, known: tuple[str, ...], found: SecretFiles) -> None:
    """Take the files that are named like a secret's variable.

    Whoever fills such a folder sets who may read it, and nobody else lives in a container.
    """
    by_name = {variable.lower(): variable for variable in known}
    try:
        paths = sorted(path for path in folder.iterdir() if not path.is_dir())
    except OSError as error:
        found.problems.append(f"{folder}: cannot be read: {error.strerror}")
        return
    for path in paths:
        variable = by_name.get(path.name.lower())
        if variable:
            _read(path, variable, str(path), found)
        elif path.name.lower().startswith("newsbot_"):
            near = difflib.get_close_matches(path.name.lower(), by_name, n=1, cutoff=0.7)
            hint = f"; did you mean {near[0]}?" if near else ""
            found.warnings.append(f"{path} is no secret of newsbot and is ignored{hint}")


def _find_objection(path: Path) -> str:
    """Why the file that somebody named is not to be taken, or ""."""
    try:
        if path.is_dir():
            return "is a folder; name a file in it"
        return find_readers(path)
    except FileNotFoundError:
        return "is not there; write the secret into it, or take the variable out"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _read(path: Path, variable: str, where: str, found: SecretFiles) -> None:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode("utf-8-sig").strip()
    except OSError as error:
        found.problems.append(
            f"{where} cannot be read: {error.strerror}; let the user that runs newsbot read it"
        )
        return
    except UnicodeDecodeError:
        found.problems.append(f"{where} is no text; it should hold the secret and nothing else")
        return
    if len(raw) > MAX_BYTES:
        found.problems.append(f"{where} is too long for a secret; it should hold nothing else")
    elif not text:
        found.problems.append(f"{where} is empty; write the secret into it")
    else:
        found.values[variable] = (text, where)
