"""The query as other databases want it. Parent side; sqlglot is imported when a dialect is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from app.training.sql import text

DIALECTS = {
    "duckdb": "DuckDB",
    "sqlite": "SQLite",
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "tsql": "SQL Server",
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
}


def whole_query(lines: Sequence[str], table: str, answer: str, dialect: str = "duckdb") -> str:
    """``SELECT <rule> AS <answer> FROM <table>`` in a dialect of ``DIALECTS``, laid out for people. KeyError for
    another dialect."""
    DIALECTS[dialect]
    inner = "\n".join(f"  {line}" for line in lines)
    query = f"SELECT\n{inner} AS {text.name(answer)}\nFROM {text.name(table)}"
    if dialect == "duckdb":
        return query + ";\n"
    import sqlglot

    return str(sqlglot.transpile(query, read="duckdb", write=dialect, pretty=True)[0]) + ";\n"
