"""What goes into a bundle, and the folder made of it: the same parts give the same bytes, always."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

import msgspec

from app.bundles.made_row import made_row
from app.runtime import manifest
from app.runtime.contract import Contract

TEMPLATES = Path(__file__).parents[2] / "resources" / "bundle"
UNUSUAL = "says which rows are **unlike the others** (label and score)"
RUNTIME = Path(manifest.__file__).parent
_AS_THEY_ARE = {"serve.py": "serve.py", "page.html": "page.html", "requirements.txt": "requirements.txt"}


@dataclass(frozen=True, slots=True)
class Parts:
    """``golden``: JSON lines (see ``runtime.golden``). ``parity``: a ``ParityCertificate`` as JSON. ``card``: the
    model card as Markdown. ``facts``: the card for machines. ``about``: what the manifest tells besides files."""

    contract: Contract
    onnx: bytes
    golden: bytes
    parity: bytes
    card: bytes
    facts: Mapping[str, object]
    about: dict[str, str | None]


def assemble(folder: Path, parts: Parts) -> manifest.Manifest:
    """Write every file of a bundle into the empty ``folder`` and bring it to the medium. Raises OSError."""
    return write_all(folder, _files(parts), parts.about)


def write_all(folder: Path, files: Mapping[str, bytes], about: dict[str, str | None]) -> manifest.Manifest:
    """Write files and their manifest into the empty ``folder`` and bring it to the medium. Raises OSError."""
    for path, content in sorted(files.items()):
        write_file(folder / path, content)
    made = manifest.write(folder, about)
    flush(folder)
    return made


def _files(parts: Parts) -> dict[str, bytes]:
    files = {name: (TEMPLATES / source).read_bytes() for name, source in _AS_THEY_ARE.items()}
    files |= {f"runtime/{p.name}": p.read_bytes() for p in RUNTIME.glob("*.py")}
    files |= {
        "model.onnx": parts.onnx,
        "contract.json": pretty(parts.contract),
        "golden.jsonl": parts.golden,
        "parity.json": pretty(msgspec.json.decode(parts.parity)),
        "card.md": parts.card,
        "card.json": pretty(parts.facts),
        "README.md": _readme(parts),
        "Dockerfile": _filled("Dockerfile", {"image": _image(parts.contract.model)}),
        ".dockerignore": (TEMPLATES / "dockerignore").read_bytes(),
    }
    return files


def pretty(content: object) -> bytes:
    """JSON for people that is the same bytes every time."""
    return msgspec.json.format(msgspec.json.encode(content, order="deterministic"), indent=1) + b"\n"


def _readme(parts: Parts) -> bytes:
    contract = parts.contract
    lines = parts.golden.splitlines()
    row = msgspec.json.decode(lines[0])["row"] if lines else made_row(contract)
    body = msgspec.json.encode({"rows": [row]}).decode()
    values = {
        "model": contract.model,
        "name": contract.model.partition("@")[0],
        "does": f"answers questions about **{contract.target}**" if contract.target else UNUSUAL,
        "replay": f"replays {len(lines)} recorded rows with their expected answers"
        if lines
        else "opens the model; recorded rows are withheld, because the data are personal",
        "body": body.replace("'", "'\\''"),
        "python": _python_line(body),
    }
    return _filled("README.md", values)


def _python_line(body: str) -> str:
    return (
        "import json, urllib.request\n"
        f"rows = json.loads({body!r})\n"
        'question = urllib.request.Request("http://127.0.0.1:8080/predict", json.dumps(rows).encode(), '
        '{"content-type": "application/json"})\n'
        "print(json.load(urllib.request.urlopen(question)))"
    )


def _filled(name: str, values: Mapping[str, str]) -> bytes:
    return Template((TEMPLATES / name).read_text("utf-8")).substitute(values).encode("utf-8")


def _image(label: str) -> str:
    """A name that container registries take: lower-case letters, digits and single dashes."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in label.lower()).split()
    return "-".join(words) or "model"


def write_file(path: Path, content: bytes) -> None:
    """Write a file of a bundle, in a folder that may have to be made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def flush(folder: Path) -> None:
    """fsync of every file, then of every folder, deepest first."""
    for path in sorted(folder.rglob("*"), reverse=True):
        _flush_one(path)
    _flush_one(folder)


def _flush_one(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows cannot open folders
        return
    fd = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
