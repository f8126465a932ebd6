"""The ``modelyard`` command of a checkout, from any folder: python packaging/modelyard.py ARGS.

The checkout is put on this process's path only. Installed into the environment it would also be on the path of the
services, which must run with nothing of ``app`` within reach. A frozen application carries its own path.
"""

from __future__ import annotations

import sys
from pathlib import Path

if not getattr(sys, "frozen", False):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from app.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
