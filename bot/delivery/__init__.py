"""The outbox at work: lease, send, mark."""
