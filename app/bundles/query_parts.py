"""What a query's bundle holds: the SQL in every dialect, its proof, rows with answers, and how to run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from app.bundles.parts import RUNTIME, pretty, write_all
from app.core.data import ColumnType
from app.core.referee import QueryCertificate, RefereeVerdict
from app.core.runs import Task
from app.runtime import manifest
from app.training.sql.dialects import DIALECTS

TEMPLATES = Path(__file__).parents[2] / "resources" / "query_bundle"
_ITS_RUNTIME = ("__init__.py", "manifest.py")
"""All that ``check.py`` needs: the standard library does the rest."""


@dataclass(frozen=True, slots=True)
class QueryParts:
    """``queries``: dialect and text; ``golden``: JSON lines, empty where the rows are personal; ``columns``: what the
    query reads; ``about``: what the manifest tells besides files."""

    label: str
    table: str
    target: str
    task: Task
    labels: tuple[str, ...]
    positive: str | None
    columns: tuple[tuple[str, ColumnType], ...]
    queries: tuple[tuple[str, str], ...]
    verdict: RefereeVerdict
    certificate: QueryCertificate
    golden: bytes
    about: dict[str, str | None]


def assemble_query(folder: Path, parts: QueryParts) -> manifest.Manifest:
    """Write every file into the empty ``folder`` and bring it to the medium. Raises OSError."""
    return write_all(folder, _files(parts), parts.about)


def _files(parts: QueryParts) -> Mapping[str, bytes]:
    files = {f"sql/{dialect}.sql": sql.encode() for dialect, sql in parts.queries}
    files |= {f"runtime/{name}": (RUNTIME / name).read_bytes() for name in _ITS_RUNTIME}
    return files | {
        "query.json": pretty(_query(parts)),
        "certificate.json": pretty(_certificate(parts.certificate)),
        "golden.jsonl": parts.golden,
        "check.py": (TEMPLATES / "check.py").read_bytes(),
        "README.md": _readme(parts),
    }


def _query(parts: QueryParts) -> dict[str, object]:
    """The query's card for machines: what it reads, what its answer means, how good it is."""
    verdict = parts.verdict
    gap = verdict.difference
    return {
        "label": parts.label,
        "table": parts.table,
        "columns": [{"name": name, "type": type_.value} for name, type_ in parts.columns],
        "answer": {"name": parts.target, "task": parts.task.value, "labels": parts.labels, "positive": parts.positive},
        "rule": verdict.query.title,
        "lines": len(verdict.query.lines),
        "verdict": {
            "ruling": verdict.ruling.value,
            "sentence": verdict.sentence,
            "metric": verdict.metric,
            "query_score": verdict.query_score,
            "model_score": verdict.model_score,
            "difference": [gap.value, gap.low, gap.high],
            "margin": verdict.margin,
        },
        "made_of": parts.about,
    }


def _certificate(certificate: QueryCertificate) -> dict[str, object]:
    return {
        "passed": certificate.passed,
        "tolerance": certificate.tolerance,
        "proven": certificate.proven,
        "translated_and_not_run": certificate.written,
    }


def _readme(parts: QueryParts) -> bytes:
    proven = [f"{p.engine}: {p.rows:,} of {p.rows:,} hold-out rows" for p in parts.certificate.proven]
    rows = len(parts.golden.splitlines())
    values = {
        "label": parts.label,
        "target": parts.target,
        "table": parts.table,
        "sentence": parts.verdict.sentence,
        "answer": _answer_words(parts),
        "columns": "\n".join(f"- `{name}`: {type_.value}" for name, type_ in parts.columns),
        "proven": "; ".join(proven),
        "written": ", ".join(DIALECTS[d] for d in parts.certificate.written),
        "check": f"runs `sql/sqlite.sql` on {rows} recorded rows and compares the answers"
        if rows
        else "stops there: recorded rows are withheld, because the data are personal",
        "query": dict(parts.queries)["duckdb"].rstrip(),
    }
    return Template((TEMPLATES / "README.md").read_text("utf-8")).substitute(values).encode()


def _answer_words(parts: QueryParts) -> str:
    if parts.task is Task.BINARY:
        return f"the share of rows in which {parts.target} is {parts.positive}, between 0 and 1"
    if parts.task is Task.MULTICLASS:
        return f"one of {', '.join(parts.labels)}"
    return f"the value of {parts.target}, in its own unit"


def size_of(folder: Path, made: manifest.Manifest) -> int:
    """Bytes of all files, the manifest too."""
    return made.size_bytes + (folder / manifest.NAME).stat().st_size
