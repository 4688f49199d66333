"""Built-in optimizers, schedules and augmentations. Importing them imports no framework."""
