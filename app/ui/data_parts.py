"""The tabs of the data page behind *Columns* and *Rows*, in their order."""

from __future__ import annotations

from app.ui.contract_part import ContractPart
from app.ui.data_differences import DifferencesPart
from app.ui.data_part import DataPart
from app.ui.query_part import QueryPart
from app.ui.relations_part import RelationsPart
from app.ui.sql_answer import SqlAnswerPart

PARTS: tuple[type[DataPart], ...] = (
    RelationsPart,
    DifferencesPart,
    ContractPart,
    QueryPart,
    SqlAnswerPart,
)
