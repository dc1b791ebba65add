"""Fails when a setting, a template or a URL name is there that nothing uses, or a variable that nobody documents."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import global_settings, settings
from django.core.management.base import BaseCommand, CommandError
from django.template.utils import get_app_template_dirs
from django.urls import URLPattern, URLResolver, get_resolver

# Beginnings of settings that Django and its libraries read without giving them a default in `global_settings`.
LIBRARY_SETTINGS = ("ACCOUNT_", "ALLAUTH_", "CELERY_", "DJANGO_STRUCTLOG_", "DRF_", "REST_FRAMEWORK", "ROOT_URLCONF", "SITE_ID",
                    "SPECTACULAR_", "WHITENOISE_")  # fmt: skip
# Django looks for these by name.
ERROR_PAGES = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
# Opened from outside: by monitoring, by scripts, by those who build the portal.
ENTRANCES = {"health_live", "health_ready", "api_schema", "api_docs", "styleguide", "evaluations:metrics"}

QUOTED = re.compile(r"""["']([\w./:-]+)(?:#[\w-]+)?["']""")
# Gives a thing its name instead of using it: `path(…, name="home")`, `<button name="theme">`.
NAMING = re.compile(r"""\bname=["'][^"']*["']""")


class Command(BaseCommand):
    help = "Checks that every setting, template and URL name is used, and every variable documented."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        sources = Sources(settings.BASE_DIR)
        faults = [
            *variable_faults(sources.settings, (sources.root / ".env.example").read_text()),
            *setting_faults(sources.settings, sources.python),
            *template_faults(sources.templates, sources.quoted),
            *url_faults(url_names(get_resolver(), sources.packages), sources.quoted),
        ]
        if faults:
            raise CommandError("Something is not used:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.stdout.write("Every setting, template and URL name is used, and every variable documented.")


class Sources:
    """The portal's own files, without tests: what only a test uses is not used."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.packages = {each.parent.name for each in root.glob("*/__init__.py")} - {"tests"}
        self.settings = (root / "cesai" / "settings.py").read_text()

    @cached_property
    def python(self) -> str:
        """Everything but the settings."""
        files = (path for package in sorted(self.packages) for path in (self.root / package).rglob("*.py"))
        return "\n".join(path.read_text() for path in files if path.name != "settings.py")

    @cached_property
    def templates(self) -> dict[str, str]:
        """Text by name."""
        folder = self.root / "templates"
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_text() for path in files}

    @cached_property
    def quoted(self) -> set[str]:
        """Every quoted word that could be the name of a template or of a URL."""
        text = "\n".join([self.settings, self.python, *self.templates.values()])
        return set(QUOTED.findall(NAMING.sub("", text)))


def variable_faults(settings_text: str, example: str) -> Iterator[str]:
    """Variables read by the settings must be the ones that `.env.example` lists."""
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"(\w+)\"""", settings_text))
    listed = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE))
    for name in sorted(read - listed):
        yield f"variable {name} is read in cesai/settings.py, but .env.example does not list it"
    for name in sorted(listed - read):
        yield f"variable {name} is listed in .env.example, but cesai/settings.py does not read it"


def setting_faults(settings_text: str, python: str) -> Iterator[str]:
    """The portal's own settings must be read by its code or by another setting."""
    tree = ast.parse(settings_text)
    names = {
        target.id
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        for target in ast.walk(node)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store) and target.id.isupper()
    }
    read = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    read |= set(re.findall(r"\bsettings\.([A-Z]\w*)", python))
    for name in sorted(names - read):
        if not hasattr(global_settings, name) and not name.startswith(LIBRARY_SETTINGS):
            yield f"setting {name} is read nowhere"


def template_faults(names: Iterable[str], quoted: set[str]) -> Iterator[str]:
    """A template must be named somewhere, be an error page, or replace one that a library renders."""
    library_folders = get_app_template_dirs("templates")
    for name in sorted(set(names) - quoted - ERROR_PAGES):
        # The admin looks for admin/<app>/<model>/change_form.html before its own admin/change_form.html.
        also = f"admin/{Path(name).name}" if name.startswith("admin/") else name
        if not any((folder / each).exists() for folder in library_folders for each in (name, also)):
            yield f"template {name} is rendered nowhere"


def url_names(resolver: URLResolver, packages: set[str], namespace: str = "") -> Iterator[str]:
    """Names like `portfolio:usecase_list` of the pages in the URL modules of `packages`; the API is for others."""
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            if each.name and not hasattr(each.callback, "cls"):
                yield namespace + each.name
        elif (
            isinstance(each.urlconf_module, ModuleType)
            and each.urlconf_module.__name__.split(".")[0] in packages
        ):
            yield from url_names(each, packages, namespace + (f"{each.namespace}:" if each.namespace else ""))


def url_faults(names: Iterable[str], quoted: set[str]) -> Iterator[str]:
    for name in sorted(set(names) - quoted - ENTRANCES):
        yield f"URL name {name} is used nowhere"
