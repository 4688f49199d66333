"""Built-in architectures, registered through entry points like those of plugins."""
