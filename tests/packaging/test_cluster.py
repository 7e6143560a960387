"""The cluster of docs/deploy/compose.cluster.yaml, started as its file says.

Containers are processes here, each port is another, and the database has its socket in a folder.
Commands, variables and secrets are those of the file.
"""

from __future__ import annotations

import asyncio
import re
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML

from tests.cli.program import ROOT, Newsbot
from tests.servers.feeds import Document, FeedServer
from tests.servers.postgres import PostgresServer
from tests.servers.slack import SlackServer

FILE = ROOT / "docs/deploy/compose.cluster.yaml"
SOCKET = ".s.PGSQL.5432"
TOKEN = "an-invented-token-of-the-page"
FEED = (
    b"<rss version='2.0'><channel><title>Example Wire</title><item><guid>one</guid>"
    b"<title>Village bakes its longest apple tart</title></item></channel></rss>"
)


@dataclass
class Service:
    """A service of the file, on this machine.

    Attributes:
        ports: which port of this machine stands for which of its container.
        process: None until it is started.
    """

    name: str
    content: dict[str, Any]
    newsbot: Newsbot
    ports: dict[str, int]
    process: Process | None = None

    @property
    def command(self) -> list[str]:
        command: list[str] = self.content["command"]
        return command

    @property
    def probe(self) -> str:
        """What the health check of its container asks, without the path."""
        (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)/healthz", str(self.content["healthcheck"]))
        return f"http://127.0.0.1:{self.ports[port]}"


def find_secrets(content: dict[str, Any]) -> list[str]:
    """Those of a service; as the head of the file says, Slack's in the place of Discord's."""
    of_slack = ["newsbot_slack_bot_token", "newsbot_slack_app_token"]
    found: list[str] = []
    for secret in content["secrets"]:
        found += of_slack if secret == "newsbot_discord_token" else [secret]
    return found


def find_services(
    folder: Path, env: dict[str, str], secrets: dict[str, str], free_port: Callable[[], int]
) -> dict[str, Service]:
    """The file's services that are ours, by name.

    Args:
        env: what stands in .env.
        secrets: what stands in the files of that name.
    """
    found = {}
    for name, content in YAML(typ="safe").load(FILE.read_text("utf-8"))["services"].items():
        if name == "postgres":
            continue
        newsbot = Newsbot(folder / name)
        ports: dict[str, int] = {}
        for secret in find_secrets(content):
            newsbot.write(f"secrets/{secret}", secrets[secret]).chmod(0o600)
        for variable, value in content["environment"].items():
            host, _, port = value.rpartition(":")
            assert host, f"{variable} is no address; say here what stands for it"
            ports.setdefault(port, free_port())
            newsbot.env[variable] = f"127.0.0.1:{ports[port]}"
        newsbot.env |= env | {
            "NEWSBOT_CONFIG_DIR": str(ROOT / "config"),
            "NEWSBOT_SECRETS_DIR": str(newsbot.folder / "secrets"),
        }
        found[name] = Service(name, content, newsbot, ports)
    return found


@asynccontextmanager
async def started(services: list[Service]) -> AsyncIterator[None]:
    """Start them, and stop them as Docker would."""
    for one in services:
        one.process = await one.newsbot.start(*one.command)
    processes = [(one, one.process) for one in services if one.process is not None]
    try:
        yield
        for _, process in processes:
            process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(one.newsbot.finish(process) for one, process in processes))
    finally:
        for _, process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def until_said(service: Service, text: str) -> None:
    """Until ``text`` is on its standard error."""
    assert service.process is not None
    assert service.process.stderr is not None
    said = ""
    async for line in service.process.stderr:
        said += line.decode()
        if text in said:
            return
    raise AssertionError(f"{service.name} ended without {text!r}: {said}")


async def until_ready(service: Service, client: httpx.AsyncClient) -> None:
    """Until every condition of its readiness holds; one that ended never will be."""
    said = "nothing answers"
    try:
        async with asyncio.timeout(120):
            while True:
                try:
                    answer = await client.get(f"{service.probe}/readyz")
                except httpx.TransportError as error:
                    said = str(error)
                else:
                    if answer.status_code == 200:
                        return
                    said = answer.text
                assert service.process is not None
                assert service.process.returncode is None, f"{service.name} ended"
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"{service.name} is not ready: {said}") from None


async def test_every_process_of_the_cluster_gets_ready_though_its_database_is_late(
    postgres: PostgresServer, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    late = tmp_path / "postgres"
    late.mkdir()
    with postgres.fresh_database() as url:
        schema = url.partition("&")[2]
        async with (
            FeedServer({"/news": Document(FEED)}) as feeds,
            SlackServer() as slack,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            (tmp_path / "feeds.txt").write_text(feeds.url("/news"))
            env = {
                "NEWSBOT_CATALOGUE_FEEDS": str(tmp_path / "feeds.txt"),
                "NEWSBOT_SLACK_API_BASE": slack.api_base,
                "NEWSBOT_HEALTH_GATEWAY_S": "0.1",  # who is to hear people must do so by then
                "NEWSBOT_WEB_PUBLIC_URL": "https://news.example.org",
            }
            secrets = {
                "newsbot_database_url": f"postgresql://postgres@/postgres?host={late}&{schema}",
                "newsbot_status_token": TOKEN,
                "newsbot_slack_bot_token": slack.bot_token,
                "newsbot_slack_app_token": slack.app_token,
            }
            services = find_services(tmp_path, env, secrets, unused_tcp_port_factory)
            upgrade = services.pop("upgrade")
            async with started(list(services.values())):
                await asyncio.gather(
                    *(until_said(one, "begins when it answers") for one in services.values())
                )
                (late / SOCKET).symlink_to(postgres.folder / SOCKET)
                await upgrade.newsbot(*upgrade.command)
                await asyncio.gather(*(until_ready(one, client) for one in services.values()))
                alive = {
                    name: (await client.get(f"{one.probe}/healthz")).status_code
                    for name, one in services.items()
                }
                ask = partial(client.get, headers={"Authorization": f"Bearer {TOKEN}"})
                pages = {name: (await ask(one.probe)).status_code for name, one in services.items()}
                hubs = services["web"].newsbot.env["NEWSBOT_WEB_LISTEN"]
                door = (await client.get(f"http://{hubs}/websub/nobody")).status_code
                sockets = slack.sockets.count

    assert alive == dict.fromkeys(("schedule", "poll", "deliver", "gateway", "web"), 200)
    assert pages == dict.fromkeys(("schedule", "poll", "deliver", "gateway"), 404) | {"web": 200}
    assert door == 404
    assert sockets == 1
