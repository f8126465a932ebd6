"""Which tables a query names. DuckDB parses it and looks up nothing: no file is opened. Child side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb


def tables_in(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[set[str], set[str]]:
    """The tables that a SELECT names, and the names that it gives itself (WITH). Both empty for another statement."""
    ((text,),) = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    nodes = list(_nodes(json.loads(text)))
    named = {str(node["table_name"]) for node in nodes if node.get("type") == "BASE_TABLE"}
    own = {str(entry["key"]) for node in nodes for entry in node.get("cte_map", {}).get("map", ())}
    return named, own


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for below in tree.values():
            yield from _nodes(below)
    elif isinstance(tree, list):
        for below in tree:
            yield from _nodes(below)
