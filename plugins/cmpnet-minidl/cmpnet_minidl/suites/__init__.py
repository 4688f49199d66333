"""The report's experiments as suites for ``cmpnet bench``, one TOML file each."""
