"""What is left behind when a feature goes, found before a reader wonders what it is for."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import get_resolver

from cesai.management.commands.check_unused import (
    setting_faults,
    template_faults,
    url_faults,
    url_names,
    variable_faults,
)


def test_the_portal_holds_nothing_unused(capsys):
    call_command("check_unused")
    assert "is used" in capsys.readouterr().out


def test_a_fault_ends_the_command_and_says_what_it_is(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "cesai").mkdir()
    (tmp_path / "cesai" / "__init__.py").touch()
    (tmp_path / "cesai" / "settings.py").write_text('FORGOTTEN = env.bool("FORGOTTEN")\n')
    (tmp_path / ".env.example").write_text("OLD=1\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "left_over.html").touch()
    with pytest.raises(CommandError) as error:
        call_command("check_unused")
    assert [line.strip() for line in str(error.value).splitlines()[1:5]] == [
        "variable FORGOTTEN is read in cesai/settings.py, but .env.example does not list it",
        "variable OLD is listed in .env.example, but cesai/settings.py does not read it",
        "setting FORGOTTEN is read nowhere",
        "template left_over.html is rendered nowhere",
    ]


@pytest.mark.parametrize("line", ["SITE_URL=https://portal.example.org", "# SITE_URL=", "#SITE_URL=x"])
def test_a_variable_is_documented_also_as_a_comment(line):
    assert list(variable_faults('env.str("SITE_URL", default="")', line)) == []


def test_a_setting_is_used_by_code_by_another_setting_or_by_a_library():
    text = "OWN = 1\nPART = 2\nWHOLE = [PART]\nDEBUG = False\nACCOUNT_SESSION_REMEMBER = None\nLOST = 3\n"
    assert list(setting_faults(text, "settings.OWN settings.WHOLE")) == ["setting LOST is read nowhere"]


def test_templates_that_a_library_renders_need_no_mention():
    names = ["allauth/elements/h1.html", "admin/portfolio/usecase/change_form.html", "404.html", "lost.html"]
    assert list(template_faults(names, set())) == ["template lost.html is rendered nowhere"]


def test_pages_have_names_that_something_links_to():
    names = set(url_names(get_resolver(), {"cesai", "portfolio"}))
    assert {"home", "portfolio:usecase_list"} <= names
    assert not any(name.startswith(("admin:", "portfolio_api:")) for name in names)
    assert list(url_faults(["portfolio:usecase_list", "portfolio:lost"], {"portfolio:usecase_list"})) == [
        "URL name portfolio:lost is used nowhere"
    ]
