"""Ways to write metadata of a Request: each takes an Api, the Request's path and what to write.

`place` is the path of a Request that is there; ways that create one beside it say so in their names.
"""

from assent.adapters.kube.api import APPLY, JSON_PATCH, MERGE
from cluster.admission import request
from cluster.opened import ENTRY, JUAN, MARIA


def merge(api, place, about, **query):
    return api.patch(place, {"metadata": about}, MERGE, **query)


def as_another_field_manager(api, place, about, **query):
    return merge(api, place, about, fieldManager=MARIA, **query)


def strategic(api, place, about, **query):
    return api.patch(place, {"metadata": about}, "application/strategic-merge-patch+json", **query)


def json_patch(api, place, about, **query):
    steps = []
    for name, value in about.items():
        if name == "annotations":
            keys = ((key.replace("~", "~0").replace("/", "~1"), text) for key, text in value.items())
            steps += [{"op": "add", "path": f"/metadata/annotations/{key}", "value": text} for key, text in keys]
        else:
            steps.append({"op": "add", "path": f"/metadata/{name}", "value": value})
    return api.patch(place, steps, JSON_PATCH, **query)


def replace(api, place, about, **query):
    return api.replace(place, _laid_over(api.get(place), about), **query)


def replace_with_no_version(api, place, about, **query):
    held = _laid_over(api.get(place), about)
    del held["metadata"]["resourceVersion"]
    return api.replace(place, held, **query)


def apply(api, place, about, **query):
    return api.patch(place, _body(place, about), APPLY, fieldManager="kubectl", force="true", **query)


def apply_as_another_field_manager(api, place, about, **query):
    return api.patch(place, _body(place, about), APPLY, fieldManager=MARIA, force="true", **query)


def through_status(api, place, about, **query):
    return api.replace(f"{place}/status", _laid_over(api.get(place), about), **query)


def through_a_patch_of_status(api, place, about, **query):
    return api.patch(f"{place}/status", {"metadata": about}, MERGE, **query)


def another_case(api, place, about, **query):
    return merge(api, place, {"annotations": {"Approval.assent.dev/Maria": about["annotations"][ENTRY]}}, **query)


def another_alphabet(api, place, about, **query):
    return merge(api, place, {"annotations": {"\u0430pproval.assent.dev/maria": about["annotations"][ENTRY]}}, **query)


def behind_ones_own(api, place, about, **query):
    """Beside another entry that the writer may be entitled to."""
    mine = {"approval.assent.dev/aaa": about["annotations"][ENTRY].replace(MARIA, JUAN)}
    return merge(api, place, {"annotations": {**mine, **about["annotations"]}}, **query)


def with_a_foreign_memory(api, place, about, **query):
    notes = {**about["annotations"], "kopf.zalando.org/last-handled-configuration": "{}"}
    return merge(api, place, {"annotations": notes}, **query)


def created_with_it(api, place, about, **query):
    return api.create(_collection(place), _beside(place, about), **query)


def created_with_it_by_a_generated_name(api, place, about, **query):
    body = _beside(place, about)
    del body["metadata"]["name"]
    body["metadata"]["generateName"] = "r-"
    return api.create(_collection(place), body, **query)


def created_with_it_by_apply(api, place, about, **query):
    body = _beside(place, about)
    target = f"{_collection(place)}/{body['metadata']['name']}"
    return api.patch(target, body, APPLY, fieldManager="kubectl", force="true", **query)


def _collection(place):
    return place.rpartition("/")[0]


def _body(place, about):
    *_, namespace, _, name = place.split("/")
    return _laid_over(request(name, namespace, JUAN), about)


def _beside(place, about):
    """A new Request in the writer's own name, as it should be but for what is forged."""
    *_, namespace, _, name = place.split("/")
    return _laid_over(request(f"{name}-beside", namespace), about)


def _laid_over(held, about):
    before = held["metadata"]
    notes = {**before.get("annotations", {}), **about.get("annotations", {})}
    return {**held, "metadata": {**before, **about, **({"annotations": notes} if notes else {})}}


WRITING = (
    merge,
    as_another_field_manager,
    strategic,
    json_patch,
    replace,
    replace_with_no_version,
    apply,
    apply_as_another_field_manager,
    through_status,
    through_a_patch_of_status,
)
CREATING = (created_with_it, created_with_it_by_a_generated_name, created_with_it_by_apply)
DECIDING = (*WRITING, another_case, another_alphabet, behind_ones_own, with_a_foreign_memory, *CREATING)
MARKING = (*WRITING, *CREATING)
