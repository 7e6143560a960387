"""Which database an address names."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import DatabaseUnusable
from bot.store.advice import advise

SETTING = "database.url (NEWSBOT_DATABASE_URL)"
EXAMPLES = "sqlite:///newsbot.sqlite3 or postgresql://user:password@host/database"
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",  # as hosting providers write it
    "sqlite+aiosqlite": "sqlite+aiosqlite",  # as those who know SQLAlchemy write them
    "postgresql+psycopg": "postgresql+psycopg",
}

LIMITS = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
"""How long a PostgreSQL server is waited for that says nothing, as libpq takes it: 10 s for a
connection; 25 s where its machine lost its power or the network is gone, which nobody tells us.
Linux would wait for two hours."""


def parse_url(text: str) -> URL:
    """Read ``database.url`` as people write it; the driver is ours to choose.

    ``sqlite:///relative.sqlite3``, ``sqlite:////absolute.sqlite3``, ``sqlite://`` (in
    memory), a bare path, or ``postgresql://user:password@host/database`` with the options
    of libpq behind a question mark.

    Raises:
        DatabaseUnusable: none of these; the message repeats nothing of ``text`` that may
            be a password.
    """
    if text and "://" not in text:
        return URL.create(DRIVERS["sqlite"], database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = URL.create("")
    if not url.drivername or "@" in (url.host or ""):
        # Raised from nothing: what make_url says may quote a piece of the password.
        raise DatabaseUnusable(
            f"{SETTING} is no database address; write {EXAMPLES}, "
            "with special characters of a password percent-encoded (@ is %40)"
        ) from None
    if url.drivername not in DRIVERS:
        raise DatabaseUnusable(f"{SETTING}: {url.drivername}:// is not supported; write {EXAMPLES}")
    if url.get_backend_name() == "sqlite":
        if url.host:
            raise DatabaseUnusable(
                f"{SETTING}: a path follows three slashes; write sqlite:///{url.host}"
            )
        if url.query:
            raise DatabaseUnusable(f"{SETTING}: sqlite takes no options after a question mark")
    return url.set(drivername=DRIVERS[url.drivername])


def describe_url(url: URL) -> str:
    """The address for people: no driver, no password, no options (they may hold one)."""
    shown = url.set(drivername=url.get_backend_name(), query={})
    return shown.render_as_string(hide_password=True)


def sqlite_path_or_none(url: URL) -> Path | None:
    """The file of an SQLite address; None in memory and for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


def conninfo_of(text: str) -> str:
    """The address of a PostgreSQL database as libpq takes it, password and options with it.

    Made of the parts that the store's own connections are given. As an address it would not do:
    SQLAlchemy writes a space as it is or as "+", which libpq refuses or takes for a plus, and
    libpq repeats what it cannot read, password and all.

    Raises:
        DatabaseUnusable: ``text`` is no address, or has an option that libpq does not know.
        ValueError: it is one of SQLite.
    """
    url = parse_url(text)
    if url.get_backend_name() == "sqlite":
        raise ValueError("SQLite has no address that libpq takes")
    from psycopg import ProgrammingError  # noqa: PLC0415  # SQLite needs none of it
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    _, parts = url.get_dialect()().create_connect_args(with_limits(url))
    try:
        return make_conninfo(**parts)
    except ProgrammingError as error:
        said = " ".join(str(error).split())
        raise DatabaseUnusable(f"{SETTING} {describe_url(url)}: {said}; {advise(said)}") from None


def with_limits(url: URL) -> URL:
    """The address of a PostgreSQL server with ``LIMITS``, but for those that it names itself."""
    own = {name: value for name, value in LIMITS.items() if name not in url.query}
    return url.update_query_dict(own)


def check_place(url: URL) -> None:
    """Refuse an SQLite file that cannot be where the address says.

    Raises:
        DatabaseUnusable: its folder is missing, or it is a folder itself.
    """
    path = sqlite_path_or_none(url)
    if path is None:
        return
    where = f"{SETTING} {describe_url(url)}"
    if not path.parent.is_dir():
        raise DatabaseUnusable(f"{where}: there is no folder {path.parent.absolute()}; create it")
    if path.is_dir():
        raise DatabaseUnusable(f"{where}: {path.absolute()} is a folder; name a file in it")


def make_private(path: Path) -> None:
    """Make an empty file that its owner alone may read, unless there is one already.

    SQLite would leave that to the umask, and tokens of workspaces are to be written into it. What
    it makes beside it follows the file. Where nothing can be made SQLite has the words for it.
    """
    with suppress(OSError):
        path.touch(mode=0o600, exist_ok=False)
