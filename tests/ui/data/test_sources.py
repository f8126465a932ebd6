"""Add from…, Refresh and the Query tab, by real clicks and keys."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.data.data_page import DataPage
from app.ui.data.query_part import QueryPart
from app.ui.data.source_line import under_home
from app.ui.window import MainWindow
from tests.ui.helpers import accessible_name, drop_files, drop_table, turn, visible_button, wait_until, walk_widgets

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)

ORDERS = "id,customer,amount\n" + "".join(f"{i},{'abc'[i % 3]},{i * 1.5}\n" for i in range(30))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, amount REAL);"
            "INSERT INTO orders VALUES (1, 'ada', 10), (2, 'bob', 2.5), (3, 'ada', 7.5);"
            "CREATE TABLE stock (id INTEGER PRIMARY KEY, thing TEXT);"
        )
    return path


def data_page(window: MainWindow) -> DataPage:
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60, "data")
    assert isinstance(window.page, DataPage)
    return window.page


@pytest.fixture
def query(window: MainWindow, tmp_path: Path) -> QueryPart:
    """The query tab over a dropped table."""
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    drop_files(window, [file])
    page = data_page(window)
    page.actions_["data.query"].trigger()
    part = next(part for part in page.tabs.parts if isinstance(part, QueryPart))
    wait_until(part.isVisible, 10, "the query tab")
    wait_until(lambda: "customer" in part.editor._names.stringList(), 10, "the names")
    return part


def open_form(window: MainWindow, kind: str) -> DataPage:
    window.actions_[f"data.from_{kind}"].trigger()
    page = window.page
    assert isinstance(page, DataPage)
    assert page.source.isVisible()
    return page


def test_a_database_table_is_added_without_a_project_and_refreshed(window: MainWindow, shop: Path):
    page = open_form(window, "database")
    QTest.keyClicks(page.source.fields["address"], f"sqlite:///{shop}")
    QTest.mouseClick(visible_button(window, "data.test_source"), Qt.MouseButton.LeftButton)
    wait_until(lambda: "2 tables" in page.source.says.text(), 30, "the tables")
    QTest.keyClicks(page.source.fields["query"], "orders")
    QTest.mouseClick(visible_button(window, "data.fetch"), Qt.MouseButton.LeftButton)
    page = data_page(window)
    assert page.view is not None
    assert (page.view.dataset.name, page.view.version.rows) == ("orders", 3)
    assert not page.source.isVisible()
    assert page.source_line._words.text() == f"From orders in sqlite:///{shop}"
    with closing(sqlite3.connect(shop)) as database:
        database.execute("INSERT INTO orders VALUES (4, 'cem', 1)")
        database.commit()
    QTest.mouseClick(visible_button(window, "data.refresh"), Qt.MouseButton.LeftButton)
    wait_until(lambda: page.view is not None and page.view.version.number == 2, 60, "version 2")


def test_the_path_of_a_sqlite_file_is_an_address_in_the_form_for_databases(window: MainWindow, shop: Path):
    form = open_form(window, "database")
    form.source.fields["address"].setText(str(shop))
    form.source.fields["query"].setText("orders")
    QTest.keyClick(form.source.fields["query"], Qt.Key.Key_Return)
    page = data_page(window)
    assert page.view is not None and page.view.dataset.name == "orders"
    assert page.source_line._words.text() == f"From orders in sqlite:///{shop}"


def test_what_goes_wrong_is_said_in_the_form_and_nothing_typed_is_lost(window: MainWindow, tmp_path: Path):
    page = open_form(window, "database")
    page.source.fields["address"].setText(f"sqlite:///{tmp_path}/gone.db")
    QTest.mouseClick(visible_button(window, "data.fetch"), Qt.MouseButton.LeftButton)
    wait_until(lambda: "There is no database file" in page.source.says.text(), 30, "the reason")
    assert page.source.fields["address"].text().endswith("gone.db")
    assert window.session.project is None
    assert not list(window.session.settings.projects_folder.glob("*"))


@pytest.mark.parametrize("kind", ["database", "web", "s3", "folder"])
def test_every_form_can_be_read_and_closed(window: MainWindow, kind: str):
    page = open_form(window, kind)
    assert [w.objectName() for w in walk_widgets(window) if not accessible_name(w).strip()] == []
    assert not page.source.add_button.isEnabled()
    assert page.source.add_button.toolTip() == "Type an address first."
    QTest.mouseClick(visible_button(window, "data.close_source"), Qt.MouseButton.LeftButton)
    assert not page.source.isVisible()


def test_a_dropped_folder_of_parquet_files_is_data(window: MainWindow, tmp_path: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(2):
        pq.write_table(pa.table({"id": [number, number + 10], "plan": ["a", "b"]}), folder / f"{number}.parquet")
    assert drop_files(window, [folder])
    page = data_page(window)
    assert page.view is not None
    assert (page.view.dataset.name, page.view.version.rows) == ("parts", 4)


def test_pasted_data_cannot_be_refreshed_and_the_button_says_why(window: MainWindow):
    window.adder.add_text("a\tb\n1\tx\n2\ty\n")
    data_page(window)
    wait_until(lambda: window.actions_.why_not("data.refresh") == "It was pasted: paste the newer table.", 10)


def test_a_query_shows_its_first_rows_then_becomes_data(query: QueryPart):
    window = query.window()
    assert not query.table.isVisible()
    query.editor.setPlainText("SELECT customer, sum(amount) AS spent FROM orders GROUP BY customer ORDER BY customer")
    QTest.keyClick(query.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [job.kind for job in window.session.jobs.running] == ["query"]
    wait_until(lambda: query.says.text().startswith("3 rows · "), 30, "the answer")
    assert query.table.isVisible()
    model = query.table.model()
    assert [model.headerData(c, Qt.Orientation.Horizontal) for c in range(2)] == ["customer", "spent"]
    assert [model.index(r, 0).data() for r in range(3)] == ["a", "b", "c"]
    assert query.save_button.toolTip() == "Type a name for the new data first."
    query.name.setText("spending")
    QTest.mouseClick(visible_button(window, "data.derive"), Qt.MouseButton.LeftButton)
    page = query.page
    wait_until(lambda: page.view is not None and page.view.dataset.name == "spending", 60, "the new data")
    assert page.source_line._words.text() == "Made by a query of orders"
    assert page.actions_["data.refresh"].isEnabled()


def test_an_error_is_said_inline_with_its_line_marked(query: QueryPart):
    query.editor.setPlainText("SELECT *\nFROM orders\nWHERE id =")
    QTest.mouseClick(visible_button(query.window(), "data.run_query"), Qt.MouseButton.LeftButton)
    wait_until(lambda: query.says.text().startswith("Line 3: "), 30, "the error")
    (mark,) = query.editor.extraSelections()
    assert mark.cursor.blockNumber() == 2
    QTest.keyClicks(query.editor, "1")
    assert query.editor.extraSelections() == []


def test_a_query_is_cancelled_within_a_second(query: QueryPart):
    query.editor.setPlainText(
        "SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE hash(a.range, b.range) = 1"
    )
    query.run()
    wait_until(query.cancel_button.isVisible, 5, "the cancel button")
    turn(500)  # by then it is in the midst of it
    QTest.mouseClick(query.cancel_button, Qt.MouseButton.LeftButton)
    wait_until(query.run_button.isVisible, 2, "the end of the query")


def test_names_are_offered_and_taken_with_return(query: QueryPart):
    editor = query.editor
    editor.setPlainText("")
    editor.setFocus()
    QTest.keyClicks(editor, "SELECT cust")
    wait_until(editor._popup.isVisible, 5, "the names")
    QTest.keyClick(editor._popup, Qt.Key.Key_Return)
    assert editor.toPlainText() == "SELECT customer"


def test_a_data_set_is_renamed_in_place(window: MainWindow, tmp_path: Path) -> None:
    page = drop_table(window, tmp_path / "churn.csv", "id,y\n" + "".join(f"{n},{n % 2}\n" for n in range(20)))
    QTest.mouseClick(visible_button(window, "data.rename"), Qt.MouseButton.LeftButton)
    field = page.source_line.edit
    assert field.isVisible() and field.text() == "churn"
    field.setText("customers")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: page.view is not None and page.view.dataset.name == "customers", 30, "the new name")
    assert page.subtitle.startswith("customers · version 1") and not field.isVisible()


def test_a_name_is_given_to_the_data_that_it_was_typed_for(window: MainWindow, tmp_path: Path) -> None:
    rows = "".join(f"{n},{n % 2}\n" for n in range(20))
    page = drop_table(window, tmp_path / "first.csv", "id,y\n" + rows)
    first = page.view.dataset
    QTest.mouseClick(visible_button(window, "data.rename"), Qt.MouseButton.LeftButton)
    field = page.source_line.edit
    field.setText("customers")
    drop_table(window, tmp_path / "second.csv", "id,z,y\n" + "".join(f"{n},{n * 3},{n % 2}\n" for n in range(20)))
    wait_until(lambda: page.view.dataset.id != first.id, 30, "the other data")
    assert not field.isVisible()
    QTest.mouseClick(visible_button(window, "data.rename"), Qt.MouseButton.LeftButton)
    assert field.text() == "second"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible() and page.view.dataset.name == "second"


def test_a_path_below_ones_own_folder_is_shown_short():
    assert under_home(str(Path.home() / "Downloads" / "churn.csv")) == "~/Downloads/churn.csv"
    assert under_home("/elsewhere/churn.csv") == "/elsewhere/churn.csv"
