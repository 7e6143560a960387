"""A file that somebody put into a form, fetched from Slack."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.command import Upload
from bot.errors import InputInvalid
from bot.platforms.slack.failures import error_of
from bot.platforms.slack.fields import PickedFile

LOAD_S = 60.0
"""Seconds for a file of the size that is read at most."""

_FINE = 200


async def load_upload(client: AsyncWebClient, file: PickedFile, *, max_bytes: int) -> Upload:
    """The file with its content.

    Args:
        client: with a session and the bot's token.

    Raises:
        InputInvalid: it is larger than ``max_bytes``, or Slack does not hand it out.

    Source: Slack documentation, "file object": ``url_private_download`` wants the bot's token
    in the header Authorization, and the scope files:read.
    """
    if file.size > max_bytes:
        raise _too_large(file, max_bytes)
    try:
        url = file.url or await _find_url(client, file)
        return Upload(file.name, await _load(client, url, file, max_bytes))
    except SlackApiError as error:
        raise _not_handed_out(file, error_of(error)) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise _not_handed_out(file, type(error).__name__) from error


async def _find_url(client: AsyncWebClient, file: PickedFile) -> str:
    """Of a file from another workspace a form names but the id."""
    found = (await client.files_info(file=file.id))["file"]
    return str(found.get("url_private_download") or found.get("url_private") or "")


async def _load(client: AsyncWebClient, url: str, file: PickedFile, max_bytes: int) -> bytes:
    if client.session is None or not _is_slacks(url, client):  # the token goes nowhere else
        raise _not_handed_out(file, "its address is not one of Slack")
    content = bytearray()
    async with client.session.get(
        url,
        headers={"Authorization": f"Bearer {client.token}"},
        allow_redirects=False,  # without the right, Slack leads to a page to log in
        timeout=aiohttp.ClientTimeout(total=LOAD_S),
    ) as answer:
        if answer.status != _FINE:
            raise _not_handed_out(file, f"status {answer.status}")
        async for chunk in answer.content.iter_chunked(65_536):
            content += chunk
            if len(content) > max_bytes:
                raise _too_large(file, max_bytes)
    return bytes(content)


def _is_slacks(url: str, client: AsyncWebClient) -> bool:
    """Whether ``url`` leads to Slack, or to where its API is said to be."""
    there, own = urlsplit(url), urlsplit(client.base_url)
    host = there.hostname or ""
    is_slack = there.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
    return is_slack or (there.scheme, there.netloc) == (own.scheme, own.netloc)


def _too_large(file: PickedFile, max_bytes: int) -> InputInvalid:
    return InputInvalid(
        f"file: {file.name} has more than {max_bytes} bytes, and no more are read. Split it, or "
        "let the operator import it"
    )


def _not_handed_out(file: PickedFile, why: str) -> InputInvalid:
    return InputInvalid(
        f"file: Slack did not hand {file.name} out ({why}). Put it in once more; if that does "
        "not help, the app lacks the scope files:read"
    )
