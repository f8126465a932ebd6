"""Addresses that alerts are posted to: of a webhook everything behind the host is its password.

So a whole address that a person pastes goes into a file of its own beside their settings (mode 0600), one a name, and
the project keeps ``https://chat.example.org/${HOOK_5E6F7D8C}``. Not into a keyring: those answer while somebody is
logged in at a desktop, and ``run-due`` tells alerts from cron, where ``keyring`` finds no backend.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from app.data.own_folder import own_folder
from app.errors import BadInput, EnvironmentProblem

FOLDER, PREFIX = "alert_addresses", "HOOK_"
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_KEPT = re.compile(rf"(.+/)\$\{{({PREFIX}[0-9A-F]{{8}})\}}", re.DOTALL)
_WHOLE = re.compile(r"(https?://[^/?#]+)(?:/|(?=[?#]))(.+)", re.DOTALL | re.IGNORECASE)


def checked(address: str) -> str:
    """The address, if alerts can be posted there: it is one, or environment variables hold all of it. BadInput if
    not."""
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and bool(parts.netloc)
    except ValueError:  # of brackets that hold no IPv6 address
        parts, whole = None, False
    if parts is not None and "@" in parts.netloc:
        hint = "Where the service asks for them, let a command tell the alert."
        raise BadInput("A name and a password before the host are not sent.", hint)
    if not whole and not address.startswith("${"):
        hint = "It begins with https:// or http://; ${NAME} stands for an environment variable."
        raise BadInput(f"{address} is no web address.", hint)
    if address.startswith("${") and not _is_named(address):
        hint = "Put the whole address into that variable."
        raise BadInput(
            "What stands behind a variable at the beginning of an address would be kept in the project.", hint
        )
    return address


def outside(address: str) -> str:
    """What a project may keep of an address; the rest is kept on this computer, under the name that stands for it. One
    with nothing but variables behind its host stays as it is. EnvironmentProblem if it cannot be kept."""
    if not is_bare(address):
        return address
    found = _WHOLE.fullmatch(address)
    assert found is not None, "is_bare says so"
    name = f"{PREFIX}{secrets.token_hex(4).upper()}"
    _keep(name, f"{found[1]}/{found[2]}")
    return f"{found[1]}/${{{name}}}"


def is_bare(address: str) -> bool:
    """Whether something stands behind the host to be read that may be a password."""
    found = _WHOLE.fullmatch(address)
    return found is not None and not _is_named(found[2])


def _is_named(text: str) -> bool:
    """Whether variables stand for all of it."""
    return not _VARIABLE.sub("", text).strip("/")


def filled(address: str) -> str:
    """The address with what its ``${NAME}`` stand for. EnvironmentProblem if that is not known here."""
    found = _KEPT.fullmatch(address)
    if found is not None and found[2] not in os.environ:
        address = _kept(found[2], found[1])
    return _VARIABLE.sub(_value, address)


def forget(address: str) -> None:
    """Keep the rest of this address no longer, if this computer did."""
    if (found := _KEPT.fullmatch(address)) is not None:
        _place(found[2]).unlink(missing_ok=True)


def _value(found: re.Match[str]) -> str:
    if (told := os.environ.get(found[1])) is None:
        raise EnvironmentProblem(f"the environment variable {found[1]} is not set here.")
    return told


def _kept(name: str, beginning: str) -> str:
    """Only for the host that it was given for: a stranger's project may name it, and lead elsewhere."""
    try:
        told = _place(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        told = ""
    if not told.startswith(beginning):
        raise EnvironmentProblem("the rest of its address is not kept on this computer; add the channel again here.")
    return told


def _keep(name: str, address: str) -> None:
    place = _place(name)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(address)
    except OSError as error:
        hint = "Put it into an environment variable and give ${NAME} in its place."
        raise EnvironmentProblem(f"The address cannot be kept at {place.parent}.", hint, str(error)) from error


def _place(name: str) -> Path:
    return own_folder() / FOLDER / name
