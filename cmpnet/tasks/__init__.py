"""Built-in tasks and their data, registered through entry points like those of plugins."""
