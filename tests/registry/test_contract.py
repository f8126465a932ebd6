"""The contract over SQLite: the ``project`` of ``conftest`` is one."""

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location("registry_contract", Path(__file__).with_name("contract.py"))
assert _spec is not None and _spec.loader is not None
_contract = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_contract)


class TestSqlite(_contract.RegistryContract):
    pass
