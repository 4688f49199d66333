"""Processes, signals, locks and files. Nothing else in cmpnet deals with them."""
