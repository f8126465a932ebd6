"""Addresses of data, and how the password gets out of them. Pure.

An address that is kept has ``***`` in each place where something secret stood, and the secret is kept elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from app.core.origins import OriginKind
from app.errors import BadInput

MARK = "***"
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.\-]+)://")
_USER = re.compile(r"^([^:]+://)([^:/?#@]*)(?::(.*))?@([^@]*)$", re.DOTALL)  # up to the last @: a password may hold one
_WEB_USER = re.compile(r"^([^:]+://)([^:/?#@]*)(?::([^/?#]*))?@([^/?#@]*.*)$", re.DOTALL)
_SECRET_WORDS = re.compile(
    r"^(.*[-_])?(password|passwd|pwd|token|secret|signature|sig|credential|api[-_]?key|access[-_]?key|key|auth)$", re.I
)
_SQL = re.compile(r"^\s*(--.*\n\s*)*(select|with|values|from|table|show|exec|execute|call|pragma|\()\b", re.I)


def kind_of(address: str) -> OriginKind:
    """What an address leads to; a path where it has no scheme. BadInput for a scheme that leads to no data."""
    found = _SCHEME.match(address)
    if found is None:
        return OriginKind.FILE
    scheme = found.group(1).lower()
    if scheme in ("http", "https"):
        return OriginKind.WEB
    if scheme == "s3":
        return OriginKind.OBJECT_STORE
    if scheme in ("file", "ftp", "sftp", "gs", "abfs"):
        hint = "Give a path, an https://, s3:// or a database address such as postgresql://host/name."
        raise BadInput(f"Data cannot be fetched from {scheme}:// addresses.", hint)
    return OriginKind.DATABASE


def of_database(address: str) -> str:
    """The address of a database; a bare path leads to a SQLite file."""
    bare = address and _SCHEME.match(address) is None
    return f"sqlite:///{Path(address).expanduser().absolute()}" if bare else address


def is_sql(query: str) -> bool:
    """Whether a query is SQL rather than a table's name."""
    return _SQL.match(query) is not None


def without_secret(address: str) -> tuple[str, str]:
    """The address with ``***`` for each secret, and the secret: the password, or the values of the query's secret
    parameters (one bare, several as a query string); empty if there is none."""
    found = _user_of(address)
    if found and found.group(3) not in (None, "", MARK):
        start, user, password, rest = found.groups()
        plain, _ = _secret_parameters(f"{start}{user}:{MARK}@{rest}")
        return plain, unquote(password)
    return _secret_parameters(address)


def with_secret(address: str, secret: str) -> str:
    """The address to connect with. An address that shows no place for the secret gets it as its user's password."""
    found = _user_of(address)
    if found and secret and (found.group(3) == MARK or MARK not in address):
        start, user, _, rest = found.groups()
        return f"{start}{user}:{quote(secret, safe='')}@{rest}"
    if MARK not in address or not secret:
        return address
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    marked = [name for name, value in pairs if value == MARK]
    values = {marked[0]: secret} if len(marked) == 1 else dict(parse_qsl(secret))
    filled = [(name, values.get(name, "") if value == MARK else value) for name, value in pairs]
    return urlunsplit(parts._replace(query=urlencode(filled)))


def secret_name(address: str) -> str:
    """The name under which an address' secret is kept: the address without its secret and its options."""
    return address.partition("?")[0].replace(f":{MARK}@", "@")


def scrubbed(text: str, secret: str) -> str:
    """A text without the secret, however it is written."""
    pieces = {secret, quote(secret), quote(secret, safe=""), unquote(secret)} | {v for _, v in parse_qsl(secret)}
    for piece in sorted((p for p in pieces if len(p) > 2), key=len, reverse=True):
        text = text.replace(piece, MARK)
    return text


def absolute(address: str) -> str:
    """The address as it holds from every folder: the file of a SQLite address gets its whole path."""
    start, name = address[:10], address[10:]
    if start != "sqlite:///" or not name or name.startswith((":", "/")):
        return address
    return start + str(Path(name).expanduser().absolute())


def shown(address: str) -> str:
    """The address as a person should see it."""
    return address.replace(f":{MARK}@", "@")


def user_of(address: str) -> str:
    """The user that an address names, empty if none."""
    found = _user_of(address)
    return found.group(2) if found else ""


def _user_of(address: str) -> re.Match[str] | None:
    if _SCHEME.match(address) is None:
        return None
    web = address.lower().startswith(("http://", "https://"))
    return (_WEB_USER if web else _USER).match(address)


def _secret_parameters(address: str) -> tuple[str, str]:
    before, mark, query = address.partition("?")
    if not mark or _SCHEME.match(address) is None:
        return address, ""
    pairs = parse_qsl(query.partition("#")[0], keep_blank_values=True)
    secret = [(n, v) for n, v in pairs if _SECRET_WORDS.match(n) and v not in ("", MARK)]
    if not secret:
        return address, ""
    kept = "&".join(f"{quote(n)}={MARK}" if (n, v) in secret else urlencode([(n, v)]) for n, v in pairs)
    return f"{before}?{kept}", secret[0][1] if len(secret) == 1 else urlencode(secret)
