"""Files that are no data though they are dropped like data: models and bundles, whole and broken; written by hand."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import onnx
from onnx import TensorProto, helper


def onnx_model(*, domain: str = "", location: str = "") -> onnx.ModelProto:
    """Adds a weight to its input. ``domain``: of the operator; ``location``: the file the weight is said to be in."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [1], [2.0])
    if location:
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        weight.external_data.add(key="location", value=location)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"], domain=domain)],
        "adding",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
        [weight],
    )
    opsets = [helper.make_opsetid("", 18), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def onnx_bytes(**options: str) -> bytes:
    return onnx_model(**options).SerializeToString(deterministic=True)


def dangling() -> bytes:
    """Parses, but its graph names a value that nothing makes."""
    model = onnx_model()
    model.graph.node[0].input[0] = "nowhere"
    return model.SerializeToString(deterministic=True)


def zipped_folder(folder: Path, name: str, **changed: bytes) -> bytes:
    """A folder's files below ``name``; ``changed``: by stem, other bytes in their place."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            data = changed.get(path.stem, path.read_bytes())
            archive.writestr(f"{name}/{path.relative_to(folder).as_posix()}", data)
    return out.getvalue()


MODELS = [
    ("whole", onnx_bytes(), "ONNX_NOT_DATA"),
    ("cut off", onnx_bytes()[:60], "ONNX_INVALID"),
    ("nothing of the kind", b"\x00\x01\x02 no model", "ONNX_INVALID"),
    ("a sentence", b"not a model", "ONNX_INVALID"),
    ("a dangling name", dangling(), "ONNX_INVALID"),
    ("numbers in another file", onnx_bytes(location="../../etc/passwd"), "ONNX_EXTERNAL_PATH"),
    ("operators of somebody's own", onnx_bytes(domain="acme.ops"), "ONNX_UNKNOWN_DOMAIN"),
]
"""Name, bytes of ``model.onnx``, and the code of its refusal."""
