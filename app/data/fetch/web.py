"""A file from a web address: streamed, bounded, and asked for only if it changed. Child side; standard library only."""

from __future__ import annotations

import base64
import http.client
import re
import socket
import ssl
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

from app import __version__
from app.core.addresses import with_secret
from app.core.progress import JobContext
from app.data.fetch.ask import ANSWER_S, MOST_BYTES, Fetched, FetchRequest, Look
from app.data.fetch.run import file_name
from app.errors import BadInput, EnvironmentProblem
from app.jobs.child import ChildContext
from app.registry.problems import in_words, size_words

CHUNK_BYTES = 1 << 20
MOST_REDIRECTS = 5
_OFFLINE = "Check the network connection; everything that was fetched before is still here."
_STATUS = {
    401: ("wants a user name and a password", "Write them into the address: https://user:password@host/…"),
    403: ("does not let you read this", "Ask its owner for permission, or use an address with an access key."),
    404: ("has nothing at this address", "Check the address: it may have moved."),
    410: ("has taken this away", "Ask its owner where the data are now."),
    429: ("is asked too often", "Wait a while, then try again."),
}


def fetch_web(child: ChildContext, request: FetchRequest) -> Fetched:
    """The bytes at the address; ``unchanged`` if the server says that they are those of last time."""
    answer = _open(request, _validators(request))
    if answer is None:
        return Fetched((), "", request.parameters, unchanged=True)
    with answer:
        name = _name(answer.headers, answer.url)
        folder = child.folder / "fetched"
        folder.mkdir()
        _save(child, answer, folder / name)
        return Fetched((f"fetched/{name}",), name, _remembered(answer.headers))


def look_at_web(request: FetchRequest) -> Look:
    """What the server says about the bytes, without taking them."""
    answer = _open(request, {})
    assert answer is not None
    with answer:
        size = answer.headers.get("Content-Length")
        told = f", {size_words(int(size))}" if size else ""
        return Look(f"There is {_name(answer.headers, answer.url)}{told}.")


def _validators(request: FetchRequest) -> dict[str, str]:
    headers = {"If-None-Match": request.parameter("etag"), "If-Modified-Since": request.parameter("last-modified")}
    return {name: value for name, value in headers.items() if value}


def _remembered(headers: Message) -> tuple[tuple[str, str], ...]:
    kept = (("etag", headers.get("ETag", "")), ("last-modified", headers.get("Last-Modified", "")))
    return tuple((name, value) for name, value in kept if value)


def _open(request: FetchRequest, headers: dict[str, str]) -> http.client.HTTPResponse | None:
    """The server's answer, None if nothing changed. BadInput and EnvironmentProblem in words."""
    address, user = _without_user(with_secret(request.address, request.secret))
    wanted = urllib.request.Request(address, headers={**headers, **user, "User-Agent": f"Modelyard/{__version__}"})
    host = urlsplit(address).hostname or "the server"
    try:
        answer: http.client.HTTPResponse = _opener().open(wanted, timeout=ANSWER_S)
        return answer
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 304:
                return None
            raise _refusal(error.code, host) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(error, host) from error


def _without_user(address: str) -> tuple[str, dict[str, str]]:
    """The address as it is asked for, and its user and password as a header."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise BadInput("This is no web address.", "A / in a password is written %2F.") from error
    if not parts.hostname:
        raise BadInput("This is no web address.", "It looks like https://host/path/table.csv.")
    user, at, host = parts.netloc.rpartition("@")
    plain = urlunsplit(parts._replace(netloc=host, fragment="")).replace(" ", "%20")
    if not at:
        return plain, {}
    return plain, {"Authorization": f"Basic {base64.b64encode(unquote(user).encode()).decode()}"}


class _Redirects(urllib.request.HTTPRedirectHandler):
    """To the same scheme or from http to https, a few times; a password is not told to another host."""

    max_redirections = MOST_REDIRECTS

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request to follow with."""
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if after.scheme not in (before.scheme, "https"):
            raise BadInput(
                f"{before.hostname} sends on from {before.scheme}:// to {after.scheme}://, which is not followed.",
                "Give the address that it leads to.",
            )
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None and after.netloc != before.netloc:
            made.remove_header("Authorization")
        return made


def _opener() -> urllib.request.OpenerDirector:
    """Speaks http and https, through the system's proxy if there is one; knows no other schemes."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _save(ctx: JobContext, answer: http.client.HTTPResponse, out: Path) -> None:
    length = answer.headers.get("Content-Length")
    total = int(length) if length and length.isdigit() else None
    if total is not None and total > MOST_BYTES:
        raise _too_large()
    size = 0
    with in_words(f"fetching {out.name}", out.parent, total), out.open("xb") as file:
        for chunk in _unpacked(_chunks(ctx, answer, total), answer.headers.get("Content-Encoding", "")):
            size += len(chunk)
            if size > MOST_BYTES:
                raise _too_large()
            file.write(chunk)


def _chunks(ctx: JobContext, answer: http.client.HTTPResponse, total: int | None) -> Iterator[bytes]:
    size = 0
    try:
        while chunk := answer.read(CHUNK_BYTES):
            ctx.check_cancelled()
            size += len(chunk)
            ctx.progress(min(1.0, size / total) if total else None, f"Fetched {size_words(size)}")
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise _broken_off(size) from error
    if total is not None and size < total:
        raise _broken_off(size)


def _unpacked(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes as they are meant; some servers pack although nobody asked them to."""
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        yield from chunks
        return
    unpacker = zlib.decompressobj(wbits=47)
    try:
        for packed in chunks:
            while packed:
                yield unpacker.decompress(packed, CHUNK_BYTES)
                packed = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise EnvironmentProblem("What the server sent is damaged.", "Try again.", str(error)) from error


def _name(headers: Message, url: str) -> str:
    """What the file is called: by the server, else by the address."""
    told = headers.get_filename() or unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return file_name(re.split(r"[/\\]", told)[-1] or urlsplit(url).hostname or "table")


def _refusal(code: int, host: str) -> BadInput | EnvironmentProblem:
    if code in _STATUS:
        words, hint = _STATUS[code]
        return BadInput(f"{host} {words} (HTTP {code}).", hint)
    if code >= 500:
        return EnvironmentProblem(f"{host} has a fault of its own (HTTP {code}).", "Try again later.")
    if 300 <= code < 400:
        return BadInput(f"{host} sends on in a circle (HTTP {code}).", "Check the address.")
    return BadInput(f"{host} refused the request (HTTP {code}).", "Check the address.")


def _unreachable(error: OSError | http.client.HTTPException, host: str) -> EnvironmentProblem:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    details = f"{type(reason).__name__}: {reason}"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return EnvironmentProblem(
            f"{host} does not prove who it is (TLS): {reason.verify_message}.",
            "Check the address and this computer's clock; ask its owner for a valid certificate.",
            details,
        )
    if isinstance(reason, ssl.SSLError):
        return EnvironmentProblem(f"{host} speaks no TLS that can be trusted.", "Check https:// and the port.", details)
    if isinstance(reason, socket.gaierror):
        return EnvironmentProblem(f"{host} cannot be found: no network, or no such name.", _OFFLINE, details)
    if isinstance(reason, TimeoutError):
        return EnvironmentProblem(f"{host} did not answer within {ANSWER_S:g} s.", _OFFLINE, details)
    if isinstance(reason, ConnectionError):
        return EnvironmentProblem(f"{host} refuses connections.", _OFFLINE, details)
    return EnvironmentProblem(f"{host} cannot be reached.", _OFFLINE, details)


def _broken_off(size: int) -> EnvironmentProblem:
    return EnvironmentProblem(f"The connection broke off after {size_words(size)}.", "Try again. " + _OFFLINE)


def _too_large() -> BadInput:
    return BadInput(f"The file is larger than {size_words(MOST_BYTES)}.", "Fetch it by other means and drop the file.")
