"""Ends a window suite's process once its report is written.

Windows stay until then (see ``conftest``); at the interpreter's own end they would be torn down in any order, beside a
``QApplication`` that is gone already, which Qt does not survive each time.
"""

from __future__ import annotations

import atexit
import os
import sys

import pytest
from PySide6 import QtCore

_STATUS = [1]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how it went."""
    _STATUS[0] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Do what is done at an end, and end."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.flush()
    atexit.unregister(QtCore.__moduleShutdown)  # would tear the windows down after all
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_STATUS[0])
