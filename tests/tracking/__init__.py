"""The tracking client: what a service sees, and what reaches the loaders."""
