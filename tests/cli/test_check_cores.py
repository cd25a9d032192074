"""`assent check` says the same to the last byte on one core and on two, in every format."""

import pytest

from assent.adapters.documents import several
from assent.cli import beside
from assent.cli.output import Form
from assent.core.checks import CHECKS, PARTS

API = "apiVersion: assent.dev/v1alpha1\n"
PLATFORM = f"{API}kind: Organization\nmetadata: {{name: platform}}\nspec: {{type: Platform}}\n"
SERVICE = (
    f"{API}kind: Microservice\nmetadata: {{name: vm, namespace: platform}}\n"
    "spec: {displayName: VM, category: X, visibility: Public, enabledByDefault: true, run: {manual: {instructions: x}},"
    " parameters: {type: object, additionalProperties: false, properties: {n: {type: integer, maximum: 9}}}}\n"
)


def organization(at):
    """A few documents, of which every seventh organization has something wrong in each."""
    wrong = not at % 7
    head = f"{API}kind: {{0}}\nmetadata: {{{{name: {{1}}, namespace: o{at}}}}}\nspec: "
    yield f"{API}kind: Organization\nmetadata: {{name: o{at}}}\nspec: {{type: Client{', parent: nobody' * wrong}}}\n"
    yield head.format("User", "u") + f"{{username: {'same' if wrong else f'u{at}'}, role: {{name: r}}}}\n"
    yield head.format("Request", "q") + (
        f"{{microservice: {{name: vm}}, requester: u{at}, parameters: {{n: {at % 12}}}}}\n"
    )
    yield head.format("AccessRole", "r") + (
        "{entries: [{organization: '*', levels: {nothing: L1}}]}\n" if at % 5 else "{entries: [\n"
    )


@pytest.fixture
def estate(tmp_path):
    (tmp_path / "platform.yaml").write_text(PLATFORM)
    (tmp_path / "service.yaml").write_text(SERVICE)
    (tmp_path / "twice.yaml").write_text(SERVICE)
    (tmp_path / "link.yaml").symlink_to("platform.yaml")
    for at in range(100):
        for number, text in enumerate(organization(at)):
            (tmp_path / f"o{at:02}-{number}.yaml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("form", Form)
def test_two_cores_say_what_one_says(assent, estate, monkeypatch, form):
    """What is found, its order and its every byte do not depend on which process looked."""
    forked = []
    monkeypatch.chdir(estate)
    monkeypatch.setattr(beside, "LARGE", 10)
    for module in (several, beside):
        monkeypatch.setattr(module, "cores_free", lambda: 1)
    alone = assent("check", "-o", form)
    for module in (several, beside):
        monkeypatch.setattr(module, "cores_free", lambda: 2)
        monkeypatch.setattr(module, "started", lambda work, make=module.started: forked.append(work) or make(work))
    both = assent("check", "-o", form)

    assert (1, alone.out, alone.err) == (both.code, both.out, both.err)
    assert alone.out.count("o35") > 2
    assert 2 == len(forked)


def test_every_rule_is_in_one_part():
    """However the rules are shared out, each is applied, and once."""
    parts = [rule for part in PARTS for rule in part]

    assert len(CHECKS) == len(parts)
    assert set(CHECKS) == set(parts)
