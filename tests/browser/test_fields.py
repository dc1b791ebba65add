"""Form fields stay where they are while somebody works in them."""

from django.urls import reverse

# Height of every field: at rest, under the pointer, with the focus.
HEIGHTS = """field => {
    const height = () => field.getBoundingClientRect().height
    const heights = [height()]
    field.focus()
    heights.push(height())
    field.blur()
    return heights
}"""


def test_no_field_changes_its_height_under_the_pointer_or_with_the_focus(visit):
    page = visit("jonas").open(reverse("portfolio:usecase_create"))
    fields = page.locator("main form").locator("textarea, select, input:not([type=hidden])")
    assert fields.count() > 8
    for number in range(fields.count()):
        field = fields.nth(number)
        at_rest, focused = field.evaluate(HEIGHTS)
        field.hover()
        hovered = field.evaluate("field => field.getBoundingClientRect().height")
        assert at_rest == focused == hovered, field.get_attribute("name")
