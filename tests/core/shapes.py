"""Offers made of parameter schemas, for the tests of forms."""

from assent.core.forms import fields, shown, typed
from assent.core.offers import Offer
from builders import enablement, service


def offer(schema, *narrowing, targets=None, narrower=()):
    """An offer whose parameters have this schema, narrowed by at most two more; the same for rules of targets."""
    own = {"parameters": schema} | ({"targetRules": targets} if targets is not None else {})
    more = [{"parameters": one} for one in narrowing] + [{"targetRules": one} for one in narrower]
    above, own_one = [enablement("b/vdi", "platform/vdi", **one) for one in more] + [None] * (2 - len(more))
    made = service("platform/vdi", **{name: one for name, one in own.items() if one is not None})
    return Offer("b", "vdi", made, own_one, above)


def form(*schemas):
    """The fields of an offer by name."""
    return {one.name: one for one in fields(offer(*schemas))}


def of(properties, **more):
    """A schema of exactly these parameters."""
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}


def again(schema, parameters):
    """The parameters after a form was filled from them and posted; whatever is typed must be free of problems."""
    form = fields(offer(schema))
    found = typed(form, shown(form, parameters))
    assert {} == found.problems
    return found.parameters


ADDRESS = of({"street": {"type": "string"}, "hidden": {"type": "boolean"}}, required=["street", "hidden"])
