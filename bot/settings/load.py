"""From file, environment and command line to one Settings, or to a list of all that is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from bot.errors import SettingsInvalid
from bot.settings.file import SettingsFile, read_settings_file
from bot.settings.model import SECTIONS, Settings
from bot.settings.secrets import (
    FILE_SUFFIX,
    LONGEST_SHOWN,
    SECRETS_DIR,
    find_readers,
    read_secret_files,
)

FILE_NAME = "newsbot.toml"
CONFIG_DIR = "NEWSBOT_CONFIG_DIR"
OTHER_VARIABLES = frozenset({CONFIG_DIR, SECRETS_DIR, "NEWSBOT_SHARED"})
"""Names that are ours and no setting: two folders, and the tests' real feeds."""

Place = tuple[str, str]  # section, key


@dataclass(frozen=True, slots=True)
class _Given:
    """A value as somebody wrote it, and where: file and line, variable, command line."""

    value: object
    where: str


def load_settings(
    *,
    environ: Mapping[str, str],
    config_dir: Path | None = None,
    database_url: str | None = None,
    feeds: Path | None = None,
) -> Settings:
    """The settings of this run: command line over environment over file over defaults.

    Args:
        environ: the process's environment; NEWSBOT_SECTION_KEY sets section.key, and an
            empty variable sets nothing. A secret may stand in a file: bot/settings/secrets.py.
        config_dir: the folder of newsbot.toml and the catalogue; None to look for it.
        database_url, feeds: ``--database`` and ``--feeds`` of the command line.

    Returns:
        Settings whose ``warnings`` name the variables that are no setting. A relative
        ``catalogue.feeds`` of the file counts from the file's folder.

    Raises:
        SettingsInvalid: every mistake there is, one line each; no secret in any.
    """
    settings, problems = sift_settings(
        environ=environ, config_dir=config_dir, database_url=database_url, feeds=feeds
    )
    if problems:
        raise SettingsInvalid("\n".join(problems))
    return settings


def sift_settings(
    *,
    environ: Mapping[str, str],
    config_dir: Path | None = None,
    database_url: str | None = None,
    feeds: Path | None = None,
) -> tuple[Settings, list[str]]:
    """The same without what is wrong, and a line for each of these; see ``load_settings``.

    Raises:
        SettingsInvalid: there is no folder where one is named.
    """
    if config_dir is not None and not config_dir.is_dir():
        raise SettingsInvalid(f"--config: {config_dir} is no folder")
    catalogue_dir = config_dir or find_config_dir(environ, Path())
    local = config_dir or (catalogue_dir if environ.get(CONFIG_DIR) else Path("config"))
    gathered = _gather(environ, local / FILE_NAME)
    given = gathered.given
    if database_url is not None:
        given["database", "url"] = _Given(database_url, "--database")
    if feeds is not None:
        given["catalogue", "feeds"] = _Given(feeds, "--feeds")
    rest: dict[str, Any] = {
        "config_dir": catalogue_dir,
        "settings_path": local / FILE_NAME,
        "warnings": gathered.warnings,
    }
    settings, wrong = _settle(given, rest, default_feeds=_default_feeds(local, catalogue_dir))
    return settings, [*gathered.problems, *wrong]


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What file, secrets and environment say, the later over the earlier."""

    given: dict[Place, _Given]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def _gather(environ: Mapping[str, str], path: Path) -> _Gathered:
    problems: list[str] = []
    try:
        file = read_settings_file(path)
    except SettingsInvalid as error:
        problems.append(str(error))
        file = SettingsFile(path)
    given = _from_file(file, problems)
    warnings = list(_warn_of_readers(file, given))
    secrets = read_secret_files(environ, _variables_of_secrets())
    places = _variables()
    given |= {places[name]: _Given(*one) for name, one in secrets.values.items()}
    given |= _from_environment(environ)
    problems += secrets.problems
    warnings += [*secrets.warnings, *_warn_of_strangers(environ)]
    return _Gathered(given, tuple(problems), tuple(warnings))


def _settle(
    given: Mapping[Place, _Given], rest: dict[str, Any], *, default_feeds: Path
) -> tuple[Settings, list[str]]:
    """Settings of what is right in ``given``, and a line for each that is wrong."""
    problems: list[str] = []
    is_first = True
    while True:
        values = _nested(given) | rest
        values.setdefault("catalogue", {}).setdefault("feeds", default_feeds)
        try:
            return Settings(**values), problems
        except ValidationError as error:
            wrong = [
                one
                for one in error.errors(include_url=False)
                # A default that depends on a wrong value is not the operator's mistake.
                if one["type"] != "default_factory_not_called"
            ]
        if is_first:  # what is wrong only without the others need not be told
            problems += [_describe(one, given) for one in wrong]
        is_first = False
        left = {place: one for place, one in given.items() if place not in _places_of(wrong)}
        given = left if len(left) < len(given) else {}


def _places_of(wrong: Iterable[ErrorDetails]) -> set[Place]:
    """The settings that these mistakes are about."""
    return {place for one in wrong for place in _places(one)}


def _places(wrong: ErrorDetails) -> list[Place]:
    """The settings that one mistake is about; those of several sections are named in full."""
    section, key = (*map(str, wrong["loc"]), "", "")[:2]
    found = []
    for name in wrong.get("ctx", {}).get("keys") or [key]:
        of, _, last = name.rpartition(".")
        found.append((of or section, last))
    return found


def find_config_dir(environ: Mapping[str, str], cwd: Path) -> Path:
    """The folder of the catalogue: makers.toml, carriers.toml, outlets.toml, feeds.toml.

    What NEWSBOT_CONFIG_DIR names, else ``config`` in ``cwd`` if makers.toml is in it,
    else the copy that was installed with the program. The last holds no settings file.

    Raises:
        SettingsInvalid: NEWSBOT_CONFIG_DIR names no folder.
    """
    if named := environ.get(CONFIG_DIR):
        folder = cwd / named
        if not folder.is_dir():
            raise SettingsInvalid(f"{CONFIG_DIR}: {folder} is no folder")
        return folder
    local = cwd / "config"
    if (local / "makers.toml").is_file():
        return local
    package = Path(__file__).parent.parent
    shipped = package / "catalogue" / "shipped"  # in a wheel
    return shipped if shipped.is_dir() else package.parent / "config"  # in a checkout


def _default_feeds(local: Path, catalogue_dir: Path) -> Path:
    """The feed list beside the settings file, else the one of the catalogue."""
    own = local / "feeds.toml"
    return own if own.is_file() else catalogue_dir / "feeds.toml"


def _from_file(file: SettingsFile, problems: list[str]) -> dict[Place, _Given]:
    """The file's known keys; a line in ``problems`` for each that is none."""
    given: dict[Place, _Given] = {}
    for section, keys in file.content.items():
        if not isinstance(keys, dict) or (section not in SECTIONS and not keys):
            hint = _suggest(section, tuple(SECTIONS) if keys == {} else ())
            hint = f"; it is a section: [{section}]" if section in SECTIONS else hint
            problems.append(f"{file.place(section)}: {section} is no setting{hint}")
            continue
        for key, value in keys.items():
            where = file.place(section, key)
            if key in SECTIONS.get(section, ()):
                given[section, key] = _Given(_from_its_folder(file, section, key, value), where)
            else:
                name = f"{section}.{key}"
                problems.append(f"{where}: {name} is no setting{_suggest(name)}")
    return given


def _from_its_folder(file: SettingsFile, section: str, key: str, value: object) -> object:
    """A path in the file counts from the file's folder, wherever the program was started."""
    if (section, key) == ("catalogue", "feeds") and isinstance(value, str):
        return file.path.parent / value
    return value


class _Environment(EnvSettingsSource):
    """The library's reading of names, over the environment it is given."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environ.items()}


def _variable(section: str, key: str) -> str:
    return f"NEWSBOT_{section}_{key}".upper()


def _variables() -> dict[str, Place]:
    """Every variable that sets something, and what."""
    return {_variable(s, k): (s, k) for s, keys in SECTIONS.items() for k in keys}


def _is_secret(section: str, key: str) -> bool:
    """Whether a value is kept out of every message."""
    kind = Settings.model_fields[section].annotation
    return not getattr(kind, "model_fields", {})[key].repr


def _variables_of_secrets() -> list[str]:
    return [name for name, place in _variables().items() if _is_secret(*place)]


def _warn_of_readers(file: SettingsFile, given: Mapping[Place, _Given]) -> Iterator[str]:
    """A line where the settings file has a token and is open to everybody on the machine.

    The database's address is a secret only if a password is in it.
    """
    tokens = [
        one.where
        for (section, key), one in given.items()
        if _is_secret(section, key)
        and one.value
        and (section != "database" or "@" in str(one.value))
    ]
    if tokens and (readers := find_readers(file.path)):
        yield f"{tokens[0]}: there is a secret in this file, which {readers}"


def _from_environment(environ: Mapping[str, str]) -> dict[Place, _Given]:
    known = {name: environ[name] for name in _variables() if environ.get(name, "").strip()}
    return {
        (section, key): _Given(value, _variable(section, key))
        for section, keys in _Environment(known)().items()
        for key, value in keys.items()
    }


def _warn_of_strangers(environ: Mapping[str, str]) -> Iterator[str]:
    """A line for each variable that looks like ours and sets nothing; never its value."""
    files = [name + FILE_SUFFIX for name in _variables_of_secrets()]
    known = (*_variables(), *files, *OTHER_VARIABLES)
    for name in sorted(environ):
        if name.startswith("NEWSBOT_") and name not in known:
            yield f"{name} is no setting and is ignored{_suggest(name, known)}"


def _suggest(name: str, known: tuple[str, ...] = ()) -> str:
    """``; did you mean …?`` with the nearest known name, by the whole or by its last part."""
    names = known or tuple(f"{s}.{k}" for s, keys in SECTIONS.items() for k in keys)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    if not near:
        by_key = {full.rpartition(".")[2]: full for full in names}
        last = difflib.get_close_matches(name.rpartition(".")[2], by_key, n=1, cutoff=0.7)
        near = [by_key[key] for key in last]
    return f"; did you mean {near[0]}?" if near else ""


def _nested(given: Mapping[Place, _Given]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for (section, key), one in given.items():
        values.setdefault(section, {})[key] = one.value
    return values


def _describe(wrong: ErrorDetails, given: Mapping[Place, _Given]) -> str:
    """One line: where it was written, which setting, what is wrong, what was there."""
    about = _places(wrong)
    section, key = about[0]
    where = ", ".join(given[place].where for place in about if place in given)
    what = re.split(r", (?:unable|got) ", wrong["msg"])[0]
    what = what.removeprefix("Value error, ").removeprefix("Input ")
    what = what.replace("valid tuple", "list")
    subject = f"{where}: {section}.{key}"
    if wrong["type"] == "order":
        return f"{where}: {section}.{what}"
    if wrong["type"] == "half":  # it is not the value that is wrong
        return f"{subject} {what}"
    return f"{subject} {what}{_shown(section, key, given.get(about[0]))}"


def _shown(section: str, key: str, one: _Given | None) -> str:
    """``; got …``, unless that might be a secret, in its own place or pasted into another's."""
    text = repr(one.value) if one else ""
    if (
        _is_secret(section, key)
        or not text
        or len(text) > LONGEST_SHOWN
        or re.search(r"@|xox|xapp-", text)
    ):
        return ""
    return f"; got {text}"
