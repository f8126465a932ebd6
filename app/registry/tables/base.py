"""What all tables are made of: one metadata with names for constraints, and the columns that recur."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Text

OBJECT: dict[str, Any] = {"object": True}

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def own_id() -> Column[str]:
    """The UUIDv7 that names a row."""
    return Column("id", Text, primary_key=True)


def refers(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    """The id of a row of another table, ``target`` as ``table.column``."""
    return Column(name, Text, ForeignKey(target), nullable=nullable)


def words(name: str) -> Column[str]:
    """A text that is always there."""
    return Column(name, Text, nullable=False)


def whole(name: str) -> Column[int]:
    """A whole number that is always there."""
    return Column(name, Integer, nullable=False)


def digest(name: str, *, nullable: bool = False) -> Column[str]:
    """The SHA-256 of an object; ``verify`` and ``reclaim`` find every reference through the mark."""
    return Column(name, Text, nullable=nullable, info=OBJECT)


def number_or_none(name: str) -> Column[float]:
    """A figure, NULL where there is none."""
    return Column(name, Float, nullable=True)


def sequence() -> Column[int]:
    """The key of a table whose last row counts."""
    return Column("seq", Integer, primary_key=True)
