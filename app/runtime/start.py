"""From a folder to a service: prove the bundle, open the model, replay the golden rows, listen."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from . import golden, keeper, listening, manifest, options
from .contract import Contract
from .log import LogWriter
from .model import Model

if TYPE_CHECKING:
    from uvicorn import Server

    from .challenger import Challenger

OK, CRASHED, USAGE, REFUSED = 0, 1, 2, 3
"""Exit codes. After ``REFUSED`` (and ``USAGE``) another try would end the same way."""


def main(bundle: Path, argv: Sequence[str]) -> int:
    """Everything that ``serve.py`` does once the manifest's own reader is proven. Returns the exit code."""
    if "--keep" in argv:
        return keeper.main(bundle, list(argv))
    chosen = options.parse(list(argv), bundle)
    try:
        if chosen.new_key is not None:
            return _make_key(chosen)
        if not chosen.check:
            chosen.refuse_if_unsafe()
        return _prove_and_serve(bundle, chosen)
    except (manifest.BundleRefused, golden.GoldenMismatch, options.UnsafeOptions, ValueError, OSError) as error:
        print(f"serve.py: {error}", file=sys.stderr)
        return REFUSED


def _make_key(chosen: options.Options) -> int:
    from .keys import new_key

    assert chosen.key_file is not None and chosen.new_key is not None
    print(new_key(chosen.key_file, chosen.new_key))
    return OK


def _prove_and_serve(bundle: Path, chosen: options.Options) -> int:
    proven = manifest.load(bundle)  # all of it was verified by serve.py before this module was imported
    contract = msgspec.json.decode((bundle / "contract.json").read_bytes(), type=Contract)
    model = Model((bundle / "model.onnx").read_bytes(), contract)
    replayed = golden.replay(model, golden.load(bundle / "golden.jsonl"))
    other = _proven_challenger(chosen, contract)
    if chosen.check:
        result = {"ok": True, "bundle": f"sha256:{proven.id}", "model": contract.model, "golden_rows": replayed}
        print(json.dumps(result))
        return OK
    return _serve(bundle, chosen, f"sha256:{proven.id}", model, other)


def _serve(bundle: Path, chosen: options.Options, bundle_id: str, model: Model, other: tuple[Model, str] | None) -> int:
    """Listen, say so in one JSON line on standard output, answer until told to stop."""
    from uvicorn import Config

    from .challenger import side
    from .keys import Keys
    from .limits import IDLE_DEADLINE_S, STOP_DEADLINE_S
    from .protocol import BoundedProtocol, BoundedServer
    from .server import Served, Service

    _log_to_stderr()
    keys = Keys(chosen.key_file, chosen.rate_per_s) if chosen.key_file else None
    sock = _listener(chosen)
    log = _open_log(chosen, bundle_id, model.contract.model)
    page = (bundle / "page.html").read_bytes()
    only_loopback = chosen.loopback and not chosen.behind_proxy
    challenger = _challenger(chosen, other, log)
    service = Service(Served(side(model, bundle_id, log), log, keys, page, only_loopback, challenger))
    config = Config(
        service,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        loop=_loop(),
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(IDLE_DEADLINE_S),
        timeout_graceful_shutdown=int(STOP_DEADLINE_S),
        ssl_certfile=chosen.tls_cert,
        ssl_keyfile=chosen.tls_key,
    )
    server = BoundedServer(config, service, lambda: _say_ready(chosen, sock, bundle_id), chosen.kept)
    _stop_signals_stop(server)
    gc.collect()
    gc.freeze()  # what was loaded stays: no collection while serving has to look at it again
    try:
        server.run([sock])
    finally:
        service.close()
        if log is not None:
            log.close()
    return OK


def _listener(chosen: options.Options) -> socket.socket:
    """The keeper's socket, or one of our own. Raises OSError."""
    if chosen.listen_fd is not None:
        return listening.inherited(chosen.listen_fd)
    return listening.bind(chosen.host, chosen.port)


def _proven_challenger(chosen: options.Options, champion: Contract) -> tuple[Model, str] | None:
    """The challenger's model and bundle id. ValueError with what is wrong with it."""
    from . import challenger

    if chosen.challenger is None:
        return None
    try:
        return challenger.load(chosen.challenger, champion)
    except (manifest.BundleRefused, golden.GoldenMismatch, challenger.ChallengerRefused) as error:
        raise ValueError(f"The challenger in {chosen.challenger.name} is refused: {error}") from error


def _challenger(chosen: options.Options, other: tuple[Model, str] | None, log: LogWriter | None) -> Challenger | None:
    from .challenger import Challenger, side

    return Challenger(side(*other, log), chosen.share) if other is not None else None


def url_of(host: str, port: int, tls: bool) -> str:
    """The address to put into a client."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    shown = f"[{shown}]" if ":" in shown else shown
    return f"http{'s' if tls else ''}://{shown}:{port}"


def _say_ready(chosen: options.Options, sock: socket.socket, bundle_id: str) -> None:
    port = sock.getsockname()[1]
    if port != chosen.port and chosen.port:
        print(f"serve.py: port {chosen.port} is taken; this is {port}.", file=sys.stderr)
    log_dir = str(chosen.log_folder) if chosen.log_folder else None
    url = url_of(chosen.host, port, chosen.tls_cert is not None)
    print(json.dumps({"url": url, "pid": os.getpid(), "bundle": bundle_id, "log_dir": log_dir}), flush=True)


def _open_log(chosen: options.Options, bundle_id: str, model: str) -> LogWriter | None:
    if chosen.log_folder is None:
        return None
    return LogWriter(
        chosen.log_folder,
        bundle_id,
        model,
        sync_always=chosen.sync_always,
        refuse_when_full=chosen.refuse_when_full,
    )


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")


def _stop_signals_stop(server: Server) -> None:
    """From now on, not only once uvicorn listens to them: who is asked to stop before that does not begin to serve.
    uvicorn puts these back when it ends; the default ones would end the process by signal."""
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), server.handle_exit)


def _loop() -> str:
    try:
        import uvloop  # noqa: F401
    except ImportError:
        return "asyncio"
    return "uvloop"
