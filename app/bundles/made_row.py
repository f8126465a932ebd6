"""A row that nobody sent, for a bundle whose real ones are withheld."""

from __future__ import annotations

from app.runtime.contract import Contract, Field, Value


def made_row(contract: Contract) -> dict[str, Value]:
    """One row that the model of a contract answers."""
    return {field.name: _value(field) for field in contract.inputs}


def _value(field: Field) -> Value:
    """A value as training saw it."""
    if field.type == "category":
        return field.categories[0] if field.categories else "other"
    if field.type in {"number", "integer"}:
        low = field.minimum or 0.0
        return int(low) if field.type == "integer" else low
    others: dict[str, Value] = {"boolean": True, "text": "text", "datetime": "2020-01-01T00:00:00"}
    return others[field.type]
