"""Files: uploaded by the app, or given by a person in a modal and fetched by the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.servers.slack.calls import Answer, Call, method
from tests.servers.slack.refusal import Refused

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer


@dataclass
class File:
    """A file; ``content`` is None while it is announced and not uploaded yet."""

    id: str
    team_id: str
    user: str
    name: str
    size: int
    content: bytes | None = None
    title: str = ""
    kind: str = "application/octet-stream"

    def json(self, root: str) -> dict[str, Any]:
        """The file object."""
        return {
            "id": self.id,
            "created": 1,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.kind,
            "filetype": self.name.rpartition(".")[2],
            "user": self.user,
            "user_team": self.team_id,
            "size": len(self.content or b""),
            "mode": "hosted",
            "is_external": False,
            "url_private": f"{root}/files-pri/{self.id}/{self.name}",
            "url_private_download": f"{root}/files-pri/{self.id}/download/{self.name}",
        }


@method(
    "files.getUploadURLExternal", "files:write", tier=4, more="filename length alt_txt snippet_type"
)
def get_upload_url(call: Call) -> Answer:
    """An address to upload one file to."""
    state = call.state
    size = call.number("length", 0, low=1, high=2**30)
    file = File(state.ids.next("F"), call.team.id, call.team.bot.id, call.need("filename"), size)
    state.files[file.id] = file
    return {"upload_url": f"{state.root}/upload/v1/{file.id}", "file_id": file.id}


COMPLETE = "files channel_id channels initial_comment thread_ts blocks"


@method("files.completeUploadExternal", "files:write", tier=4, more=COMPLETE)
def complete_upload(call: Call) -> Answer:
    """Share uploaded files in a channel, or nowhere."""
    given = call.value("files", error="invalid_arguments")
    if not isinstance(given, list) or not given:
        raise Refused("invalid_arguments", "missing required field: files")
    found = [_find(call, str(each.get("id", ""))) for each in given]
    for each, file in zip(given, found, strict=True):
        if file.content is None:
            raise Refused("file_not_found")
        file.title = each.get("title") or file.name
    channels = [c for c in call.text("channels").split(",") if c]
    channels += [call.text("channel_id")] if call.text("channel_id") else []
    shown = [file.json(call.state.root) for file in found]
    for name in channels:
        channel = call.state.find_channel(call.team, name)
        if call.team.bot.id not in channel.members:
            raise Refused("not_in_channel")
        if channel.is_archived:
            raise Refused("is_archived")
        body = {"text": call.text("initial_comment"), "files": shown}
        thread = call.text("thread_ts")
        message = call.state.post(channel, call.team.bot, body, thread_ts=thread)
        call.state.notice_post(message)
    return {"files": [{"id": f["id"], "title": f["title"]} for f in shown]}


@method("files.info", "files:read", tier=4)
def info(call: Call) -> Answer:
    """One file."""
    return {"file": _find(call, call.need("file")).json(call.state.root), "comments": []}


def _find(call: Call, file_id: str) -> File:
    file = call.state.files.get(file_id)
    if file is None or file.team_id != call.team.id:
        raise Refused("file_not_found")
    return file


def add_routes(app: web.Application, server: SlackServer) -> None:
    """The doors for contents: uploads without a token, downloads with one."""

    async def upload(request: web.Request) -> web.StreamResponse:
        file = server.files.get(request.match_info["id"])
        content = await _content(request)

        def carry_out() -> str:
            if file is None or file.content is not None:
                raise Refused("not_found")
            if len(content) != file.size:
                raise Refused("size_mismatch")
            file.content = content
            return f"OK - {len(content)}"

        return await server.give(request, "upload", {}, "", carry_out, refused_status=400)

    async def download(request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        owner = server.tokens.get(token)
        file = server.files.get(request.match_info["id"])
        is_allowed = owner is not None and not owner.error and "files:read" in owner.scopes

        def carry_out() -> bytes | str:
            if file is None or file.content is None:
                raise Refused("file_not_found")
            if not is_allowed or owner is None or owner.team_id != file.team_id:
                return "<html><body>Sign in to Slack</body></html>"
            return file.content

        return await server.give(request, "download", {}, token, carry_out, refused_status=404)

    app.router.add_post("/upload/v1/{id}", upload)
    app.router.add_get("/files-pri/{id}/{name:.+}", download)


async def _content(request: web.Request) -> bytes:
    if request.content_type == "multipart/form-data":
        for value in (await request.post()).values():
            if isinstance(value, web.FileField):
                return value.file.read()
        return b""
    return await request.read()
