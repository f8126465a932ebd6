"""A row to try a bundle with: a golden one, or one made from the contract where those are withheld."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.errors import BundleProblem
from app.runtime.contract import Contract, Field, Value


class _Golden(msgspec.Struct):
    row: dict[str, Value]


def example_rows(bundle: Path, count: int = 1) -> list[dict[str, Value]]:
    """At most ``count`` rows that the bundle's model answers. BundleProblem if the bundle cannot be read."""
    try:
        golden = msgspec.json.Decoder(_Golden).decode_lines((bundle / "golden.jsonl").read_bytes())
        contract = msgspec.json.decode((bundle / "contract.json").read_bytes(), type=Contract)
    except (OSError, msgspec.DecodeError) as error:
        raise BundleProblem(f"The bundle in {bundle} cannot be read.", "Build it again.", str(error)) from error
    return [g.row for g in golden[:count]] or [{field.name: _value(field) for field in contract.inputs}]


def _value(field: Field) -> Value:
    """A value as training saw it."""
    if field.type == "category":
        return field.categories[0] if field.categories else "other"
    if field.type in {"number", "integer"}:
        low = field.minimum or 0.0
        return int(low) if field.type == "integer" else low
    others: dict[str, Value] = {"boolean": True, "text": "text", "datetime": "2020-01-01T00:00:00"}
    return others[field.type]
