"""The sections of the platforms people talk on."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bot.settings.section import Section, Word
from bot.settings.values import (
    HostPort,
    Managers,
    Numbers,
    SlashedWebBase,
    SocketBase,
    Token,
    WebBase,
    WebBaseOrNone,
    Whole,
    WholeOrZero,
    read_numbers,
)

_CREDENTIALS = ("bot_token", "app_token", "signing_secret", "client_id", "client_secret")


class DiscordSettings(Section):
    """The Discord bot; off while ``token`` is not set.

    Attributes:
        token: the bot token, without "Bot " before it.
        api_base: of the REST API, with its version and without a slash at the end.
        gateway_url: of the gateway's websocket.
        max_requests_per_s: over the whole bot; Discord allows 50.
        feeds_open: whether managers of a server may change with /feeds what the bot polls.
        shard_count: connections to the gateway over which the servers are divided; 0 for as
            many as Discord advises, which is 1 for all but large bots.
        shards: those of this process, as in "0-3"; "" for all.
    """

    token: Token = Field(default=None, repr=False)
    api_base: WebBase = "https://discord.com/api/v10"
    gateway_url: SocketBase = "wss://gateway.discord.gg"
    max_requests_per_s: Whole = 45
    feeds_open: bool = True
    shard_count: WholeOrZero = 0
    shards: Numbers = ""

    @property
    def shard_numbers(self) -> tuple[int, ...]:
        """The shards of this process; () for all."""
        return read_numbers(self.shards)

    @model_validator(mode="after")
    def _has_its_shards(self) -> Self:
        """Processes that divide the servers differently would leave some out."""
        if not (numbers := self.shard_numbers):
            return self
        if not self.shard_count:
            told = "needs discord.shard_count too, the same for all processes"
            raise PydanticCustomError("half", told, {"keys": ["shards"]})
        if numbers[-1] >= self.shard_count:
            context = {"last": self.shard_count - 1, "count": self.shard_count, "keys": ["shards"]}
            told = "should list numbers up to {last} (discord.shard_count is {count})"
            raise PydanticCustomError("place", told, context)
        return self


class SlackSettings(Section):
    """The Slack app; off while the mode is "socket" and no credential is set.

    Attributes:
        mode: how Slack reaches us: over a socket that we open, which needs no public address
            and serves the workspace of ``bot_token``; or by HTTP requests to ``listen``.
        bot_token: the bot's own token ("xoxb-…"); with HTTP and without it, workspaces install
            the app themselves.
        app_token: the app-level token that opens the socket ("xapp-…").
        signing_secret: by which HTTP requests are known to be Slack's.
        client_id, client_secret: for workspaces that install the app.
        listen: address and port for HTTP; a proxy with TLS stands before it.
        public_url: under which people and Slack reach ``listen``, or "".
        api_base: of the Web API, with a slash at the end.
        managers: who may change subscriptions, watches and feeds: everybody in the channel,
            admins of the workspace, who created the channel, or the user group of this id.
        max_posts_per_min: to one workspace; Slack allows "several hundred".
        feeds_open: whether those who manage may change with /feeds what the bot polls.
    """

    mode: Annotated[Literal["socket", "http"], Word] = "socket"
    bot_token: Token = Field(default=None, repr=False)
    app_token: Token = Field(default=None, repr=False)
    signing_secret: Token = Field(default=None, repr=False)
    client_id: str = ""
    client_secret: Token = Field(default=None, repr=False)
    listen: HostPort = "127.0.0.1:3000"
    public_url: WebBaseOrNone = ""
    api_base: SlashedWebBase = "https://slack.com/api/"
    managers: Managers = "everyone"
    max_posts_per_min: Whole = 240
    feeds_open: bool = True

    @property
    def is_on(self) -> bool:
        """Whether Slack is to be connected at all."""
        return self.mode == "http" or any(getattr(self, key) for key in _CREDENTIALS)

    @model_validator(mode="after")
    def _tokens_in_their_places(self) -> Self:
        """The two are often swapped, and Slack's own answer to that names neither."""
        places = (
            ("bot_token", self.bot_token, "xapp-", "an app token", "app_token"),
            ("app_token", self.app_token, "xoxb-", "a bot token", "bot_token"),
        )
        for key, token, wrong, what, right in places:
            if token and token.get_secret_value().startswith(wrong):
                context = {"what": what, "wrong": wrong, "right": right, "keys": [key]}
                told = "holds {what} ({wrong}…), which belongs into slack.{right}"
                raise PydanticCustomError("place", told, context)
        return self

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Half of what a mode needs would be a bot that is silent."""
        if not self.is_on:
            return self
        missing = [f"slack.{key}" for key in self.needed if not getattr(self, key)]
        if missing:
            *others, last = missing
            listed = f"{', '.join(others)} and {last}" if others else last
            context = {"missing": listed, "mode": self.mode, "keys": self._given}
            told = "needs {missing} too (slack.mode is {mode})"
            raise PydanticCustomError("half", told, context)
        if self.mode == "http" and self.bot_token and self.client_id:
            context = {"keys": ["bot_token", "client_id"]}
            told = (
                "is of one workspace, slack.client_id is for many that install the app; "
                "take one of them out"
            )
            raise PydanticCustomError("place", told, context)
        return self

    @property
    def needed(self) -> tuple[str, ...]:
        """The keys that must be set, once one of them is."""
        if self.mode == "socket":
            return ("bot_token", "app_token")
        if self.bot_token and not (self.client_id or self.client_secret):
            return ("bot_token", "signing_secret")
        return ("signing_secret", "client_id", "client_secret", "public_url")

    @property
    def _given(self) -> list[str]:
        """What is set of all that makes a connection; the mode where it is nothing else."""
        names = (*self.needed, *_CREDENTIALS)
        return [key for key in dict.fromkeys(names) if getattr(self, key)] or ["mode"]
