"""The settings as the program sees them: sections of frozen values, each with its default.

config/newsbot.example.toml says the same to the operator; tests/settings holds
the two together. Which file and which variables fill them is settled in load.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot import __version__
from bot.model import ProcessRole
from bot.settings.chats import DiscordSettings, SlackSettings
from bot.settings.doors import check_doors
from bot.settings.health import HealthSettings
from bot.settings.section import Section, Word
from bot.settings.status import StatusSettings
from bot.settings.values import (
    ALL,
    AllowedAddresses,
    ChatBase,
    ContactUrl,
    DatabaseUrl,
    DaysOrForEver,
    HostPort,
    Pause,
    Roles,
    Seconds,
    Token,
    WebBaseOrNone,
    Whole,
    WholeOrZero,
    parse_roles,
)


def _in_order(section: Section, low: str, high: str) -> None:
    """``low`` must not pass ``high``; an error names both, so that both places are shown."""
    least, most = getattr(section, low), getattr(section, high)
    if least > most:
        context = {"low": low, "least": f"{least:g}", "high": high, "most": f"{most:g}"}
        message = "{low} ({least}) is above {high} ({most})"
        raise PydanticCustomError("order", message, context | {"keys": [low, high]})


class DatabaseSettings(Section):
    """Where everything is remembered.

    Attributes:
        url: of SQLite or PostgreSQL, or a bare path for SQLite; a relative one counts from the
            working directory. May hold a password, so it is in no repr.
    """

    url: DatabaseUrl = Field(default="sqlite:///newsbot.sqlite3", repr=False)


class RunSettings(Section):
    """What a process does.

    Attributes:
        roles: of this process, of several on one PostgreSQL; "all" for each of them.
    """

    roles: Roles = (ALL,)

    @property
    def parsed_roles(self) -> frozenset[ProcessRole]:
        """The roles themselves."""
        return parse_roles(self.roles)


class FetchSettings(Section):
    """How feeds are asked.

    Attributes:
        allow_addresses: private networks, each with an optional port, that may be asked all
            the same; as written, its form checked.
        deadline_s: for the whole exchange, redirects included.
        max_bytes: of a body after decompression.
        max_redirects: 0 to follow none.
        concurrency: exchanges under way at once.
        per_host_concurrency: of those, with one host.
        per_host_spacing_s: between the starts of two exchanges with one host.
        contact_url: named in the User-Agent, or "".
    """

    allow_addresses: AllowedAddresses = ()
    deadline_s: Seconds = 30.0
    max_bytes: Whole = 10_485_760
    max_redirects: Annotated[WholeOrZero, Field(le=20)] = 5
    concurrency: Whole = 32
    per_host_concurrency: Whole = 2
    per_host_spacing_s: Pause = 0.5
    contact_url: ContactUrl = ""

    @model_validator(mode="after")
    def _host_within_all(self) -> Self:
        if "per_host_concurrency" in self.model_fields_set:
            _in_order(self, "per_host_concurrency", "concurrency")
        return self


def _min_interval(earlier: dict[str, Any]) -> float:
    return min(300.0, float(earlier.get("max_interval_s", 300.0)))


def _default_interval(earlier: dict[str, Any]) -> float:
    least, most = earlier.get("min_interval_s", 600.0), earlier.get("max_interval_s", 600.0)
    return float(min(max(600.0, least), most))


class PollSettings(Section):
    """When feeds are asked. What nobody set gives way to what somebody did.

    Attributes:
        adaptive: each feed is asked by its own rhythm, and sooner while a story is hot.
        max_interval_s, min_interval_s: what rhythms and publishers' own wishes are cut to; a
            week at most, see ``LONGEST_WAIT``.
        default_interval_s: between polls of a feed that has something every four hours, or of
            which nothing is known yet; without ``adaptive`` of every feed.
        unconditional_after_s: a fetch without validators at least this often; at most half of
            ``seen_days``, as it alone lists what stands unchanged in a feed.
        seen_days: how long an entry is remembered after its feed last listed it.
        post_first_poll: post what a feed's first poll brings, not only keep it.
    """

    adaptive: bool = True
    max_interval_s: Annotated[Seconds, Field(le=7 * 86_400)] = 86_400.0
    min_interval_s: Seconds = Field(default_factory=_min_interval)
    default_interval_s: Seconds = Field(default_factory=_default_interval)
    unconditional_after_s: Seconds = 86_400.0
    seen_days: Whole = 90
    post_first_poll: bool = False

    @model_validator(mode="after")
    def _intervals_in_order(self) -> Self:
        _in_order(self, "min_interval_s", "max_interval_s")
        _in_order(self, "min_interval_s", "default_interval_s")
        _in_order(self, "default_interval_s", "max_interval_s")
        return self

    @model_validator(mode="after")
    def _listed_before_forgotten(self) -> Self:
        """What no whole fetch lists in time is forgotten, and posted once more as news."""
        if self.unconditional_after_s <= self.seen_days * 86_400.0 / 2:
            return self
        context = {
            "whole": f"{self.unconditional_after_s:g}",
            "days": self.seen_days,
            "keys": ["unconditional_after_s", "seen_days"],
        }
        message = (
            "unconditional_after_s ({whole}) is above half of seen_days ({days}); "
            "entries would be forgotten while their feed lists them"
        )
        raise PydanticCustomError("order", message, context)


class ParseSettings(Section):
    """The worker processes that read documents.

    Attributes:
        workers: how many.
        timeout_s: for one document, then its worker is killed.
        max_memory_mb: of one worker, in MiB.
    """

    workers: Annotated[Whole, Field(le=64)] = 1
    timeout_s: Seconds = 20.0
    max_memory_mb: Annotated[Whole, Field(ge=128)] = 512


class DeliverSettings(Section):
    """How posts are repeated.

    Attributes:
        max_attempts: at one revision of a post before it is given up.
        lease_s: how long a send may be under way before another process takes it over.
        gather_s: how long an edit of a post waits for further reports to join it.
    """

    max_attempts: Whole = 50
    lease_s: Seconds = 60.0
    gather_s: Pause = 20.0


class StoriesSettings(Section):
    """How long a story lives.

    Attributes:
        close_after_h: hours without a report after which nothing joins it any more; reports
            further apart are not compared, so there is no more than five days.
    """

    close_after_h: Annotated[Whole, Field(le=120)] = 120


class KeepSettings(Section):
    """For how long what is over is kept.

    Attributes:
        stories_days: a story after its last report, with its reports and what was posted of it;
            0 for ever.
        audit_days: who changed what; 0: the latest thousand of a workspace.
    """

    stories_days: DaysOrForEver = 0
    audit_days: DaysOrForEver = 0


class SummariesSettings(Section):
    """Where the sentences under a headline come from.

    Attributes:
        fetch_articles: read the article's page where the feed brings only a teaser.
        article_deadline_s: how long a post waits for that at most.
        endpoint_url: of an OpenAI-compatible API, without ``/chat/completions``; "" for none.
        endpoint_model: the name of the model there.
        endpoint_key: the bearer token, None where none is wanted.
        endpoint_timeout_s: for one call.
    """

    fetch_articles: bool = True
    article_deadline_s: Annotated[Seconds, Field(le=30)] = 5.0
    endpoint_url: ChatBase = ""
    endpoint_model: str = ""
    endpoint_key: Token = Field(default=None, repr=False)
    endpoint_timeout_s: Seconds = 10.0

    @field_validator("endpoint_model")
    @classmethod
    def _without_spaces_around(cls, model: str) -> str:
        return model.strip()

    @model_validator(mode="after")
    def _endpoint_is_whole(self) -> Self:
        """A model or a key alone would silently do nothing, an address alone fail each time."""
        if self.endpoint_url and not self.endpoint_model:
            context = {"keys": ["endpoint_url"]}
            raise PydanticCustomError("missing", "needs summaries.endpoint_model too", context)
        for key in ("endpoint_model", "endpoint_key"):
            if getattr(self, key) and not self.endpoint_url:
                context = {"keys": [key]}
                raise PydanticCustomError("missing", "needs summaries.endpoint_url too", context)
        return self


class WebSettings(Section):
    """Where hubs reach us; off while ``public_url`` is "".

    Attributes:
        listen: address and port; a proxy with TLS stands before it.
        public_url: under which ``listen`` is reached from outside, or "".
    """

    listen: HostPort = "127.0.0.1:8080"
    public_url: WebBaseOrNone = ""

    @property
    def is_on(self) -> bool:
        """Whether feeds are to be pushed to us by their hubs."""
        return bool(self.public_url)


class CatalogueSettings(Section):
    """Where the lists are that people edit.

    Attributes:
        feeds: the feed list: TOML, OPML, or one URL a line.
    """

    feeds: Path = Path("feeds.toml")


class LogSettings(Section):
    """What is written to standard error.

    Attributes:
        level: the least severity that is written.
        format: lines for people, or JSON lines.
    """

    level: Annotated[Literal["debug", "info", "warning", "error"], Word] = "info"
    format: Annotated[Literal["console", "json"], Word] = "console"


class Settings(BaseSettings):
    """Everything the operator decides, checked; made by ``load_settings``.

    Attributes:
        config_dir: the folder of the catalogue.
        settings_path: where the settings file is, or would be.
        warnings: lines for the operator on variables that name no setting.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix="NEWSBOT_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
    )

    discord: DiscordSettings = DiscordSettings()
    slack: SlackSettings = SlackSettings()
    database: DatabaseSettings = DatabaseSettings()
    run: RunSettings = RunSettings()
    fetch: FetchSettings = FetchSettings()
    poll: PollSettings = PollSettings()
    parse: ParseSettings = ParseSettings()
    deliver: DeliverSettings = DeliverSettings()
    stories: StoriesSettings = StoriesSettings()
    keep: KeepSettings = KeepSettings()
    summaries: SummariesSettings = SummariesSettings()
    web: WebSettings = WebSettings()
    status: StatusSettings = StatusSettings()
    health: HealthSettings = HealthSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    log: LogSettings = LogSettings()

    config_dir: Path = Path("config")
    settings_path: Path = Path("config/newsbot.toml")
    warnings: tuple[str, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What it is made from is what it holds; the process's environment is not looked at."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @model_validator(mode="after")
    def _doors_apart(self) -> Self:
        check_doors(self)
        return self

    @property
    def feeds_path(self) -> Path:
        """The feed list."""
        return self.catalogue.feeds

    @property
    def user_agent(self) -> str:
        """Who we are and whom a server's operator can reach, as RFC 9110 §10.1.5 asks."""
        contact = f"; +{self.fetch.contact_url}" if self.fetch.contact_url else ""
        return f"newsbot/{__version__} (news alerts{contact})"

    @property
    def connected(self) -> tuple[str, ...]:
        """The platforms that are set up, as people call them; then the console gets no posts."""
        is_set_up = {"Discord": self.discord.token is not None, "Slack": self.slack.is_on}
        return tuple(name for name, is_on in is_set_up.items() if is_on)

    def secret_values(self) -> tuple[str, ...]:
        """Every secret that is set, for the log to mask."""
        return tuple(secret for secret in self._secrets() if secret)

    def _secrets(self) -> Iterator[str]:
        for token in (
            self.discord.token,
            self.slack.bot_token,
            self.slack.app_token,
            self.slack.signing_secret,
            self.slack.client_secret,
            self.summaries.endpoint_key,
            self.status.token,
        ):
            yield token.get_secret_value() if token else ""
        with suppress(ValueError):  # no URL of a server, so no password
            parts = urlsplit(self.database.url)
            yield parts.password or ""
            yield unquote(parts.password or "")
            yield from parse_qs(parts.query).get("password", ())


SECTIONS: dict[str, tuple[str, ...]] = {
    name: tuple(field.annotation.model_fields)
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}
"""Every section and its keys."""
