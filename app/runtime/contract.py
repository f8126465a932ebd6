"""What a model expects and answers: one noun, written into every bundle as ``contract.json``."""

from __future__ import annotations

from dataclasses import dataclass

from .rules import Rule

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the data a model was trained on.

    ``type``: number | integer | boolean | category | text | datetime; ``use``: input | identifier |
    ignored | target; ``input``: the ONNX input's name, None unless ``use`` is input;
    ``minimum``/``maximum``: seen in training, in canonical units (see ``canonical``);
    ``categories``: seen often enough in training to be told apart; ``unit``, ``description``: what people said.
    """

    name: str
    type: str
    use: str
    input: str | None = None
    missing_allowed: bool = True
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A class: ``text`` is what the graph says, ``value`` what the data held, with its own type."""

    text: str
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Contract:
    """``task``: binary | multiclass | regression | anomaly (then ``target`` is empty). ``labels`` in the order of the
    graph's probability columns; of an anomaly *anomaly* and *normal*, without probabilities. ``positive``: text of the
    class whose probability is the binary score. ``threshold`` on that score. ``rules``: of
    the data set's own contract, those that a request can break; a bundle made before there were any has none."""

    model: str
    task: str
    fields: tuple[Field, ...]
    target: str
    labels: tuple[Label, ...] = ()
    positive: str | None = None
    threshold: float | None = None
    rules: tuple[Rule, ...] = ()

    @property
    def has_probabilities(self) -> bool:
        """Whether an answer holds the probability of every label."""
        return self.task in ("binary", "multiclass")

    @property
    def inputs(self) -> tuple[Field, ...]:
        """The fields that the graph takes, in order."""
        return tuple(f for f in self.fields if f.use == "input")
