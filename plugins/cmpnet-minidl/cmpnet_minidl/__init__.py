"""minidl's networks, its loss and its task as names of cmpnet; see ``registration``."""
