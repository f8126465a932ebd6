"""Asking a running service, with the standard library only.

``http.client`` and not ``urllib``: proxies named in the environment must not see a call to this machine.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from app.errors import BadInput, EnvironmentProblem

TIMEOUT_S = 30.0


def predict(
    url: str, rows: Sequence[Mapping[str, object]], *, ids: Sequence[str] | None = None, timeout_s: float = TIMEOUT_S
) -> dict[str, object]:
    """Send rows to ``url`` (``http://host:port``); the service's answer (``model``, ``bundle``, ``predictions``).

    BadInput if the service refuses the rows, EnvironmentProblem if it cannot be reached or is not well.
    """
    body: dict[str, object] = {"rows": list(rows)}
    if ids is not None:
        body["ids"] = list(ids)
    status, answer = _request(url, "POST", "/predict", json.dumps(body, allow_nan=False).encode(), timeout_s)
    if status == 200:
        return answer
    told = str(answer.get("detail") or answer.get("title") or f"The service answered {status}.")
    if 400 <= status < 500:
        raise BadInput(told, details=json.dumps(answer, ensure_ascii=False))
    raise EnvironmentProblem(told, "Try again, or look at the service's log.", f"HTTP {status}")


def is_ready(url: str, *, timeout_s: float = 2.0) -> bool:
    """Whether a service at ``url`` says that it is ready to answer."""
    try:
        status, _ = _request(url, "GET", "/v2/health/ready", None, timeout_s)
    except EnvironmentProblem:
        return False
    return status == 200


def page(url: str, path: str, *, timeout_s: float = 2.0) -> str:
    """The text of one of a service's pages; empty if it cannot be had."""
    try:
        status, body = _answered(url, "GET", path, None, timeout_s)
    except EnvironmentProblem:
        return ""
    return body.decode("utf-8", "replace") if status == 200 else ""


def _request(url: str, method: str, path: str, body: bytes | None, timeout_s: float) -> tuple[int, dict[str, object]]:
    status, answer = _answered(url, method, path, body, timeout_s)
    return status, _decoded(answer)


def _answered(url: str, method: str, path: str, body: bytes | None, timeout_s: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_s)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    try:
        connection.request(method, parts.path.rstrip("/") + path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise EnvironmentProblem(
            f"No service answers at {url}.", "Start it, or look at its log.", f"{type(error).__name__}: {error}"
        ) from error
    finally:
        connection.close()


def _decoded(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body) if body else {}
    except ValueError:
        return {"detail": body[:200].decode("utf-8", "replace")}
    return answer if isinstance(answer, dict) else {"detail": str(answer)[:200]}
