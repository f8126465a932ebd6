"""A window in a process of its own that walks the whole path by drops and clicks, saying each step before it.

``python -m tests.ui.drive CONFIG FILE``: prints ``step add``, ``step train``, ``candidate``, ``step approve``,
``step bundle``, ``done``. Somebody else kills it.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(config: Path, file: Path) -> None:
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.ui.data_page import DataPage
    from app.ui.settings import Settings
    from app.ui.window import MainWindow
    from tests.ui.helpers import ClickCounter, drop_files, visible_button, wait_until

    app = QApplication([])
    settings = Settings(config)
    settings.projects_folder = config / "projects"
    window = MainWindow(None, settings)
    window.show()
    clicks = ClickCounter()
    QTest.qWait(50)
    _say("step add")
    drop_files(window, [file])
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60)
    page = window.page
    assert isinstance(page, DataPage)
    _say("step train")
    clicks.click(visible_button(window, "run.train"))
    wait_until(lambda: page.progress._candidates, 60)
    _say("candidate")
    wait_until(lambda: page.view and page.view.result and page.progress.job is None, 120)
    _say("step approve")
    clicks.click(visible_button(window, "model.approve"))
    wait_until(lambda: page.view and page.view.result and page.view.result.model, 60)
    _say("step bundle")
    clicks.click(visible_button(window, "bundle.export"))
    wait_until(lambda: page.view and page.view.result and page.view.result.bundle, 60)
    _say("done")
    app.exec()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
