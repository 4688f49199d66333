"""The report's experiments as suites of ``cmpnet bench``: one TOML file each."""
