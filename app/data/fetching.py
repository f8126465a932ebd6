"""Data from where a team keeps them: fetched in a child, added like a dropped file, and fetched again by *Refresh*.

Parent side: nothing heavy is imported here, only in the child.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from app.core import addresses
from app.core.data import AddResult, Dataset, DataVersion, Outcome
from app.core.origins import Origin, OriginKind, why_not_refresh
from app.core.progress import JobContext, Part
from app.data import secrets
from app.data.fetch import ask
from app.data.fetch.ask import Fetched, FetchRequest, Look
from app.data.findings import note
from app.data.formats.folder import parquet_files
from app.data.wishes import Wishes
from app.errors import BadInput, NotAllowed

if TYPE_CHECKING:
    from app.registry.project import Project

Parameters = tuple[tuple[str, str], ...]
_SERVED = frozenset({OriginKind.DATABASE, OriginKind.WEB, OriginKind.OBJECT_STORE})
_S3_OPTIONS = ("endpoint", "region")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to fetch. ``password``: typed just now, to be kept in the keyring once it has proven right."""

    origin: Origin
    password: str = ""

    def request(self) -> FetchRequest:
        """For the child, with the secret found. BadInput if it is not there."""
        origin = self.origin
        secret = self.password or (secrets.find(origin.secret) if origin.secret else "")
        return FetchRequest(origin.kind, origin.address, origin.query, origin.parameters, secret)


def recipe(
    address: str, *, query: str = "", parameters: Parameters = (), secret: str = "", password: str = ""
) -> Recipe:
    """A recipe from what a person wrote. A password in the address is taken out of it.

    ``query``: a table's name or SQL; ``secret``: the name of an environment variable or keyring entry that has the
    password. Raises BadInput for an address that leads nowhere.
    """
    address = addresses.absolute(address.strip())
    kind = addresses.kind_of(address)
    if kind is OriginKind.OBJECT_STORE:
        address, found = _s3_options(address)
        parameters = (*parameters, *found)
    plain, in_address = addresses.without_secret(address)
    password = password or in_address
    if secret and password:
        raise BadInput("The address has a password, and a name for one was given too.", "Give only one of them.")
    if password or secret:
        _needs_user(kind, plain)
    kept = addresses.secret_name(plain) if password else secret
    return Recipe(Origin(kind, plain, query.strip(), parameters, kept), password)


def look(wanted: Recipe, ctx: JobContext) -> Look:
    """Connect and tell what is there; nothing is fetched or kept. Raises BadInput, EnvironmentProblem."""
    from app.jobs.supervise import Limits, run_in_child

    limits = Limits(ask.MEMORY_BYTES, ask.LOOK_DEADLINE_S)
    with tempfile.TemporaryDirectory(prefix="modelyard-look-") as folder:
        return run_in_child(ask.LOOK, wanted.request(), ctx=ctx, returns=Look, folder=Path(folder), limits=limits)


def add_from(
    project: Project,
    wanted: Recipe,
    *,
    name: str | None = None,
    target: str | None = None,
    wishes: Wishes | None = None,
    ctx: JobContext,
) -> AddResult:
    """Fetch and add, as a new data set or the next version of the one whose columns match.

    Ends and raises as ``app.data.intake.add``; EnvironmentProblem too where nobody answers, or where a password was
    given and there is no keyring to keep it.
    """
    if wanted.origin.kind in (OriginKind.FILE, OriginKind.FOLDER):
        from app.data.intake import add

        path = Path(wanted.origin.address).expanduser().absolute()
        return add(project, path, name=name, target=target, wishes=wishes, ctx=ctx)
    if wanted.password and not secrets.has_keyring():
        secrets.keep(wanted.origin.secret, wanted.password)  # says what to do instead
    result = _fetched_and_added(project, wanted, ctx, name=name, target=target, wishes=wishes)
    if wanted.password and result.outcome is not Outcome.REJECT:
        secrets.keep(wanted.origin.secret, wanted.password)
    return result


def refresh(project: Project, dataset_id: str, ctx: JobContext) -> AddResult:
    """Fetch a data set's newest version again, by its recipe; ``already`` if nothing changed.

    Raises NotAllowed where there is nothing to fetch from, and as ``add_from``.
    """
    from app.registry import datasets, origins

    dataset = datasets.dataset(project, dataset_id)
    newest, origin = origins.fetched_version(project, dataset_id)
    why_not = why_not_refresh(origin)
    if origin is None or why_not:
        raise NotAllowed(f"{dataset.name} cannot be refreshed.", why_not)
    if origin.kind is OriginKind.QUERY:
        from app.data.derive import derive

        return derive(project, dataset.name, origin.query, ctx)
    if origin.kind in _SERVED:
        return _fetched_and_added(project, Recipe(origin), ctx, dataset=dataset, newest=newest)
    return _added_again(project, dataset, origin, ctx)


def _fetched_and_added(
    project: Project,
    wanted: Recipe,
    ctx: JobContext,
    *,
    name: str | None = None,
    target: str | None = None,
    wishes: Wishes | None = None,
    dataset: Dataset | None = None,
    newest: DataVersion | None = None,
) -> AddResult:
    """``dataset``, ``newest``: what is refreshed; without them what the server said last time does not count."""
    from app.data.intake import Arriving, add_arriving

    request = wanted.request()
    with project.scratch("fetch") as folder:
        found = _fetch(request, folder, Part(ctx, 0.0, 0.5))
        if found.unchanged and dataset is not None and newest is not None:
            return _unchanged(project, dataset, newest)
        origin = replace(wanted.origin, parameters=found.parameters)
        paths = tuple(folder / file for file in found.files)
        known = dataset.id if dataset is not None else None
        arriving = Arriving(paths, origin, name, target, wishes, called=found.called, dataset_id=known)
        return add_arriving(project, arriving, Part(ctx, 0.5, 1.0))


def _fetch(request: FetchRequest, folder: Path, ctx: JobContext) -> Fetched:
    from app.jobs.supervise import Limits, run_in_child

    limits = Limits(ask.MEMORY_BYTES, ask.DEADLINE_S)
    return run_in_child(ask.FETCH, request, ctx=ctx, returns=Fetched, folder=folder, limits=limits)


def _unchanged(project: Project, dataset: Dataset, newest: DataVersion) -> AddResult:
    from app.registry import datasets

    reading = datasets.current_reading(project, newest.id)
    found = note("UNCHANGED", f"Nothing changed since version {newest.number} of {dataset.name}.")
    return AddResult(Outcome.ACCEPT, (found,), dataset, newest, reading, already=True)


def _added_again(project: Project, dataset: Dataset, origin: Origin, ctx: JobContext) -> AddResult:
    """A file, several that were appended, or a folder, as they are now."""
    from app.data.intake import Arriving, add_arriving

    first = Path(origin.address)
    paths: Sequence[Path] = (first, *(Path(value) for name, value in origin.parameters if name == "file"))
    if origin.kind is OriginKind.FOLDER:
        paths = parquet_files(first) or (first,)
    return add_arriving(project, Arriving(tuple(paths), origin, dataset_id=dataset.id), ctx)


def _needs_user(kind: OriginKind, address: str) -> None:
    """A password belongs to a user or stands in for ``***``; only a secret of S3 may hold key and password itself."""
    if kind in (OriginKind.FILE, OriginKind.FOLDER) or address.startswith("sqlite"):
        raise BadInput("A file needs no password.", "Leave the password empty.")
    if kind is not OriginKind.OBJECT_STORE and addresses.MARK not in address and not addresses.user_of(address):
        start = address.partition("://")[0]
        raise BadInput("The address names no user for the password.", f"Write it as {start}://user@host/…")


def _s3_options(address: str) -> tuple[str, Parameters]:
    """``s3://bucket/key?endpoint=https://host`` as the plain address and its options."""
    plain, mark, query = address.partition("?")
    pairs = parse_qsl(query)
    if not mark or not all(name in _S3_OPTIONS for name, _ in pairs):
        return address, ()
    return plain, tuple(pairs)
