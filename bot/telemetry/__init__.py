"""What happened, and how the process is doing."""
