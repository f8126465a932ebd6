"""The tabs of the data page behind *Columns* and *Rows*, in their order."""

from __future__ import annotations

from app.ui.compare.sql_answer import SqlAnswerPart
from app.ui.contract.contract_part import ContractPart
from app.ui.data.data_part import DataPart
from app.ui.data.query_part import QueryPart
from app.ui.data.relations_part import RelationsPart
from app.ui.differences.data_differences import DifferencesPart

PARTS: tuple[type[DataPart], ...] = (
    RelationsPart,
    DifferencesPart,
    ContractPart,
    QueryPart,
    SqlAnswerPart,
)
