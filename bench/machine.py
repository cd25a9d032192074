"""What it was measured on, and with which versions: printed beside every figure, since no figure travels without."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = (
    "assent", "PyYAML", "GitPython", "jsonschema", "jsonschema-rs", "cedarpy", "pycasbin", "pydantic", "SQLAlchemy",
    "kopf",
)  # fmt: skip


def machine() -> dict[str, str]:
    """Processor, memory, system and Python, and how busy it was when it began."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / (1 << 30):.0f} GiB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "Git": _said("git", "--version").removeprefix("git version "),
        "load when it began": f"{os.getloadavg()[0]:.1f}",
    }


def versions() -> dict[str, str]:
    """The version of everybody who took part."""
    return {name: version(name) for name in PACKAGES}


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
