"""What was dropped and is no data: a model or a bundle, as it looks without being run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelTold:
    """What a whole ONNX model consists of."""

    inputs: int
    outputs: int
    steps: int


@dataclass(frozen=True, slots=True)
class BundleTold:
    """A whole bundle: its id and what its manifest tells."""

    id: str
    about: dict[str, str | None]
