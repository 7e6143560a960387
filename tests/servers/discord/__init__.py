"""A Discord of our own on loopback, for the real discord.py.

It does what the Discord documentation says and refuses what Discord refuses; every body
is held against the official OpenAPI file where that lies beside the checkout::

    async with DiscordServer() as server:                  # 127.0.0.1, a free port
        with redirected(server):                           # discord.py itself; a bot with
            ...start the bot with server.token...          # settings takes server.api_base
        await server.ready()
        other = server.add_channel(server.guild, "news")   # bot is told over the gateway
        asked = server.slash("/news recent company:huawei", channel=other, user=server.person)
        answer = await asked.answer()                      # a Message: .text .fields .custom_ids
        pressed = server.press(answer, answer.custom_ids[0], user=server.person)
        server.faults.add(Fault(502, is_committed=True))   # post, then lose the answer
        server.set_permissions(other, 0)                   # 50001 from now on
        assert [post.text for post in server.channel.posts] == [...]
        assert not server.limiter.overruns                 # no 429 of the bot's own making

``python -m tests.servers.discord --port 8801`` runs it as a process of its own, steered
over HTTP below ``/control`` or by the same module's commands (``say``, ``press``, ...).
"""

from tests.servers.discord.bodies import COMPONENTS_V2, EPHEMERAL, SUPPRESS_NOTIFICATIONS
from tests.servers.discord.faults import Fault, Faults
from tests.servers.discord.interactions import Interaction
from tests.servers.discord.limiter import Limiter
from tests.servers.discord.redirect import redirected
from tests.servers.discord.refusal import NotOffered
from tests.servers.discord.server import TOKEN, Asked, DiscordServer
from tests.servers.discord.world import Channel, Guild, Message, Role, User

__all__ = [
    "COMPONENTS_V2",
    "EPHEMERAL",
    "SUPPRESS_NOTIFICATIONS",
    "TOKEN",
    "Asked",
    "Channel",
    "DiscordServer",
    "Fault",
    "Faults",
    "Guild",
    "Interaction",
    "Limiter",
    "Message",
    "NotOffered",
    "Role",
    "User",
    "redirected",
]
