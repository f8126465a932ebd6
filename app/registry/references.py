"""Which objects the rows name. Found through the mark that ``tables`` puts on a column, so none is forgotten.

Objects name no objects that a row does not name as well: a reader of one table sees everything that must be kept.
"""

from __future__ import annotations

import sqlalchemy as sa

from app.registry.tables import object_columns


def referenced(connection: sa.Connection) -> set[str]:
    """The digest of every object that a row names."""
    digests: set[str] = set()
    for column in object_columns:
        digests.update(connection.execute(sa.select(column).where(column.is_not(None)).distinct()).scalars())
    return digests


def is_referenced(connection: sa.Connection, sha256: str) -> bool:
    """Whether a row names this object."""
    anywhere = sa.union_all(*(sa.select(sa.literal(1)).where(column == sha256) for column in object_columns))
    return connection.execute(anywhere.limit(1)).first() is not None
