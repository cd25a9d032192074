"""Where the files lie that come with Assent: in the installed package, or in the tree of its sources."""

from pathlib import Path

from assent.errors import NotFoundError

FOLDERS = ("crds", "examples", "policies")
_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder `crds`, `policies` or `examples`; raises NotFoundError where it is not there."""
    sources = _PACKAGE.parents[1]
    places = [_PACKAGE / "shipped" / name]
    if (sources / "pyproject.toml").is_file():
        places.append(sources / name)
    for place in places:
        if name in FOLDERS and place.is_dir():
            return place
    raise NotFoundError(
        f"the folder {name!r} is not here: Assent comes with {', '.join(FOLDERS)}, and looked in {places[0].parent}",
        "install Assent anew, from a wheel or from its whole source tree",
    )
