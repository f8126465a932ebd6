"""What each kind of source asks for: the forms of *Add from…* as one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a form; ``secret``: what is typed is not shown."""

    id: str
    title: str
    placeholder: str = ""
    secret: bool = False


KEPT = "kept in this computer's keyring, never in the project"
_VARIABLE = Entry("variable", "or &variable", "name of an environment variable that has it")
_NAME = Entry("name", "Na&me", "of the new data; left empty, the source names it")
FORMS: dict[str, tuple[str, tuple[Entry, ...]]] = {
    "database": (
        "Add from a database",
        (
            Entry("address", "&Address", "postgresql://user@host:5432/name, or the path of a SQLite file"),
            Entry("password", "Pass&word", KEPT, True),
            _VARIABLE,
            Entry("query", "&Table or query", "orders, or SELECT … FROM …"),
            _NAME,
        ),
    ),
    "web": (
        "Add from a web address",
        (
            Entry("address", "&Address", "https://example.org/table.csv"),
            Entry("password", "Pass&word", "only for https://user@…; " + KEPT, True),
            _VARIABLE,
            _NAME,
        ),
    ),
    "s3": (
        "Add from S3",
        (
            Entry("address", "&Address", "s3://bucket/table.parquet, or s3://bucket/folder/ for all Parquet in it"),
            Entry("endpoint", "&Endpoint", "https://… of the store; empty for Amazon"),
            Entry("key", "Access &key", "empty for public data, or where AWS_ACCESS_KEY_ID is set"),
            Entry("password", "Secret ke&y", KEPT, True),
            _VARIABLE,
            _NAME,
        ),
    ),
    "folder": ("Add from a folder", (Entry("address", "&Folder", "holds nothing but Parquet files"), _NAME)),
}
