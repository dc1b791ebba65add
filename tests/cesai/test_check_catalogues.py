"""What a translator or a programmer can forget, and the sentence that tells them."""

from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command

from cesai.management.commands.check_catalogues import compilation_faults, conflicts, difference, faults_of


def catalogue(*entries: polib.POEntry) -> polib.POFile:
    file = polib.POFile()
    file.extend(entries)
    return file


def entry(source: str, translation: str = "", **more) -> polib.POEntry:
    return polib.POEntry(msgid=source, msgstr=translation, **more)


def plural(one: str, many: str, *translations: str) -> polib.POEntry:
    return polib.POEntry(msgid=one, msgid_plural=many, msgstr_plural=dict(enumerate(translations)))


def test_a_complete_catalogue_has_no_fault():
    good = catalogue(
        entry("Start", "Start"),
        plural("%(n)d file in {folder}", "%(n)d files", "%(n)d Datei in {folder}", "%(n)d Dateien"),
    )
    assert list(faults_of(good)) == []


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (entry("Start"), "“Start” is not translated"),
        (plural("one file", "many files", "eine Datei", ""), "“many files” is not translated"),
        (entry("Start", "Beginn", flags=["fuzzy"]), "the translation of “Start” is marked as fuzzy"),
        (entry("Edit %(code)s", "Bearbeiten"), "“Bearbeiten” has other placeholders than “Edit %(code)s”"),
        (entry("Edit", "{code}"), "“{code}” has other placeholders than “Edit”"),
    ],
)
def test_a_gap_a_doubt_and_a_lost_placeholder_are_faults(bad, fault):
    assert list(faults_of(catalogue(bad))) == [fault]


def test_only_the_correction_of_a_library_may_leave_a_placeholder_away():
    shorter, invented = entry("Hello from %(site)s!", "Guten Tag,"), entry("Hello!", "Guten Tag, %(name)s")
    assert list(faults_of(catalogue(shorter), may_shorten=True)) == []
    assert len(list(faults_of(catalogue(invented), may_shorten=True))) == 1


def test_sentences_that_appeared_or_vanished_in_the_sources_are_faults():
    assert list(difference([entry("New")], [entry("Old", "Alt")])) == [
        "“New” is missing",
        "“Old” is no longer in the sources",
    ]


def test_one_sentence_cannot_mean_two_things():
    found = conflicts(
        {
            "accounts": catalogue(entry("Light", "Hell"), entry("Start", "Start")),
            "portfolio": catalogue(entry("Light", "Ampel"), entry("Start", "Start")),
        }
    )
    assert list(found) == ["portfolio: “Light” is “Ampel” here and “Hell” in accounts"]


def test_a_context_keeps_two_meanings_apart():
    assert not list(
        conflicts(
            {
                "accounts": catalogue(entry("Light", "Hell", msgctxt="theme")),
                "portfolio": catalogue(entry("Light", "Ampel")),
            }
        )
    )


class TestCompilation:
    @pytest.fixture
    def folder(self, settings, tmp_path: Path) -> Path:
        settings.BASE_DIR = tmp_path
        folder = tmp_path / "locale" / "portfolio" / "de" / "LC_MESSAGES"
        folder.mkdir(parents=True)
        return folder

    def test_what_the_program_reads_is_what_is_written(self, folder):
        written = catalogue(entry("Start", "Start"), plural("file", "files", "Datei", "Dateien"))
        written.save(str(folder / "django.po"))
        written.save_as_mofile(str(folder / "django.mo"))
        assert list(compilation_faults("portfolio")) == []

    def test_a_catalogue_changed_after_compiling_is_a_fault(self, folder):
        catalogue(entry("Start", "Start")).save_as_mofile(str(folder / "django.mo"))
        catalogue(entry("Start", "Beginn")).save(str(folder / "django.po"))
        assert list(compilation_faults("portfolio")) == ["the .mo file is older than the .po file"]

    def test_a_catalogue_never_compiled_is_a_fault(self, folder):
        catalogue(entry("Start", "Start")).save(str(folder / "django.po"))
        assert list(compilation_faults("portfolio")) == ["the .mo file is missing"]


@pytest.mark.parametrize("name", ["accounts", "activity", "portfolio"])
def test_the_catalogue_matches_its_sources(settings, name, capsys):
    settings.LOCALE_NAMES = [name]
    call_command("check_catalogues")
    assert "complete, current and compiled" in capsys.readouterr().out


def test_a_sentence_nobody_translated_ends_the_command_with_its_name(settings, tmp_path):
    settings.LOCALE_NAMES = ["portfolio"]
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates" / "admin").mkdir(parents=True)
    (tmp_path / "portfolio").mkdir()
    (tmp_path / "portfolio" / "words.py").write_text('from x import gettext as _\n_("Brand new")\n')
    with pytest.raises(CommandError, match="portfolio: “Brand new” is missing"):
        call_command("check_catalogues")
