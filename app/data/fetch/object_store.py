"""An object, or all Parquet objects below a prefix, of an S3 store. Child side.

Credentials come from the secret (``KEY:SECRET``) or from the environment (``AWS_ACCESS_KEY_ID`` ...); without any the
object is asked for unsigned, as public data are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore import exceptions
from obstore.store import S3Store

from app.core.addresses import MARK
from app.core.progress import JobContext
from app.data.fetch.ask import ANSWER_S, MOST_BYTES, Fetched, FetchRequest, Look
from app.data.fetch.run import file_name
from app.errors import BadInput, EnvironmentProblem
from app.jobs.child import ChildContext
from app.registry.problems import in_words, size_words

CHUNK_BYTES = 8 << 20
OPTIONS = ("endpoint", "region")
_SIGNED_BY = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")


def fetch_store(child: ChildContext, request: FetchRequest) -> Fetched:
    """The bytes of one object, or of each Parquet object below a prefix that ends with ``/``."""
    bucket, key = _place(request)
    folder = child.folder / "fetched"
    folder.mkdir()
    with _in_words(bucket, key):
        store = _store(request, bucket)
        keys = _below(store, key) if key.endswith("/") else [key]
        if len(keys) == 1 and not key.endswith("/"):
            return _one(child, request, store, key, folder)
        files = tuple(_numbered(i, one) for i, one in enumerate(keys))
        for one, name in zip(keys, files, strict=True):
            _save(child, store, one, folder / name)
    called = key.rstrip("/").rpartition("/")[2] or bucket
    return Fetched(tuple(f"fetched/{name}" for name in files), called, _options(request))


def look_at_store(request: FetchRequest) -> Look:
    """Whether the object is there, and how large it is."""
    bucket, key = _place(request)
    with _in_words(bucket, key):
        store = _store(request, bucket)
        if key.endswith("/"):
            return Look(f"There are {len(_below(store, key)):,} Parquet objects.")
        return Look(f"There is {key.rpartition('/')[2]}, {size_words(obstore.head(store, key)['size'])}.")


def _one(child: ChildContext, request: FetchRequest, store: S3Store, key: str, folder: Path) -> Fetched:
    tag = obstore.head(store, key)["e_tag"]
    if tag and tag == request.parameter("etag"):
        return Fetched((), "", request.parameters, unchanged=True)
    name = file_name(key.rpartition("/")[2])
    _save(child, store, key, folder / name)
    return Fetched((f"fetched/{name}",), name, (*_options(request), *((("etag", tag),) if tag else ())))


def _save(ctx: JobContext, store: S3Store, key: str, out: Path) -> None:
    answer = obstore.get(store, key)
    total, size = answer.meta["size"], 0
    if total > MOST_BYTES:
        raise BadInput(f"{key} is larger than {size_words(MOST_BYTES)}.", "Fetch it by other means and drop the file.")
    with in_words(f"fetching {out.name}", out.parent, total), out.open("xb") as file:
        for chunk in answer.stream(min_chunk_size=CHUNK_BYTES):
            ctx.check_cancelled()
            file.write(chunk)
            size += len(chunk)
            ctx.progress(min(1.0, size / max(total, 1)), f"Fetched {size_words(size)} of {out.name}")


def _below(store: S3Store, prefix: str) -> list[str]:
    """The Parquet objects below a prefix, by name."""
    found = [meta["path"] for page in obstore.list(store, prefix=prefix.rstrip("/") or None) for meta in page]
    keys = sorted(path for path in found if path.lower().endswith((".parquet", ".pq")))
    if not keys:
        raise BadInput(
            f"There are no Parquet objects below {prefix}.", "Check the address; an object has no / at its end."
        )
    return keys


def _numbered(number: int, key: str) -> str:
    """A name that keeps the order, as objects of several folders may be called the same."""
    return f"{number:04} {file_name(key.rpartition('/')[2])}"


def _place(request: FetchRequest) -> tuple[str, str]:
    """Bucket and key. BadInput if one is missing."""
    parts = urlsplit(request.address)
    bucket, key = parts.netloc.rpartition("@")[2], unquote(parts.path).lstrip("/")
    if not bucket or not key:
        raise BadInput("This is no S3 address.", "It looks like s3://bucket/folder/table.parquet.")
    return bucket, key


def _options(request: FetchRequest) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in request.parameters if name in OPTIONS)


def _store(request: FetchRequest, bucket: str) -> S3Store:
    options: dict[str, object] = dict(_options(request))
    key, secret = _keys(request)
    if secret:
        options |= {"access_key_id": key, "secret_access_key": secret}
    elif not any(name in os.environ for name in _SIGNED_BY):
        options["skip_signature"] = True
    endpoint = str(options.get("endpoint") or os.environ.get("AWS_ENDPOINT_URL") or "")
    client = {"allow_http": endpoint.startswith("http://"), "connect_timeout": timedelta(seconds=ANSWER_S)}
    if "region" not in options and not os.environ.get("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION")):
        options["region"] = "us-east-1"
    patience = {"max_retries": 2, "retry_timeout": timedelta(seconds=ANSWER_S)}
    return S3Store(bucket, client_options=client, retry_config=patience, **options)  # type: ignore[arg-type]


def _keys(request: FetchRequest) -> tuple[str, str]:
    """The access key and its secret: the key stands in the address, or both stand in the secret."""
    user = urlsplit(request.address).netloc.rpartition("@")[0].removesuffix(f":{MARK}")
    if user:
        return unquote(user), request.secret
    key, _, secret = request.secret.partition(":")
    return key, secret


@contextmanager
def _in_words(bucket: str, key: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, exceptions.NotFoundError) as error:
        raise BadInput(f"There is no {key} in {bucket}.", "Check the bucket and the name.", str(error)) from error
    except (PermissionError, exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
        hint = "Check the access key: in the address, under the secret's name, or in AWS_ACCESS_KEY_ID."
        raise BadInput(f"You may not read {key} in {bucket}.", hint, str(error)) from error
    except exceptions.BaseError as error:
        message = f"The S3 store with {bucket} does not answer as it should."
        hint = "Check the network, the endpoint and the region; everything that was fetched before is still here."
        raise EnvironmentProblem(message, hint, str(error)) from error
