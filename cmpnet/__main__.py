"""``python -m cmpnet``."""

from cmpnet.cli import main

if __name__ == "__main__":
    main()
