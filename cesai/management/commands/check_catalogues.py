"""Fails unless every German catalogue is complete, current, compiled and true to its placeholders."""

import re
from collections.abc import Iterable, Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cesai.management.commands.messages import extract

PLACEHOLDER = re.compile(r"%\(\w+\)|\{\w*\}")
# Corrects what the libraries say; its sentences come from them, not from the portal's sources.
LIBRARIES = "libraries"


class Command(BaseCommand):
    help = "Checks that every catalogue is complete, matches the sources and is compiled."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        names = [*settings.LOCALE_NAMES, LIBRARIES]
        catalogues = {name: read(name) for name in names}
        faults = [
            f"{name}: {fault}"
            for name in names
            for fault in faults_of(catalogues[name], may_shorten=name == LIBRARIES)
        ]
        faults += [f"{name}: {fault}" for name in names for fault in compilation_faults(name)]
        for name in settings.LOCALE_NAMES:
            faults += [f"{name}: {fault}" for fault in difference(extracted(name), catalogues[name])]
        faults += conflicts(catalogues)
        if faults:
            listed = "\n".join(f"  {fault}" for fault in faults)
            raise CommandError(
                f"The catalogues have faults:\n{listed}\n./run manage messages NAME extracts and compiles one."
            )
        count = sum(len(catalogue) for catalogue in catalogues.values())
        self.stdout.write(f"{len(names)} catalogues with {count} entries are complete, current and compiled.")


def path_of(name: str, folder: Path | None = None) -> Path:
    return (folder or settings.BASE_DIR / "locale" / name) / "de" / "LC_MESSAGES" / "django.po"


def read(name: str) -> polib.POFile:
    """The catalogue as committed; an empty one where there is none, which only an app without sentences may do."""
    path = path_of(name)
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def extracted(name: str) -> polib.POFile:
    """The sentences that the sources hold now."""
    with TemporaryDirectory() as folder, chdir(settings.BASE_DIR):
        extract(name, Path(folder))
        path = path_of(name, Path(folder))
        return polib.pofile(path.read_text()) if path.exists() else polib.POFile()


def _pairs(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """Each source sentence of the entry with its translation; languages with two plural forms."""
    if entry.msgid_plural:
        yield entry.msgid, entry.msgstr_plural.get(0, "")
        yield entry.msgid_plural, entry.msgstr_plural.get(1, "")
    else:
        yield entry.msgid, entry.msgstr


def _key(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural


def faults_of(catalogue: Iterable[polib.POEntry], *, may_shorten: bool = False) -> Iterator[str]:
    """Missing and unsure translations, and placeholders that a translation invented or, unless it may, lost."""
    for entry in catalogue:
        if entry.fuzzy:
            yield f"the translation of “{entry.msgid}” is marked as fuzzy"
        for source, translation in _pairs(entry):
            wanted, found = set(PLACEHOLDER.findall(source)), set(PLACEHOLDER.findall(translation))
            if not translation:
                yield f"“{source}” is not translated"
            elif found - wanted or (wanted - found and not may_shorten):
                yield f"“{translation}” has other placeholders than “{source}”"


def compilation_faults(name: str) -> Iterator[str]:
    """The program reads the .mo file; it must say what the .po file says."""
    path = path_of(name)
    if not path.exists():
        return
    if not path.with_suffix(".mo").exists():
        yield "the .mo file is missing"
        return
    written = {_key(entry): dict(_pairs(entry)) for entry in polib.pofile(str(path)) if entry.translated()}
    compiled = {_key(entry): dict(_pairs(entry)) for entry in polib.mofile(str(path.with_suffix(".mo")))}
    if written != compiled:
        yield "the .mo file is older than the .po file"


def difference(wanted: Iterable[polib.POEntry], found: Iterable[polib.POEntry]) -> Iterator[str]:
    """Sentences of the sources that the catalogue lacks, and the reverse."""
    keys, present = {_key(entry) for entry in wanted}, {_key(entry) for entry in found}
    for _context, sentence, _plural in sorted(keys - present):
        yield f"“{sentence}” is missing"
    for _context, sentence, _plural in sorted(present - keys):
        yield f"“{sentence}” is no longer in the sources"


def conflicts(catalogues: dict[str, polib.POFile]) -> Iterator[str]:
    """Django makes one catalogue of all: where two translate a sentence differently, one app says the wrong thing."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for name, catalogue in catalogues.items():
        for entry in catalogue:
            for source, translation in _pairs(entry):
                other, said = first.setdefault((entry.msgctxt or "", source), (name, translation))
                if translation and said and translation != said:
                    yield f"{name}: “{source}” is “{translation}” here and “{said}” in {other}"
