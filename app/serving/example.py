"""A row to try a bundle with: a golden one, or one made from the contract where those are withheld."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.bundles.made_row import made_row
from app.errors import BundleProblem
from app.jobs.decoding import decode
from app.runtime.contract import Contract, Value


class _Golden(msgspec.Struct):
    row: dict[str, Value]


def example_rows(bundle: Path, count: int = 1) -> list[dict[str, Value]]:
    """At most ``count`` rows that the bundle's model answers. BundleProblem if the bundle cannot be read."""
    try:
        golden = msgspec.json.Decoder(_Golden).decode_lines((bundle / "golden.jsonl").read_bytes())
        contract = decode((bundle / "contract.json").read_bytes(), Contract)
    except (OSError, msgspec.DecodeError) as error:
        raise BundleProblem(f"The bundle in {bundle} cannot be read.", "Build it again.", str(error)) from error
    return [g.row for g in golden[:count]] or [made_row(contract)]
