"""The exact schema of one model's answers and questions, as OpenAPI 3.1."""

from __future__ import annotations

from .contract import Contract, Field
from .limits import MAX_BODY_BYTES, MAX_ROWS

Schema = dict[str, object]

_TYPES: dict[str, Schema] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "category": {"type": "string"},
    "text": {"type": "string"},
    "datetime": {
        "type": "string",
        "anyOf": [{"format": "date"}, {"format": "date-time"}],
        "description": "ISO 8601, with or without a time and a zone",
    },
}
_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}


def document(contract: Contract, bundle: str, *, with_keys: bool) -> Schema:
    """``bundle``: as ``sha256:<hex>``."""
    json_body = {
        "content": {"application/json": {"schema": _request(contract)}, "text/csv": {"schema": {"type": "string"}}}
    }
    predict: Schema = {
        "summary": f"Predictions of {contract.model}",
        "operationId": "predict",
        "requestBody": {"required": True, **json_body},
        "responses": {
            "200": {
                "description": "One prediction a row",
                "content": {
                    "application/json": {"schema": _answer(contract)},
                    "text/csv": {"schema": {"type": "string"}},
                },
            },
            **_problems(400, 401, 413, 415, 422, 429, 503),
        },
    }
    paths: Schema = {
        "/predict": {"post": predict},
        "/v2/health/ready": {"get": _plain("Whether requests are answered", 200, 503)},
        "/v2/health/live": {"get": _plain("Whether the process runs", 200)},
        "/metrics": {"get": _plain("Counters for Prometheus", 200)},
    }
    content: Schema = {
        "openapi": "3.1.0",
        "info": {"title": contract.model, "version": bundle, "description": _about(contract)},
        "paths": paths,
        "x-modelyard": _form(contract),
    }
    if with_keys:
        content["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
        content["security"] = [{"key": []}]
    return content


def field_schema(field: Field) -> Schema:
    """What a value of this column may be. Ranges seen in training are told, not enforced."""
    schema = dict(_TYPES[field.type])
    if field.missing_allowed:
        schema["type"] = [schema["type"], "null"]
    if field.categories:
        schema["examples"] = list(field.categories[:50])
    if said := "; ".join(filter(None, (field.description, f"in {field.unit}" if field.unit else ""))):
        schema["description"] = said
    return schema


def _request(contract: Contract) -> Schema:
    inputs = contract.inputs
    others = [f.name for f in contract.fields if f.use != "input"]
    properties = {f.name: field_schema(f) for f in inputs} | {name: dict(_SCALAR) for name in others}
    row: Schema = {
        "type": "object",
        "properties": properties,
        "required": [f.name for f in inputs],
        "additionalProperties": False,
    }
    id_: Schema = {"type": ["string", "integer"], "maxLength": 200, "minimum": 1 - (1 << 63), "maximum": (1 << 63) - 1}
    return {
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": row, "maxItems": MAX_ROWS},
            "ids": {"type": ["array", "null"], "items": id_, "description": "your own ids, one a row"},
        },
        "required": ["rows"],
        "additionalProperties": False,
    }


def _answer(contract: Contract) -> Schema:
    number: Schema = {"type": "number"}
    properties: Schema = {"id": {"type": "string", "format": "uuid"}, "caller_id": {"type": ["string", "integer"]}}
    if contract.task == "regression":
        properties["value"] = number
    else:
        properties["label"] = {"enum": [label.value for label in contract.labels]}
        properties["score"] = number
    if contract.has_probabilities:
        texts = [label.text for label in contract.labels]
        properties["probabilities"] = {"type": "object", "properties": dict.fromkeys(texts, number), "required": texts}
    required = [name for name in properties if name != "caller_id"]
    properties["violations"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "rules of the data's contract that this row breaks, as column:kind; only where there are any",
    }
    properties["model"] = {"type": "string", "description": "of a challenger, where the champion answered other rows"}
    properties["bundle"] = {"type": "string", "description": "as model"}
    prediction: Schema = {"type": "object", "properties": properties, "required": required}
    return {
        "type": "object",
        "properties": {
            "model": {"const": contract.model},
            "bundle": {"type": "string"},
            "predictions": {"type": "array", "items": prediction},
            "dropped": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "required": ["model", "bundle", "predictions"],
    }


def _problems(*statuses: int) -> dict[str, Schema]:
    media: Schema = {"application/problem+json": {"schema": {"type": "object"}}}
    return {str(status): {"description": "problem", "content": media} for status in statuses}


def _plain(summary: str, *statuses: int) -> Schema:
    return {"summary": summary, "responses": {str(status): {"description": summary} for status in statuses}}


def _form(contract: Contract) -> Schema:
    """What the try-it page makes its form from."""
    return {
        "task": contract.task,
        "target": contract.target,
        "fields": [
            {
                "name": f.name,
                "type": f.type,
                "missing_allowed": f.missing_allowed,
                "minimum": f.minimum,
                "maximum": f.maximum,
                "categories": list(f.categories[:500]),
            }
            for f in contract.inputs
        ],
    }


def _about(contract: Contract) -> str:
    what = f"Predicts {contract.target}." if contract.target else "Says which rows are unlike the others."
    return f"{what} At most {MAX_ROWS:,} rows and {MAX_BODY_BYTES >> 20} MiB a request."
