"""The vendored front-end files are exactly those that the manifest names, byte for byte."""

import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "MANIFEST.json").read_text(encoding="utf-8"))["packages"]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["folder"])
def test_every_listed_file_has_the_listed_hash(package):
    folder = VENDOR / package["folder"]
    assert {name: sha256(folder / name) for name in package["files"]} == package["files"]


def test_no_file_lies_in_the_vendor_folder_unlisted():
    listed = {f"{package['folder']}/{name}" for package in PACKAGES for name in package["files"]}
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present - {"MANIFEST.json"} == listed


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["folder"])
def test_every_package_says_version_licence_and_source_and_ships_its_licence_text(package):
    assert package["version"] in package["folder"]
    assert package["licence"] in {"EUPL-1.2", "OFL-1.1", "0BSD", "MIT"}
    assert package["source"].startswith("npm:")
    assert {"LICENSE", "LICENSE.md", "OFL.txt"} & set(package["files"])
