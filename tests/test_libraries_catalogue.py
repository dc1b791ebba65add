"""The German of the libraries speaks as the portal does, and its corrections still meet a sentence."""

import re
from pathlib import Path

import allauth
import django
import polib
import pytest
import rest_framework
from django.conf import settings

CATALOGUE = settings.BASE_DIR / "locale" / "libraries" / "de" / "LC_MESSAGES" / "django.po"
FAMILIAR = re.compile(r"\b(du|dich|dir|dein\w*|gib|wähle|stelle sicher)\b", re.IGNORECASE)


def entries_of(package, *folders):
    root = Path(package.__file__).parent
    for folder in folders:
        yield from polib.mofile(root / folder / "LC_MESSAGES" / "django.mo")


@pytest.fixture(scope="module")
def corrections():
    return polib.pofile(CATALOGUE)


def test_every_correction_belongs_to_a_sentence_of_a_library(corrections):
    known = {entry.msgid for entry in entries_of(allauth, "locale/de")}
    known |= {entry.msgid for entry in entries_of(rest_framework, "locale/de")}
    root = Path(django.__file__).parent
    for folder in ("conf/locale/en", "contrib/admin/locale/en"):
        known |= {entry.msgid for entry in polib.pofile(root / folder / "LC_MESSAGES" / "django.po")}
    assert {entry.msgid for entry in corrections} <= known


def test_no_sentence_of_the_sign_in_says_du(corrections):
    corrected = {entry.msgid for entry in corrections}
    sign_in = polib.pofile(Path(allauth.__file__).parent / "locale/de/LC_MESSAGES/django.po")
    ours = ("account/", "templates/account/", "mfa/", "templates/mfa/", "allauth/account/", "allauth/mfa/",
            "allauth/templates/account/", "allauth/templates/mfa/")  # fmt: skip
    familiar = {
        entry.msgid
        for entry in sign_in
        if not entry.obsolete
        and any(place.startswith(ours) for place, _line in entry.occurrences)
        and any(FAMILIAR.search(text) for text in [entry.msgstr, *entry.msgstr_plural.values()])
    }
    assert familiar - corrected == set()


def test_the_compiled_catalogue_is_the_written_one(corrections):
    compiled = {entry.msgid: entry.msgstr for entry in polib.mofile(CATALOGUE.with_suffix(".mo"))}
    assert compiled == {entry.msgid: entry.msgstr for entry in corrections}
