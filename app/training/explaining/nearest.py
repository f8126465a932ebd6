"""Which training rows are like this one: Gower's distance (1971) on canonical inputs. In a child only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.training.explaining.groups import Inputs, Raw
from app.training.metrics import Floats


def gower(specs: Sequence[InputSpec], one: Inputs, x: Inputs) -> Floats:
    """(n,) mean difference of all inputs, each from 0 to 1: of numbers their distance in units of the range seen in
    training, of categories and texts whether they differ; a missing value is as far from any other as can be."""
    differences = [_difference(spec, one[spec.input][0, 0], x[spec.input][:, 0]) for spec in specs]
    return np.asarray(np.mean(differences, axis=0), np.float64)


def _difference(spec: InputSpec, value: object, values: Raw) -> Floats:
    if spec.type in (ColumnType.CATEGORY, ColumnType.TEXT):
        return np.asarray(values != value, np.float64)
    numbers, number = np.asarray(values, np.float64), float(value)  # type: ignore[arg-type]
    missing = np.isnan(numbers)
    if np.isnan(number):
        return (~missing).astype(np.float64)
    reach = (spec.maximum or 0.0) - (spec.minimum or 0.0)
    far = np.abs(numbers - number) / reach if reach > 0 else (numbers != number).astype(np.float64)
    return np.where(missing, 1.0, np.minimum(far, 1.0))
