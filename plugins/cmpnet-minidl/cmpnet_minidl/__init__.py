"""The networks, losses and task that minidl adds to cmpnet; see ``registration``."""
