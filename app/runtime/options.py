"""The options of ``serve.py``. Standard library only."""

from __future__ import annotations

import argparse
import ipaddress
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8080


class UnsafeOptions(Exception):
    """These options would open the service to strangers."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve. ``port`` 0: any free one. ``log_folder`` None: predictions are not logged. ``challenger``: another
    bundle's folder; ``share``: which part of the requests it answers, None: none, it is asked beside (shadow).
    ``listen_fd`` and ``kept``: see ``listening``."""

    host: str
    port: int
    log_folder: Path | None
    sync_always: bool
    refuse_when_full: bool
    key_file: Path | None
    rate_per_s: float
    tls_cert: Path | None
    tls_key: Path | None
    behind_proxy: bool
    check: bool
    new_key: str | None
    challenger: Path | None = None
    share: float | None = None
    listen_fd: int | None = None
    kept: bool = False

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return is_loopback(self.host)

    def refuse_if_unsafe(self) -> None:
        """Raises UnsafeOptions."""
        if (self.tls_cert is None) != (self.tls_key is None):
            raise UnsafeOptions("--tls-cert and --tls-key belong together.")
        if self.loopback or self.behind_proxy or (self.key_file is not None and self.tls_cert is not None):
            return
        raise UnsafeOptions(
            f"Listening on {self.host} lets other machines in. Give --api-key-file, --tls-cert and --tls-key, or "
            "--behind-proxy if something in front of it asks who they are."
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parser() -> argparse.ArgumentParser:
    """All options with their help."""
    p = argparse.ArgumentParser("serve.py", description="Answers with the model in this folder.", allow_abbrev=False)
    p.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    p.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}; taken: the next free one")
    p.add_argument(
        "--log-dir", type=Path, default=None, metavar="DIR", help="prediction log (default: logs beside this)"
    )
    p.add_argument("--log", choices=("on", "off"), default="on", help="off: no prediction can be traced")
    p.add_argument(
        "--log-sync", choices=("second", "always"), default="second", help="always: on disk before the answer"
    )
    p.add_argument("--log-full", choices=("refuse", "count"), default="refuse", help="when the disk is full")
    p.add_argument("--api-key-file", type=Path, default=None, metavar="FILE", help="only holders of a key may ask")
    p.add_argument("--new-key", default=None, metavar="NAME", help="make a key in --api-key-file, print it, and end")
    p.add_argument("--rate", type=float, default=0.0, metavar="N", help="requests a second and key (default: any)")
    p.add_argument("--tls-cert", type=Path, default=None, metavar="FILE")
    p.add_argument("--tls-key", type=Path, default=None, metavar="FILE")
    p.add_argument("--behind-proxy", action="store_true", help="a proxy in front does TLS and asks for keys")
    p.add_argument("--challenger", type=Path, default=None, metavar="BUNDLE", help="another bundle to try beside this")
    p.add_argument("--share", type=_share, default=None, metavar="X", help="part of the requests it answers, 0 to 1")
    p.add_argument("--shadow", action="store_true", help="it answers nobody; what it would have said is logged")
    p.add_argument("--listen-fd", type=int, default=None, help=argparse.SUPPRESS)
    p.add_argument("--kept", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--check", action="store_true", help="prove the bundle, print the result, and end")
    p.add_argument("--keep", action="store_true", help="restart the service when it dies")
    p.add_argument("--no-hand-over", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--state", type=Path, default=None, metavar="FILE", help="with --keep: tell there how it stands")
    return p


def parse(argv: list[str], bundle: Path) -> Options:
    """``argv`` without the program's name. Ends the process with 2 and a usage line if it is wrong."""
    p = parser()
    given = p.parse_args(argv)
    if given.new_key is not None and given.api_key_file is None:
        p.error("--new-key needs --api-key-file")
    ways = (given.share is not None) + given.shadow
    if ways != (given.challenger is not None):
        p.error("--challenger needs either --share or --shadow")
    return Options(
        host=given.host,
        port=given.port,
        log_folder=None if given.log == "off" else (given.log_dir or bundle / "logs").absolute(),
        sync_always=given.log_sync == "always",
        refuse_when_full=given.log_full == "refuse",
        key_file=given.api_key_file,
        rate_per_s=given.rate,
        tls_cert=given.tls_cert,
        tls_key=given.tls_key,
        behind_proxy=given.behind_proxy,
        check=given.check,
        new_key=given.new_key,
        challenger=given.challenger.absolute() if given.challenger else None,
        share=given.share,
        listen_fd=given.listen_fd,
        kept=given.kept,
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share
