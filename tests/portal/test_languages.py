"""Pages in Spanish and Portuguese: no sentence of the core is left in English, and hints belong to their fields."""

import re
from datetime import timedelta

import pytest

from assent.api.conditions import NOT_COUNTED
from assent.core.explain import next_step
from assent.core.status import why
from portal.decisions import TEMPLATE, busy, decide, words, world
from portal.house import house
from portal.street import _document, ask, commit, tell

OTHERS = {"es": "es-MX,es;q=0.9", "pt": "pt-BR"}
ENDS = {"es": "No llegó su turno", "pt": "Não chegou a sua vez"}
OWN = {"es": "Nadie aprueba su propia solicitud.", "pt": "Ninguém aprova a própria solicitação."}
INGRID = "ingrid@platform.example"
LIMITS = {
    "properties": {
        "count": {"title": "Count", "type": "integer", "minimum": 1, "maximum": 20},
        "code": {"title": "Code", "type": "string", "pattern": "^[A-Z]{2}$"},
        "size": {"title": "Size", "type": "string", "enum": ["s", "m", "l"]},
        "label": {"title": "Label", "type": "string", "maxLength": 5},
    },
    "required": ["count"],
}  # fmt: skip
SAID = {
    "es": (
        "Count: Debe ser como máximo 20.",
        "Code: No tiene la forma que se pide: exactamente 2 de: mayúsculas (A-Z).",
        "Size: No es ninguna de las opciones.",
        "Label: Es demasiado largo: el número máximo de caracteres es 5.",
    ),
    "pt": (
        "Count: Deve ser no máximo 20.",
        "Code: Não tem a forma pedida: exatamente 2 de: maiúsculas (A-Z).",
        "Size: Não é nenhuma das opções.",
        "Label: É longo demais: o número máximo de caracteres é 5.",
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Requests in every state: one is rejected before its second stage, and somebody tried to approve their own."""
    with busy(tmp_path_factory.mktemp("w") / "w") as home:
        spec = {"displayName": "Limits", "category": "Devices", "visibility": "Public", "enabledByDefault": True}
        spec |= {"description": "Tells what\nit takes.", "run": {"manual": {"instructions": "Do it."}}}
        made = _document("Microservice", "limits", "platform", {**spec, "parameters": LIMITS})
        commit(home.ground, "olivia", {"extra/limits.yaml": made})
        for name in ("no", "mine", "open"):
            ask(home, "juan", name, "create-workspaces", parameters=TEMPLATE)
        ask(home, "juan", "much", "limits", parameters={"count": 21})
        ask(home, "juan", "plain", "limits", parameters={"count": 2})
        home.tick()
        tell(home, "maria@acme.example", "reject", "no", because="zu teuer")
        tell(home, "juan@acme.example", "approve", "mine")
        home.tick()
        yield home


@pytest.fixture(params=OTHERS)
def language(request):
    return request.param


def reader(home, language, who="alba"):
    """Somebody whose browser asks for the language."""
    person = home.signed_in(who)
    person.headers["Accept-Language"] = OTHERS[language]
    return person


def page(home, language, path, who="alba"):
    answer = reader(home, language, who).get(path)
    assert 200 == answer.status_code
    assert f'<html lang="{language}"' in answer.text
    return words(answer)


def test_no_page_of_a_request_says_a_sentence_of_the_core(home, language):
    for ref in home.seen().state.cases:
        if ref.namespace != "acme":
            continue
        decision = home.decision(ref.name)
        shown = page(home, language, f"/requests/{ref}")
        english = [why(decision)[1], next_step(home.seen().world, decision), *NOT_COUNTED.values()]
        english += [voice.message for voice in decision.case.voices if voice.message]

        assert [] == [one for one in english if one in shown], ref


def test_no_list_says_one_either(home, language):
    english = [why(home.decision(ref.name))[1] for ref in home.seen().state.cases if ref.namespace == "acme"]
    for path in ("/", "/requests?scope=all", "/operations", "/decide"):
        shown = page(home, language, path)

        assert [] == [one for one in english if one in shown], path


def test_what_a_run_came_to_is_said_too(home, language):
    ended = {"es": "El programa terminó con 0.", "pt": "O programa terminou com 0."}[language]
    for path in ("/operations", "/requests/acme/loud"):
        shown = page(home, language, path)

        assert ended in shown
        assert "ended with" not in shown


def test_what_nobody_reached_does_not_wait_any_more(home, language):
    shown = page(home, language, "/requests/acme/no")

    assert ENDS[language] in shown
    assert "“zu teuer”" in shown or "«zu teuer»" in shown
    assert ENDS[language] not in page(home, language, "/requests/acme/open")


def test_what_was_open_when_it_ended_was_not_decided(tmp_path):
    """The stage waits for nobody any more, though it had been reached."""
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "late", "in-time")
        home.tick()
        before = page(home, "es", "/requests/acme/late")
        home.later += timedelta(hours=5)
        after = page(home.tick(), "es", "/requests/acme/late")

    assert "Abierta ahora" in before
    assert "No se aprobó a tiempo." in after
    assert "Sin decidir" in after
    assert "Abierta ahora" not in after


def test_why_an_approval_did_not_count_is_a_sentence_in_the_timeline(home, language):
    answer = reader(home, language).get("/requests/acme/mine").text
    happened = answer.partition('<ol class="timeline">')[2].partition("</ol>")[0]

    assert OWN[language] in happened
    assert "SelfApproval" not in happened


def test_why_a_decision_was_not_taken_is_said_at_the_form_too(home, language):
    person = reader(home, language)
    answer = decide(person, "open", "approve", digest="0" * 64)
    hidden = decide(person, "open", "reject", reason="so\u202eit is")

    assert {409, 422} == {answer.status_code, hidden.status_code}
    for one, english in ((answer, "digest of"), (hidden, "is no decision")):
        assert f'<html lang="{language}"' in one.text
        assert english not in words(one)


def test_what_is_wrong_with_a_field_is_said_at_it(home, language):
    person = reader(home, language)
    typed = {"p.count": "21", "p.code": "a1", "p.size": "xl", "p.label": "too long"}
    answer = person.submit("/open/acme/limits", name="N_o", reason="x" * 513, onBehalfOf="ghost@x", **typed)
    shown = words(answer)

    assert 422 == answer.status_code
    assert [] == [one for one in SAID[language] if one not in shown]
    assert not re.search(r"\b(must|at most|is no|none of|nobody|characters)\b", shown)


def test_what_a_field_takes_stands_at_it_before_anything_is_typed(home, language):
    answer = reader(home, language).get("/open/acme/limits").text
    hint = re.search(r'<p class="hint" id="(field-\d+-hint)">De 1 a 20\.</p>', answer).group(1)

    assert re.search(rf'<input type="number"[^>]* aria-describedby="{hint}"', answer)
    assert {"es": "exactamente 2 de: mayúsculas", "pt": "exatamente 2 de: maiúsculas"}[language] in answer
    assert {"es": "Como máximo, 5 caracteres.", "pt": "No máximo, 5 caracteres."}[language] in answer


def test_what_it_is_for_stands_where_it_is_decided_and_before_it_is_sent(home, language):
    person = reader(home, language)
    summary = person.submit("/open/acme/limits", name="n", **{"p.count": "2"})
    refused = person.submit("/requests/acme/plain/decide", verb="approve", digest="0" * 64, telling="x")

    for answer in (summary, refused, person.get("/requests/acme/plain")):
        assert re.search("(Para qué sirve|Para que serve).{0,40}Tells what it takes.", words(answer))
