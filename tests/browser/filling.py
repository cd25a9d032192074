"""Forms as people fill them in: a field by its name, or every field that is shown, by what it is."""

EXAMPLES = ("vdi-0001", "ana", "Sales", "ana@acme.example", "tool.exe", "AB1234", "2026-02-03", "1")
"""What people type into a text field: the first that the field takes."""

FIELDS = """form => {
  const shown = [...form.elements].filter(one => one.name && one.type !== 'hidden' && !one.disabled
                                          && one.offsetParent !== null);
  return [...new Set(shown.map(one => one.name))];
}"""


def put(page, name, value):
    """Gives a field this value, whatever kind of control it is."""
    box = page.locator(f'form.form [name="{name}"]').first
    kind = box.evaluate("one => one.type")
    if kind.startswith("select"):
        box.select_option(value)
    elif kind in ("radio", "checkbox"):
        page.locator(f'form.form [name="{name}"][value="{value}"]').check()
    else:
        box.fill(value)


def fill(page, **known):
    """Everything that the form shows, field after field, since one may show another; `known` is typed as given."""
    done = set()
    while left := [one for one in page.locator("form.form").evaluate(FIELDS) if one not in done]:
        boxes = page.locator(f'form.form [name="{left[0]}"]')
        boxes.fill(known[left[0]]) if left[0] in known else _fill(boxes)
        done.add(left[0])
    return done


def _fill(boxes):
    kind = boxes.first.evaluate("one => one.type")
    if kind.startswith("select"):
        boxes.first.select_option(index=1)
    elif kind in ("radio", "checkbox"):
        boxes.first.check()
    elif kind == "number":
        least, step = (boxes.first.get_attribute(name) for name in ("min", "step"))
        boxes.first.fill(least or step or "1")
    elif not boxes.first.input_value():
        _type(boxes.first)


def _type(box):
    """The first example that the browser itself finds fitting."""
    for text in EXAMPLES:
        box.fill(text)
        if box.evaluate("one => one.checkValidity()"):
            return
    raise AssertionError(f"nothing fits into {box.evaluate('one => one.outerHTML')}")
