"""The contract over SQLite: the ``project`` of ``conftest`` is one."""

from tests.registry.contract import RegistryContract


class TestSqlite(RegistryContract):
    pass
