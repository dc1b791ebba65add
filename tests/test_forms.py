"""Every form of the site comes out in KERN markup, with labels, hints and errors that belong together."""

import pytest
from django import forms
from django.template import engines

from cesai.forms import DateInput


class SampleForm(forms.Form):
    title = forms.CharField(label="Title", help_text="One line.")
    start = forms.DateField(label="Start", widget=DateInput(), required=False)
    sector = forms.ChoiceField(label="Sector", choices=[("a", "A"), ("b", "B")])
    choice = forms.ChoiceField(label="Choice", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture
def html():
    return SampleForm().render()


def test_an_input_carries_its_kern_class_and_names_its_hint(html):
    assert 'class="kern-form-input__input"' in html
    assert 'aria-describedby="id_title_helptext"' in html
    assert 'id="id_title_helptext"' in html


def test_radio_buttons_are_a_fieldset_with_the_question_as_legend(html):
    fieldset = html.partition("<fieldset")[2].partition("</fieldset>")[0]
    assert "Choice" in fieldset.partition("</legend>")[0]
    assert fieldset.count('class="kern-form-check__radio"') == 2


def test_an_optional_field_says_so_and_a_required_one_does_not(html):
    assert html.count("(optional)") == 1


def test_an_error_stands_in_the_summary_and_at_its_field():
    form = SampleForm({"sector": "a", "choice": "a"})
    html = form.render()
    assert 'href="#id_title"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert "kern-form-input__input--error" in html


def test_a_valid_form_shows_no_summary():
    assert "error-summary" not in SampleForm({"title": "x", "sector": "a", "choice": "a"}).render()


def test_a_date_is_written_as_browsers_read_it_in_every_language(settings):
    settings.LANGUAGE_CODE = "de"
    html = SampleForm(initial={"start": "2026-03-01"})["start"].as_widget()
    assert 'type="date"' in html
    assert 'value="2026-03-01"' in html


def test_a_widget_keeps_its_own_class():
    field = forms.CharField(widget=forms.TextInput(attrs={"class": "mono"}))
    form = type("Form", (forms.Form,), {"code": field})()
    assert 'class="mono kern-form-input__input"' in str(form["code"])


def test_a_placeholder_that_repeats_the_label_is_left_out():
    field = forms.CharField(label="E-mail", widget=forms.TextInput(attrs={"placeholder": "E-mail"}))
    form = type("Form", (forms.Form,), {"email": field})()
    assert "placeholder" not in str(form["email"])


def test_user_text_in_labels_and_errors_is_escaped():
    form = SampleForm({"sector": "<script>"})
    assert "<script>" not in form.render()


def test_a_component_included_with_only_still_protects_its_form(rf):
    template = engines["django"].from_string(
        '{% include "components/confirm.html" with url="/go/" label="Go" only %}'
    )
    request = rf.get("/")
    request.user = type("Visitor", (), {"is_authenticated": False, "is_staff": False})()
    request.session = {}
    html = template.render({}, request)
    token = html.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert len(token) == 64
