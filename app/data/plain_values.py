"""Stored values as a client would send them. Child side."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.runtime.contract import Value

Raw = npt.NDArray[np.generic]


def plain_values(raw: Raw, type_: ColumnType) -> list[Value]:
    """Raw column values (see ``data.table``) as JSON holds them, None for missing."""
    if type_ in (ColumnType.CATEGORY, ColumnType.TEXT):
        return [None if v is None else str(v) for v in raw]
    if type_ is ColumnType.DATETIME:
        return [None if np.isnat(v) else str(v) for v in raw.astype("datetime64[us]")]
    plain = {ColumnType.INTEGER: int, ColumnType.BOOLEAN: bool, ColumnType.NUMBER: float}[type_]
    return [plain(v) if math.isfinite(v) else None for v in np.asarray(raw, dtype=np.float64).tolist()]
