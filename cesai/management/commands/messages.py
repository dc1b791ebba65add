"""Extracts and compiles the German catalogue of one app (or of the site's shared templates)."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.core.management.commands import makemessages

HEADER = """# German catalogue of the CESAI Portal.
msgid ""
msgstr ""
"Project-Id-Version: cesai-portal\\n"
"Language: de\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


class _Extraction(makemessages.Command):
    """Keeps to the files of one catalogue; Django would put all templates into one."""

    # No line numbers: they would change with every edit of a template.
    msgmerge_options = ["-q", "--backup=none", "--previous", "--update", "--no-fuzzy-matching"]

    sources: tuple[Path, ...] = ()
    catalogue: Path

    def find_files(self, root: str) -> list[Any]:
        found = [
            each
            for each in super().find_files(root)
            if any(Path(each.path).resolve().is_relative_to(source) for source in self.sources)
        ]
        self.locale_paths = [str(self.catalogue)]
        self.default_locale_path = str(self.catalogue)
        for each in found:
            each.locale_dir = str(self.catalogue)
        return found


def sources_of(name: str) -> tuple[Path, ...]:
    """The files and folders whose sentences belong to the catalogue `name`."""
    root = settings.BASE_DIR
    if name != "site":
        return (root / name, root / "templates" / name, root / "templates" / "admin" / name)
    owned = {root / "templates" / other for other in settings.LOCALE_NAMES}
    shared = [each for each in (root / "templates").iterdir() if each not in owned and each.name != "admin"]
    admin = [
        each for each in (root / "templates" / "admin").iterdir() if each.name not in settings.LOCALE_NAMES
    ]
    return (root / "cesai", *shared, *admin)


class Command(BaseCommand):
    help = "Extracts and compiles the German catalogue of an app, e.g. ./run manage messages portfolio"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help="catalogues; all of them when none is named")

    def handle(self, *, names: list[str], **options: Any) -> None:
        from subprocess import run

        os.chdir(settings.BASE_DIR)
        for name in names or settings.LOCALE_NAMES:
            folder = settings.BASE_DIR / "locale" / name
            folder.mkdir(parents=True, exist_ok=True)
            extract(name, folder)
            for catalogue in folder.glob("*/LC_MESSAGES/*.po"):
                run(
                    [
                        "msgfmt",
                        "--check-format",
                        "--check-domain",
                        "-o",
                        catalogue.with_suffix(".mo"),
                        catalogue,
                    ],
                    check=True,
                )


def extract(name: str, folder: Path) -> None:
    """Writes `folder/de/LC_MESSAGES/django.po` from the sources of the catalogue; existing translations stay."""
    extraction = _Extraction()
    extraction.sources = sources_of(name)
    extraction.catalogue = folder
    extraction.run_from_argv(
        [
            "manage.py",
            "makemessages",
            "-v0",
            "-l",
            "de",
            "--no-location",
            "--no-wrap",
            "--no-obsolete",
            "-i",
            "var",
            "-i",
            ".venv",
        ]
    )
    # Dates in the header would change the file with every run.
    for catalogue in folder.glob("*/LC_MESSAGES/*.po"):
        _header, _blank, entries = catalogue.read_text().partition("\n\n")
        catalogue.write_text(f"{HEADER}\n{entries}")
