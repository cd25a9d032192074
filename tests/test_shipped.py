"""What comes with Assent is found, installed or not."""

import pytest

from assent import shipped
from assent.errors import NotFoundError


@pytest.mark.parametrize("name", shipped.FOLDERS)
def test_in_the_sources(name):
    """In the tree of the sources the folders lie beside the package's own."""
    assert (shipped.shipped(name).parent / "pyproject.toml").is_file()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package as a wheel installs it."""
    package = tmp_path / "lib" / "site-packages" / "assent"
    (package / "shipped" / "crds").mkdir(parents=True)
    (tmp_path / "lib" / "policies").mkdir()
    monkeypatch.setattr(shipped, "_PACKAGE", package)
    return package


def test_installed(installed):
    """In an installed package they lie within it."""
    assert installed / "shipped" / "crds" == shipped.shipped("crds")


@pytest.mark.parametrize("name", ["policies", "../crds", "shipped", "", "."])
def test_not_there(installed, name):
    """A folder that is not there, or not ours, is refused; what lies around an installed package is not taken."""
    with pytest.raises(NotFoundError, match="is not here"):
        shipped.shipped(name)
