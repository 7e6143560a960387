"""A Slack of our own on loopback, for the real slack-bolt and slack-sdk.

It does what the Slack documentation says and refuses what Slack refuses::

    async with SlackServer() as server:                    # 127.0.0.1, a free port
        ...start the app with server.api_base, server.bot_token, server.app_token...
        await server.ready()                               # it has a socket
        other = server.add_channel("news", team=server.team)
        act = await server.slash("/news recent huawei", channel=other, user=server.person)
        assert "Huawei" in act.text                        # all that person saw, drawn
        act = await server.press(act.answer, "Why")        # by label or action_id
        act = await server.submit(act.modal, {"Reason": "old"})
        server.faults.add(Fault(503, is_committed=True))   # post, then lose the answer
        server.remove_bot(other)                           # not_in_channel from now on
        assert [post.text for post in server.channel.posts] == [...]
        assert not server.limiter.overruns                 # no 429 of the app's own making
        assert not server.complaints                       # nothing that Slack shows wrongly
        assert not server.hand_over.late                   # everything acknowledged within 3 s

With ``server.hand_over.request_url = "http://…/slack/events"`` everything is posted there,
signed, instead of being sent over a socket. ``python -m tests.servers.slack --port 8802`` runs it
as a process of its own with a prompt for a person.
"""

from tests.servers.slack.acts import Act
from tests.servers.slack.faults import Fault, Faults
from tests.servers.slack.hand_over import Envelope
from tests.servers.slack.limiter import Limiter
from tests.servers.slack.modals import View
from tests.servers.slack.oauth import CLIENT_ID, CLIENT_SECRET, agree
from tests.servers.slack.refusal import NotOffered, Refused, Unanswered
from tests.servers.slack.server import Asked, SlackServer
from tests.servers.slack.signing import encode, post_signed, sign
from tests.servers.slack.world import BOT_SCOPES, Channel, Group, Message, Team, User

__all__ = [
    "BOT_SCOPES",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "Act",
    "Asked",
    "Channel",
    "Envelope",
    "Fault",
    "Faults",
    "Group",
    "Limiter",
    "Message",
    "NotOffered",
    "Refused",
    "SlackServer",
    "Team",
    "Unanswered",
    "User",
    "View",
    "agree",
    "encode",
    "post_signed",
    "sign",
]
