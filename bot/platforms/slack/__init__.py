"""Slack: drawing, sending, and taking what people say."""
