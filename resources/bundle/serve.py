"""Answers with the model in this folder: python serve.py [--help]

No bytecode is written, only this folder is put on Python's path (nothing from PYTHONPATH or the
current folder), and nothing of it is imported before its hash was compared with the manifest.
"""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 (pathlib is not imported from a foreign path)
_FOREIGN = {"", HERE, os.path.realpath("."), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
sys.path[:] = [entry for entry in sys.path if entry not in _FOREIGN and os.path.realpath(entry) not in _FOREIGN]

import hashlib  # noqa: E402
import json  # noqa: E402
from pathlib import Path  # noqa: E402

READER = "runtime/manifest.py"


def prove_reader() -> str | None:
    """The manifest's reader proves everything else, so it is proven first. Returns what is wrong."""
    try:
        expected = json.loads(Path(HERE, "manifest.json").read_bytes())["files"][READER]["sha256"]
        found = hashlib.sha256(Path(HERE, READER).read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"manifest.json or {READER} cannot be read ({type(error).__name__})"
    return None if found == expected else f"{READER} was changed"


def prove_code(log_folder: Path | None) -> str | None:
    """Nothing else of this folder is imported before all of it is proven. Returns what is wrong."""
    from runtime import manifest

    try:
        manifest.verify(Path(HERE), log_folder)
    except manifest.BundleRefused as error:
        return str(error)
    return None


def main(argv: list[str]) -> int:
    """Returns the exit code; 3 where the bundle is not whole."""
    problem = prove_reader()
    if problem is None:
        sys.path.insert(0, HERE)
        problem = prove_code(log_folder_of(argv))
    if problem is not None:
        print(f"serve.py: {problem}", file=sys.stderr)
        return 3
    from runtime.start import main as start

    code: int = start(Path(HERE), argv)
    return code


def log_folder_of(argv: list[str]) -> Path:
    """Where predictions are logged: what lies there is no part of the bundle."""
    folder = Path(HERE, "logs")
    for word, following in zip(argv, [*argv, ""][1:], strict=True):
        if word == "--log-dir":
            folder = Path(following)
        elif word.startswith("--log-dir="):
            folder = Path(word.partition("=")[2])
    return folder.absolute()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
