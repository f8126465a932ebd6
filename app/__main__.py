"""``python -m app`` and the ``modelyard`` command. Imports no Qt: spawned children may import this module again."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run the command line; a frozen child ends inside ``freeze_support`` and never gets further."""
    multiprocessing.freeze_support()
    from app import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
