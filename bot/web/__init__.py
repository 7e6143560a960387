"""What listens for hubs: WebSub's callbacks, and nothing else."""
