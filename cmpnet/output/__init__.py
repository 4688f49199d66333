"""Results as words: tables for the terminal, and files for others."""
