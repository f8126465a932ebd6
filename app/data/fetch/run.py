"""The fetching child: an address in, files out. Whatever goes wrong is told in words and without the secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.core.addresses import scrubbed
from app.core.origins import OriginKind
from app.data.fetch.ask import Fetched, FetchRequest, Look
from app.errors import ModelyardError
from app.jobs.child import ChildContext


def fetch(child: ChildContext, request: FetchRequest) -> Fetched:
    """Fetch the rows or the bytes into the child's folder. Raises BadInput, EnvironmentProblem."""
    with _silent_about(request.secret):
        return _fetcher(request.kind)(child, request)


def look(child: ChildContext, request: FetchRequest) -> Look:
    """Connect and tell what is there, fetching nothing. Raises as ``fetch``."""
    with _silent_about(request.secret):
        if request.kind is OriginKind.DATABASE:
            from app.data.fetch.database import look_at_database

            return look_at_database(request)
        if request.kind is OriginKind.WEB:
            from app.data.fetch.web import look_at_web

            return look_at_web(request)
        from app.data.fetch.object_store import look_at_store

        return look_at_store(request)


def file_name(text: str) -> str:
    """A name that is safe in the scratch folder of every system."""
    return re.sub(r"[^\w. \-]+", "_", text).strip(" ._")[:100] or "table"


def _fetcher(kind: OriginKind) -> Callable[[ChildContext, FetchRequest], Fetched]:
    if kind is OriginKind.DATABASE:
        from app.data.fetch.database import fetch_database

        return fetch_database
    if kind is OriginKind.WEB:
        from app.data.fetch.web import fetch_web

        return fetch_web
    from app.data.fetch.object_store import fetch_store

    return fetch_store


@contextmanager
def _silent_about(secret: str) -> Iterator[None]:
    try:
        yield
    except ModelyardError as error:
        parts = [scrubbed(part, secret) for part in (error.message, error.hint, error.details)]
        error.message, error.hint, error.details = parts
        error.args = (error.message,)
        raise
