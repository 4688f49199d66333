"""Processes, signals, locks and files. Nothing else in cmpnet deals with them."""

import os

# Importing torch otherwise reads the metadata of all distributions, which fails where one is
# damaged, and imports device backends of other distributions. cmpnet computes on cpu and cuda only.
os.environ.setdefault("TORCH_DEVICE_BACKEND_AUTOLOAD", "0")
