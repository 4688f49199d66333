"""The report's experiments as suites of ``cmpnet bench``: one TOML file each."""

from importlib import resources

FIG2, FIG3, FIG4, FIG5 = (
    resources.files(__name__).joinpath(f"fig{number}.toml") for number in (2, 3, 4, 5)
)
