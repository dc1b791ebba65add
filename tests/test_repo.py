"""Habits of the repository that a reader relies on, and that would otherwise fade."""

import pkgutil
import re
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands

import benchmarks
from tests.requirements import require_or_skip

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
APPS = {"accounts", "activity", "portfolio", "voting", "evaluations", "hub", "funding", "reports"}
TOP_LEVEL = {
    *APPS,
    *("cesai", "templates", "static", "locale", "tests", "benchmarks", "docs", "deploy", "requirements"),
    *(".ci", "run", "manage.py", "pyproject.toml", "uv.lock", ".env.example", ".gitignore"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
}
LONGEST_FILE = 400
CODE = {".py", ".html", ".js", ".sh", ".typ", ".j2"}
LARGEST_FILE = 1_300_000


def tracked() -> list[Path]:
    """Every file of the repository, committed or about to be; paths relative to its root."""
    git = require_or_skip("git")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).exists()]


def own_texts() -> dict[Path, str]:
    """Text by path, without what comes from others as it is."""
    texts = {}
    for path in tracked():
        if path.is_relative_to("static/vendor") or path.name in ("uv.lock", "LICENSE"):
            continue
        try:
            texts[path] = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
    return texts


def documents() -> dict[Path, str]:
    return {path: text for path, text in own_texts().items() if path.suffix == ".md"}


def found_in(texts: dict[Path, str], pattern: str) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


def run_commands() -> set[str]:
    """The commands of the script `run`, from its own `case`."""
    script = (ROOT / "run").read_text()
    return set(re.findall(r"^    ([a-z]+)\)$", script[script.index("\ncase $command in") :], re.MULTILINE))


def test_every_command_of_the_documents_exists() -> None:
    known = run_commands()
    assert {"start", "test", "lint", "manage", "bench"} <= known
    management = get_commands()
    for path, text in documents().items():
        for command, argument in re.findall(r"\./run ([a-z]+)(?: ([a-z_]+))?", text):
            assert command in known, f"{path}: ./run {command}"
            if command == "manage" and argument:
                assert argument in management, f"{path}: ./run manage {argument}"
        for name in re.findall(r"manage\.py ([a-z_]+)", text):
            assert name in management, f"{path}: manage.py {name}"


def test_every_benchmark_of_the_documents_exists() -> None:
    names = {module.name for module in pkgutil.iter_modules(benchmarks.__path__)}

    for path, text in documents().items():
        for name in re.findall(r"\./run bench ([a-z]+)", text):
            assert name in names, f"{path}: ./run bench {name}"


def test_every_link_of_the_documents_leads_somewhere() -> None:
    dead = [
        f"{path}: {target}"
        for path, text in documents().items()
        for target in re.findall(r"\]\(([^)\s]+)\)", text)
        if not re.match(r"[a-z]+:", target)
        and not (ROOT / path.parent / unquote(target.partition("#")[0])).exists()
    ]
    assert dead == []


def test_every_picture_of_the_tour_is_shown_and_small() -> None:
    pictures = set((ROOT / "docs" / "tour").iterdir())
    shown = re.findall(r"\]\((docs/tour/[\w.-]+)\)", (ROOT / "README.md").read_text())
    assert pictures == {ROOT / path for path in shown}
    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []


def test_every_path_of_the_readme_exists() -> None:
    rows = re.findall(r"^\|[^|]+\|(.+)\|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    paths = [
        path for row in rows for path in re.findall(r"`([a-z_]+/[\w./-]+|[a-z.]+\.py|\.env\.example)`", row)
    ]
    assert len(paths) > 8
    # Made by the first start.
    assert [path for path in paths if not path.startswith("var/") and not (ROOT / path).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    pages = sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index) == pages
    assert [page[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]


@pytest.mark.parametrize("section", ["## Context", "## Decision", "## Consequences"])
def test_every_decision_has_its_three_parts(section: str) -> None:
    for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"):
        assert section in path.read_text(), path.name


def test_every_dependency_says_what_it_is_for() -> None:
    silent = [
        line.strip()
        for line in (ROOT / "pyproject.toml").read_text().splitlines()
        if re.match(r'  "[\w.-]+(\[[\w,-]+\])?[<>=]', line) and not re.search(r"#\s*\w{3}", line)
    ]
    assert silent == []


def test_no_file_of_code_is_too_long_to_read() -> None:
    long = {
        str(path): lines
        for path, text in own_texts().items()
        if (path.suffix in CODE or path.name == "run")
        and "migrations" not in path.parts
        and (lines := len(text.splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_nothing_is_left_for_later() -> None:
    words = "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK", "X" * 3])
    assert found_in(own_texts(), rf"\b({words})\b") == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert found_in(own_texts(), r"(?<![\w.*-])/(root|home|work|Users|mnt)/\w") == []


def test_no_file_but_the_lock_names_a_package_index() -> None:
    signs = [
        "index" + "[-_]url",
        r"\[\[tool\.uv\." + r"index\]\]",
        "pypi" + r"\.org/simple",
        "registry" + r"\.npmjs",
    ]
    assert found_in(own_texts(), "|".join(signs)) == []


def test_no_file_is_larger_than_the_largest_vendored_one() -> None:
    large = {str(path): size for path in tracked() if (size := (ROOT / path).stat().st_size) > LARGEST_FILE}
    assert large == {}


def test_the_top_of_the_repository_holds_what_the_readme_explains() -> None:
    assert {path.parts[0] for path in tracked()} == TOP_LEVEL


def test_every_app_is_a_layer_has_tests_and_a_german_catalogue() -> None:
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == APPS | {"cesai"}
    for app in APPS:
        assert list((ROOT / "tests" / app).rglob("test_*.py")), f"tests/{app} has no test"
        assert (ROOT / "locale" / app / "de" / "LC_MESSAGES" / "django.mo").exists(), (
            f"locale/{app} is missing"
        )


def test_the_scripts_can_be_executed() -> None:
    for name in ("run", "manage.py", ".ci/run", "requirements/export.sh"):
        assert (ROOT / name).stat().st_mode & 0o111, name


def test_the_version_is_the_same_everywhere() -> None:
    newest = re.search(r"^## \[([\d.]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == PROJECT["project"]["version"]


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert PROJECT["project"]["license"] == "EUPL-1.2"
    assert "EUROPÄISCHE UNION" in (ROOT / "LICENSE").read_text()[:200]


def test_every_unit_of_production_starts_programs_that_exist() -> None:
    for unit in (ROOT / "deploy" / "systemd").glob("*.service"):
        text = unit.read_text()
        for module in re.findall(r"-m (\w+)", text):
            assert module in {"granian", "celery"}, unit.name
        assert "EnvironmentFile=/etc/cesai-portal.env" in text, unit.name
        # Placeholders of the legal pages and demo accounts keep every program from starting.
        assert re.search(r"^ExecStartPre=.* check --deploy --fail-level ERROR", text, re.MULTILINE), unit.name
