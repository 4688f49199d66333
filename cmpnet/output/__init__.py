"""Results for people and for other programs: tables, progress lines and files."""
