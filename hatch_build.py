"""Puts htmx into the wheel: the panel serves it itself, and the package that carries it would bring a framework too."""

from importlib.metadata import distribution
from pathlib import PurePosixPath
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "django_htmx/static/django_htmx"
FILES = ("htmx-2.min.js", "ext/hx-sse-2.min.js")


class Htmx(BuildHookInterface[Any]):
    """Copies the library's own files, as they are; a checkout that is installed to be worked on finds them itself."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Names each file and its place in the wheel."""
        if version == "editable":
            return
        carrier = distribution("django-htmx")
        for name in FILES:
            source = str(carrier.locate_file(f"{FOLDER}/{name}"))
            build_data["force_include"][source] = f"assent/portal/vendor/{PurePosixPath(name).name}"
