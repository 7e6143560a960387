"""The section of what operators look at in a browser."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bot.prose.addresses import is_loopback
from bot.settings.section import Section
from bot.settings.values import HostPortOrNone, Token, WebBaseOrNone

MIN_TOKEN = 16
"""Characters; whoever reaches the page may try as many tokens as the network carries."""

MAKE_TOKEN = "`openssl rand -hex 20` makes one"  # noqa: S105 - the command, no token


class StatusSettings(Section):
    """The status page, its feeds and what probes ask; off while ``listen`` is "".

    Attributes:
        listen: address and port; a bare port is one of this machine alone.
        token: whoever knows it may look; None where only this machine can.
        public_url: under which a proxy passes people on to ``listen``, or "".
    """

    listen: HostPortOrNone = ""
    token: Token = Field(default=None, repr=False)
    public_url: WebBaseOrNone = ""

    @property
    def is_on(self) -> bool:
        """Whether anything is to be shown."""
        return bool(self.listen)

    @property
    def host(self) -> str:
        """The address it listens at, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @model_validator(mode="after")
    def _is_locked(self) -> Self:
        """What others can reach is not open to all of them."""
        if not self.is_on or self.token:
            return self
        if not is_loopback(self.host):
            key, why = "listen", f"other machines reach {self.listen}"
        elif self.public_url and not is_loopback(urlsplit(self.public_url).hostname or ""):
            key, why = "public_url", "others reach that address"
        else:
            return self
        context = {"why": why, "make": MAKE_TOKEN, "keys": [key]}
        raise PydanticCustomError("half", "needs status.token too, as {why}; {make}", context)

    @model_validator(mode="after")
    def _is_hard_to_guess(self) -> Self:
        token = self.token.get_secret_value() if self.token else ""
        if not token or len(token) >= MIN_TOKEN:
            return self
        context = {"least": MIN_TOKEN, "make": MAKE_TOKEN, "keys": ["token"]}
        told = "should be {least} characters or more, so that nobody guesses it; {make}"
        raise PydanticCustomError("half", told, context)
