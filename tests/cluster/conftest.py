"""One control plane a test session, and an organization of its own a test."""

import os
from contextlib import contextmanager
from itertools import count

import pytest

from cluster import admission
from cluster import plane as planes
from cluster.opened import Opened

_numbers = count(1)
MISSING = (
    "no control plane here (etcd, kube-apiserver, kube-controller-manager, kubectl): `make controlplane` builds it"
)


@contextmanager
def standing(factory, name):
    """A control plane; where there is none the test is skipped, and fails where CI should have built it."""
    binaries = planes.programs()
    if binaries is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    started = planes.Plane(factory.mktemp(name), binaries)
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture(scope="session")
def plane(tmp_path_factory):
    """A real control plane, with our kinds and nothing else of ours."""
    with standing(tmp_path_factory, "plane") as started:
        yield started


@pytest.fixture(scope="session")
def guarded_plane(tmp_path_factory):
    """Another one, with the shipped admission policies in force, where RBAC lets everybody do everything."""
    with standing(tmp_path_factory, "guarded") as started:
        yield admission.install_policies(started)


@pytest.fixture
def organization(request):
    """The namespace of an organization of this test's own, in whichever control plane the test uses."""
    used = request.getfixturevalue("guarded_plane" if "guarded_plane" in request.fixturenames else "plane")
    name = f"org{next(_numbers)}"
    labelled = {"metadata": {"name": name, "labels": {"assent.dev/organization": name}}}
    used.api(admission.OPERATOR, admission.MASTERS).create("/api/v1/namespaces", labelled)
    return name


@pytest.fixture
def opened(guarded_plane, organization):
    """A Request of juan's that waits for approval, where the admission policies are in force."""
    return Opened(guarded_plane, organization)
