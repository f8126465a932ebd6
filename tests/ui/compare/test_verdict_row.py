"""The referee's sentence is read whole: its verdict stands at the end."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication, QLabel

from app.core.referee import Query, TriedRule
from app.core.runs import Score
from app.ui.compare.rule_table import RuleTable
from app.ui.compare.verdict_row import VerdictRow
from tests.registry.contract import VERDICT


def test_a_narrow_row_breaks_the_sentence_and_cuts_nothing(qapp: QApplication) -> None:
    sentence = "A 9-line query reaches ROC AUC 0.8156, the model 0.8344 (difference 0.0187): SQL is not enough."
    row = VerdictRow(lambda: None)
    row.show_verdict(replace(VERDICT, sentence=sentence))
    row.resize(360, row.heightForWidth(360))
    row.show()
    (words,) = [found for found in row.findChildren(QLabel) if found.text() == sentence]
    assert words.height() >= words.heightForWidth(words.width()) > 2 * words.fontMetrics().height()
    row.close()


def test_a_verdict_of_before_rules_were_kept_shows_the_model_and_its_query(qapp: QApplication) -> None:
    table = RuleTable()
    table.show_verdict(VERDICT)
    assert [side.judged for side in table.sides.records] == [False, True] and table.query is None

    other = Query("A lookup by plan", ("1",), 0.1, 0.0)
    tried = TriedRule(other, chosen=False, note="Not run: no time was left.")
    chosen = TriedRule(VERDICT.query, True, None, Score(0.8, 0.7, 0.9), VERDICT.difference)
    table.show_verdict(replace(VERDICT, rules=(tried, chosen)))
    cells = [[table.sides.index(row, at).data() for at in range(2)] for row in range(3)]
    assert cells[0][0] == VERDICT.model and cells[1] == ["Lookup by plan", "not run"]
    assert cells[2][0].endswith("chosen") and cells[2][1] == "0.800 [0.700, 0.900]"
    table.selectRow(1)
    assert table.query == other
    table.close()
