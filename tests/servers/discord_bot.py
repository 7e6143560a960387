"""A small bot on the real discord.py, for the tests of the loopback server itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import discord
from discord import app_commands

from tests.servers.discord import DiscordServer, redirected


class Reason(discord.ui.Modal, title="Why not?"):
    """Asks for a reason and repeats it."""

    reason: discord.ui.TextInput[Reason] = discord.ui.TextInput(label="Reason", custom_id="reason")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Repeat what was typed."""
        await interaction.response.send_message(f"noted: {self.reason.value}", ephemeral=True)


class Card(discord.ui.LayoutView):
    """A text with one button that opens a modal."""

    def __init__(self, text: str = "A headline") -> None:
        super().__init__(timeout=None)
        button: discord.ui.Button[Card] = discord.ui.Button(label="Wrong", custom_id="wrong")
        button.callback = self._ask  # type: ignore[method-assign]
        row: discord.ui.ActionRow[Card] = discord.ui.ActionRow(button)
        self.add_item(discord.ui.Container(discord.ui.TextDisplay(text), row))

    async def _ask(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Reason())


class Bot(discord.Client):
    """Three commands, and a list of the messages it was told of."""

    def __init__(self, intents: discord.Intents, *, heartbeat_timeout_s: float) -> None:
        # The library waits that long for further guilds before it is ready; here come none.
        super().__init__(
            intents=intents, heartbeat_timeout=heartbeat_timeout_s, guild_ready_timeout=0.02
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.tree.add_command(show)
        self.tree.add_command(later)
        self.tree.add_command(manage)

    async def setup_hook(self) -> None:
        """Sync, as a bot does at its start."""
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        """Remember."""
        self.heard.append(message)


@app_commands.command(name="show", description="Show a card")
async def show(
    interaction: discord.Interaction,
    company: str,
    channel: discord.TextChannel | None = None,
    file: discord.Attachment | None = None,
) -> None:
    """Answer at once with what arrived."""
    read = await file.read() if file else b""
    place = channel.name if channel else ""
    seen = interaction.permissions.manage_channels, interaction.locale.value
    await interaction.response.send_message(view=Card(f"{company} {place} {seen} {read!r}"))


@show.autocomplete("company")
async def _offer(_: discord.Interaction, text: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=text.title(), value=text)]


@app_commands.command(name="later", description="Answer after a while")
async def later(interaction: discord.Interaction) -> None:
    """Defer, answer, and add a word."""
    await interaction.response.defer(ephemeral=True)
    await interaction.edit_original_response(content="done")
    await interaction.followup.send("and more", ephemeral=True)


@app_commands.command(name="manage", description="Only for managers")
@app_commands.default_permissions(manage_channels=True)
async def manage(interaction: discord.Interaction) -> None:
    """Answer a manager."""
    await interaction.response.send_message("yes", ephemeral=True)


def plain_intents() -> discord.Intents:
    """What needs no permission of Discord's."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


@asynccontextmanager
async def running_bot(
    server: DiscordServer,
    *,
    intents: discord.Intents | None = None,
    heartbeat_timeout_s: float = 60.0,
) -> AsyncIterator[Bot]:
    """A bot that is connected and ready."""
    with redirected(server):
        bot = Bot(intents or plain_intents(), heartbeat_timeout_s=heartbeat_timeout_s)
        task = asyncio.create_task(bot.start(server.token))
        try:
            ready = asyncio.create_task(bot.wait_until_ready())
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
            if task.done():
                task.result()
            yield bot
        finally:
            await bot.close()
            with suppress(Exception):
                await task
