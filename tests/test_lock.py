"""The repository agrees with itself."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def locked() -> dict[tuple[str, str], set[str]]:
    """Hashes of every locked package, by name and version."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    return {
        (package["name"], package["version"]): {
            file["hash"] for file in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        }
        for package in lock["package"]
        if "registry" in package["source"]
    }


def wanted(*, dev: bool) -> set[str]:
    """Names of all packages that the portal needs with its embedded services, and with its tools where ``dev``."""
    packages = {
        package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }
    portal = packages["cesai-portal"]
    queue = [*portal["dependencies"], *portal["optional-dependencies"]["embedded"]]
    if dev:
        queue += portal["dev-dependencies"]["dev"]
    found: set[tuple[str, str]] = set()
    while queue:
        dependency = queue.pop()
        for extra in ("", *dependency.get("extra", [])):
            if (key := (dependency["name"], extra)) in found:
                continue
            found.add(key)
            package = packages[dependency["name"]]
            queue += (
                package.get("optional-dependencies", {}).get(extra, [])
                if extra
                else package.get("dependencies", [])
            )
    return {name for name, _ in found}


def exported(name: str) -> dict[tuple[str, str], set[str]]:
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    requirements = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        found = re.match(r"([a-z0-9.-]+)==(\S+)", line)
        assert found, f"{name}: {line}"
        requirements[found[1], found[2]] = set(re.findall(r"--hash=(\S+)", line))
    return requirements


@pytest.mark.parametrize(("file", "dev"), [("runtime.txt", False), ("dev.txt", True)])
def test_requirements_for_pip_are_those_of_the_lock(file: str, dev: bool) -> None:
    names = wanted(dev=dev)
    expected = {key: hashes for key, hashes in locked().items() if key[0] in names}
    assert exported(file) == expected, "run requirements/export.sh"


def test_the_uv_that_installs_the_rest_is_pinned_with_hashes() -> None:
    [((name, version), hashes)] = exported("uv.txt").items()
    assert name == "uv"
    assert tuple(map(int, version.split("."))) >= (0, 8)
    assert hashes
