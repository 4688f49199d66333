"""Built-in architectures; they arrive through the registry."""
