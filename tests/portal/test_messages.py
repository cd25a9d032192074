"""The catalogues: whole in both languages, alike in what must be alike, and never fed with what people wrote."""

import re
from functools import cache
from http import HTTPStatus
from typing import get_args

import pytest
from babel.messages import frontend, mofile, pofile
from jinja2 import nodes

from assent.api.organizations import OrganizationSpec
from assent.api.requests import Phase
from assent.core.approvals import StageStatus
from assent.portal import rendering
from assent.portal.refusals import STATUSES
from assent.portal.words import WORDS, word

OTHERS = [one for one in rendering.LANGUAGES if one != "en"]
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%|{[a-z_]*}")
MARKUP = re.compile(r"</?[a-z]+[^>]*>|&[a-z]+;")

GLOSSARY = {
    r"\bstages?\b": (r"etapa", r"etapa"),
    r"\bquorum\b": (r"quórum", r"quórum"),
    r"\bapprov": (r"apr(ob|ueb)", r"aprov"),
    r"\breject": (r"rech[aá]z", r"rejei|recus"),
    r"\bdigest\b": (r"huella", r"resumo"),
    r"\b(the|my|your|this|a|an|of|open) requests?\b|^requests?\b": (r"solicitud", r"solicitaç"),
    r"\bledger\b": (r"libro de registro", r"livro de registro"),
    r"\borganizations?\b": (r"organizaci", r"organizaç"),
    r"\bsuborganization": (r"suborganizaci", r"suborganizaç"),
    r"\bmicroservices?\b": (r"microservicio", r"microsserviço"),
    r"\bdrift": (r"desviaci", r"desvio"),
    r"\bsign(ed)? in\b": (r"sesi[oó]n", r"sess(ão|ões)|entr(ar|e|ou|ada)"),
}
"""A term of the domain has one word in each language, found by its stem: Spanish, Portuguese."""


@cache
def catalogue(language):
    path = rendering.HERE / "locale" / language / "LC_MESSAGES" / "assent.po"
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language, abort_invalid=True)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Every message that stands in the panel's Python and templates, found as `make messages` finds them."""
    found = tmp_path_factory.mktemp("messages") / "assent.pot"
    mapping = rendering.HERE / "locale" / "babel.toml"
    said = ["pybabel", "-q", "extract", "-F", str(mapping), "-o", str(found), str(rendering.HERE)]
    frontend.CommandLineInterface().run(said)
    with found.open("rb") as file:
        return {message.id for message in pofile.read_po(file) if message.id}


def messages(language):
    return [message for message in catalogue(language) if message.id]


def pairs(language):
    """Every English text with its translation; of a plural, each form with the form of its own."""
    for message in messages(language):
        if isinstance(message.id, tuple):
            for n, said in enumerate(message.string):
                yield message.id[min(n, 1)], said
        else:
            yield message.id, message.string


@pytest.mark.parametrize("language", OTHERS)
class TestCatalogue:
    """One language's."""

    def test_it_has_every_message_of_the_source_and_no_other(self, source, language):
        assert {message.id for message in messages(language)} == source
        assert not catalogue(language).obsolete

    def test_every_message_is_translated_and_none_is_a_guess(self, language):
        assert [message.id for message in messages(language) if message.fuzzy] == []
        assert [english for english, said in pairs(language) if not said] == []

    def test_a_plural_has_every_form_that_the_language_says_it_has(self, language):
        counted = [message for message in messages(language) if isinstance(message.id, tuple)]

        assert {len(message.string) for message in counted} <= {catalogue(language).num_plurals}

    def test_the_placeholders_are_the_same(self, language):
        alike = [
            (english, said)
            for english, said in pairs(language)
            if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(said))
        ]

        assert alike == []

    def test_the_markup_is_the_same(self, language):
        def specials(text):
            return sorted(MARKUP.findall(text)), [text.count(one) for one in "<>&"]

        assert [one for one in pairs(language) if specials(one[0]) != specials(one[1])] == []

    def test_it_begins_and_ends_as_the_english_does(self, language):
        def ends(text):
            return text[: len(text) - len(text.lstrip())], text.rstrip()[-1:] if text.rstrip()[-1:] in ".?!:…" else ""

        assert [one for one in pairs(language) if ends(one[0]) != ends(one[1])] == []

    def test_a_term_of_the_domain_has_one_word(self, language):
        stray = [
            (english, said)
            for english, said in pairs(language)
            for term, stems in GLOSSARY.items()
            if re.search(term, PLACEHOLDER.sub("", english), re.IGNORECASE)
            and not re.search(stems[OTHERS.index(language)], said, re.IGNORECASE)
        ]

        assert stray == []

    def test_no_sentence_is_the_english_one_left_standing(self, language):
        def words(text):
            return re.findall(r"[a-z]+", PLACEHOLDER.sub("", text))

        assert [one for one, said in pairs(language) if one == said and len(words(one)) > 1] == []

    def test_it_compiles_and_answers(self, language, tmp_path):
        with (tmp_path / "assent.mo").open("wb") as file:
            mofile.write_mo(file, catalogue(language))

        said = rendering.catalogue(language)
        assert [
            one.id for one in messages(language) if isinstance(one.id, str) and said.gettext(one.id) != one.string
        ] == []

    @pytest.mark.parametrize("found", [*get_args(Phase), *get_args(StageStatus)])
    def test_the_phases_of_requests_and_stages_are_words_of_the_language(self, language, found):
        assert word(found, str) != word(found, rendering.catalogue(language).gettext)


def test_every_word_of_the_core_that_people_read_is_known():
    types = get_args(OrganizationSpec.model_fields["type"].annotation)

    assert {*get_args(Phase), *get_args(StageStatus), *types} <= WORDS.keys()


def test_every_refusal_has_a_heading_for_people():
    answers = [status for _, status in STATUSES] + [HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS]

    assert {one.phrase for one in answers if one is not HTTPStatus.NOT_FOUND} <= WORDS.keys()


def test_a_word_that_is_not_known_is_shown_as_it_is():
    assert word("NeverHeardOf", rendering.catalogue("es").gettext) == "NeverHeardOf"


def constant(said):
    """Whether what is translated stands in the template; one of two texts that do is fine."""
    if isinstance(said, nodes.CondExpr):
        return constant(said.expr1) and constant(said.expr2)
    return isinstance(said, nodes.Const)


TEMPLATES = sorted((rendering.HERE / "templates").rglob("*.*"))
MENU = "Getattr(node=Name(name='item', ctx='load'), attr='label', ctx='load')"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_what_people_wrote_is_never_taken_for_a_message(template):
    """A translated text counts as safe in HTML, so only texts of the template's own are translated."""
    tree = rendering.environment("en").parse(template.read_text(encoding="utf-8"))
    calls = [one for one in tree.find_all(nodes.Call) if isinstance(one.node, nodes.Name) and one.node.name == "_"]

    assert [one.lineno for one in calls if not constant(one.args[0]) and repr(one.args[0]) != MENU] == []
