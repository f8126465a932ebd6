"""What a run was made with: packages, Python, system, processor and thread settings."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from app import __version__

PACKAGES = (
    "numpy",
    "scipy",
    "pyarrow",
    "scikit-learn",
    "threadpoolctl",
    "onnx",
    "skl2onnx",
    "onnxruntime",
    "protobuf",
)
"""What a fit, its export or its proof can depend on."""

THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED")


@dataclass(frozen=True, slots=True)
class Environment:
    """``packages``: (name, version) pairs; ``threads``: (variable, value) pairs as the caller had set them: a fit
    itself always runs on one thread."""

    modelyard: str
    python: str
    system: str
    machine: str
    processor: str
    cores: int
    packages: tuple[tuple[str, str], ...]
    threads: tuple[tuple[str, str], ...]


def environment() -> Environment:
    """This machine and process, now. Reads package metadata only; imports none of them."""
    return Environment(
        modelyard=__version__,
        python=platform.python_version(),
        system=platform.platform(),
        machine=platform.machine(),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        packages=tuple((name, metadata.version(name)) for name in PACKAGES),
        threads=tuple((name, os.environ[name]) for name in THREAD_SETTINGS if name in os.environ),
    )


def _processor() -> str:
    """The processor's name: Linux tells it in /proc/cpuinfo only."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = (line.partition(":")[2] for line in info.read_text().splitlines() if line.startswith("model name"))
        return next(names, "").strip() or platform.processor()
    return platform.processor()
