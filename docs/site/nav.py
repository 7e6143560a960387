"""Which pages there are, and in which order they are offered."""

from __future__ import annotations

NAVIGATION: dict[str, tuple[str, ...]] = {
    "Start": ("quickstart-console", "quickstart-discord", "quickstart-slack"),
    "Use": (
        "commands",
        "discord",
        "slack",
        "examples",
        "matching",
        "watching",
        "stories",
    ),
    "Run": (
        "installing",
        "operating",
        "settings",
        "console",
        "troubleshooting",
        "feeds",
        "status",
        "monitoring",
        "backup",
        "scaling",
    ),
    "Inside": (
        "architecture",
        "attacks",
        "benchmarks",
        "security",
        "contributing",
        "changes",
    ),
}
"""Pages under their headings. A page that stands nowhere here fails the build."""
