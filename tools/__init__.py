"""Programs for those who work on cmpnet; they are not part of the package."""
