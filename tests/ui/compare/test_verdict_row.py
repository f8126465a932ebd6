"""The referee's sentence is read whole: its verdict stands at the end."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication, QLabel

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
