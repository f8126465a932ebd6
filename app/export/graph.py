"""An ONNX graph that grows node by node and always serialises to the same bytes.

The usual families are written here directly, for three measured reasons: sums run in float64 inside the graph,
so a small prediction made of large cancelling terms stays right; forests convert some twenty times faster;
nothing depends on the order of a set, so the bytes do not depend on PYTHONHASHSEED. Others come through
skl2onnx into the same graph (see ``general``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.generic]
Attribute = int | float | str | list[int] | list[float] | list[str] | onnx.TensorProto

OPSET = 18
ML_OPSET = 3
IR_VERSION = 8
ML = "ai.onnx.ml"
CONTRIB = "com.microsoft"
_VERSIONS = {"": OPSET, ML: ML_OPSET, CONTRIB: 1}


@dataclass
class Graph:
    """Nodes and constants in the order in which they were added; names are numbered, never random. ``shared``: what
    stands there already is not added again, since several models look at the same columns."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    shared: bool = False
    _known: dict[bytes, str] = field(default_factory=dict)

    def constant(self, array: Array | list[str] | list[float]) -> str:
        """Store a tensor (numbers or texts), return its name."""
        values = np.asarray(array, dtype=object if _is_text(array) else None)
        made = numpy_helper.from_array(values)
        name = f"k{len(self.constants)}"
        if (known := self._known_as(made, name)) != name:
            return known
        made.name = name
        self.constants.append(made)
        return name

    def add(self, op: str, *inputs: str, domain: str = "", output: str | None = None, **attributes: Attribute) -> str:
        """Append a node with one output, return the output's name."""
        name = output or f"n{len(self.nodes)}"
        node = helper.make_node(op, list(inputs), [], domain=domain)
        for key in sorted(attributes):
            node.attribute.append(helper.make_attribute(key, attributes[key]))
        if output is None and (known := self._known_as(node, name)) != name:
            return known
        node.name = f"{op}_{len(self.nodes)}"
        node.output.append(name)
        self.nodes.append(node)
        return name

    def _known_as(self, made: onnx.NodeProto | onnx.TensorProto, name: str) -> str:
        """The name under which the same node or constant stands already, else ``name``."""
        if not self.shared:
            return name
        return self._known.setdefault(made.SerializeToString(deterministic=True), name)

    def cast(self, name: str, to: int) -> str:
        """Append a cast to a TensorProto type."""
        return self.add("Cast", name, to=to)

    def double(self, name: str) -> str:
        """Append a cast to float64."""
        return self.cast(name, TensorProto.DOUBLE)

    def concat(self, names: list[str]) -> str:
        """Side by side, (n, a) and (n, b) -> (n, a + b); a single one is returned as it is."""
        return names[0] if len(names) == 1 else self.add("Concat", *names, axis=1)

    def serialise(self, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> bytes:
        """The whole model as bytes; the same graph gives the same bytes in every process."""
        graph = helper.make_graph(self.nodes, "modelyard", inputs, outputs, self.constants)
        used = {node.domain for node in self.nodes} | {"", ML}
        opsets = [helper.make_opsetid(domain, _VERSIONS[domain]) for domain in sorted(used)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="modelyard")
        return bytes(model.SerializeToString(deterministic=True))


def column(name: str, *, text: bool) -> onnx.ValueInfoProto:
    """A graph input of shape (n, 1): texts or float32."""
    return tensor(name, TensorProto.STRING if text else TensorProto.FLOAT, [None, 1])


def tensor(name: str, type_: int, shape: list[int | None]) -> onnx.ValueInfoProto:
    """The declaration of a graph's input or output."""
    return helper.make_tensor_value_info(name, type_, shape)


def _is_text(array: Array | list[str] | list[float]) -> bool:
    return isinstance(array, list) and bool(array) and isinstance(array[0], str)
