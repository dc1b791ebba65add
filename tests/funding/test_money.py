import pytest
from hypothesis import given
from hypothesis import strategies as st

from cesai.lib.money import parse_euro
from cesai.templatetags.figures import euro


@pytest.mark.parametrize(
    ("text", "language", "cents"),
    [
        ("1.234,56", "de", 123_456),
        ("1.234,56 €", "de", 123_456),
        ("1.234", "de", 123_400),
        ("1234,5", "de", 123_450),
        ("12.50", "de", 1_250),
        ("€1,234.56", "en", 123_456),
        ("1,234", "en", 123_400),
        ("12,50", "en", 1_250),
        ("1 234", "de", 123_400),
        ("0", "de", 0),
        ("7 EUR", "en", 700),
    ],
)
def test_euro_is_read_as_people_write_it(text, language, cents):
    assert parse_euro(text, language) == cents


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "de"),
        ("-5", "de"),
        ("1.23,4", "de"),
        ("1,234", "de"),
        ("1.234", "en"),
        ("1e3", "de"),
        ("٣", "de"),
        ("1,2,3", "en"),
    ],
)
def test_what_is_no_amount_is_refused(text, language):
    with pytest.raises(ValueError, match=r"^.*$"):
        parse_euro(text, language)


@given(st.integers(0, 10**13), st.sampled_from(["de", "en"]))
def test_what_the_portal_writes_it_reads_again(cents, language):
    from django.utils.translation import override

    with override(language):
        assert parse_euro(euro(cents), language) == cents
