"""An ONNX file that somebody dropped: looked at, never run. Child side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx.external_data_helper import ExternalDataInfo, uses_external_data

from app.core.strangers import ModelTold
from app.data.findings import listed, refused, shown
from app.export.onnx_model import tensors_of
from app.jobs.child import ChildContext

MOST_BYTES = 2 << 30
"""No protobuf message is larger."""

KNOWN_DOMAINS = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft"}
)
"""What ONNX Runtime brings along (its OperatorKernels.md); anything else would need a library of its own."""

_AGAIN = "Export or download it again."


def judge(child: ChildContext, path: Path) -> ModelTold:
    """Look at a file that says it is an ONNX model.

    Raises FileRefused (ONNX_INVALID, ONNX_EXTERNAL_PATH, ONNX_UNKNOWN_DOMAIN).
    """
    model = _parsed(path)
    bodies = [model.graph, *model.functions]
    outside = [t for body in bodies for t in tensors_of(body) if uses_external_data(t)]
    if outside:
        places = listed(sorted({shown(ExternalDataInfo(t).location) for t in outside}))
        message = f"The model keeps numbers in another file ({places}), which is never opened."
        raise refused("ONNX_EXTERNAL_PATH", message, "Export it as one single file.")
    _refuse_unknown_domains(model)
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError, RuntimeError) as error:
        raise _invalid(error) from error
    return ModelTold(len(model.graph.input), len(model.graph.output), len(model.graph.node))


def _parsed(path: Path) -> onnx.ModelProto:
    if path.stat().st_size > MOST_BYTES:
        raise refused("ONNX_INVALID", "The file is larger than any ONNX model can be.", _AGAIN)
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except (DecodeError, ValueError) as error:
        raise _invalid(error) from error
    if not model.ir_version or not (model.graph.node or model.graph.output):
        raise refused("ONNX_INVALID", "The file is no ONNX model.", _AGAIN)
    return model


def _invalid(error: Exception) -> Exception:
    refusal = refused("ONNX_INVALID", "The file is no whole ONNX model.", _AGAIN)
    refusal.details = str(error)
    return refusal


def _refuse_unknown_domains(model: onnx.ModelProto) -> None:
    own = {(f.domain, f.name) for f in model.functions}
    bodies = [model.graph, *model.functions]
    unknown = {
        n.domain
        for body in bodies
        for n in _nodes(body)
        if n.domain not in KNOWN_DOMAINS and (n.domain, n.op_type) not in own
    }
    if unknown:
        message = (
            f"The model uses operators of {listed(sorted(map(shown, unknown)))}, which ONNX Runtime does not know."
        )
        raise refused("ONNX_UNKNOWN_DOMAIN", message, "Export it with standard operators only.")


def _nodes(body: onnx.GraphProto | onnx.FunctionProto) -> Iterator[onnx.NodeProto]:
    """Every node, also in the branches and loops of others."""
    for node in body.node:
        yield node
        for attribute in node.attribute:
            for graph in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
                yield from _nodes(graph)
