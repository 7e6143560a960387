"""The demo: sample feeds on a loopback server, and the real bot that polls them."""

from bot.demo.script import play_demo

__all__ = ["play_demo"]
