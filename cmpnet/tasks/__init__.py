"""Built-in tasks and their data; they arrive through the registry."""
