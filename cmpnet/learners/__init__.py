"""The backends behind the training loop."""
