"""Zip archives from people: read with a limit on everything, kept only when whole."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from cesai.lib.refusals import Refused

MOST_FILES = 200
# Uncompressed, all files together: many times what a suite of 100,000 questions writes.
LIMIT_BYTES = 512 * 1024 * 1024
BLOCK = 1 << 20


class ZipRefused(Refused):
    """The archive is not one, or not one that is taken in."""


def unpack(archive: Path, folder: Path, limit: int = LIMIT_BYTES) -> None:
    """Write the files of the archive into the new `folder`, without the folder they may lie in.

    What the archive says about sizes is not believed: bytes are counted while they are read. ZipRefused leaves a part
    behind, which the caller throws away.
    """
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            left = limit
            for entry in _files(opened):
                with (
                    opened.open(entry) as source,
                    (folder / PurePosixPath(entry.filename).name).open("xb") as target,
                ):
                    while block := source.read(BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise ZipRefused(
                                _("The archive holds more than %(size)d MB.")
                                % {"size": limit // (1024 * 1024)}
                            )
                        target.write(block)
    except FileExistsError as problem:
        raise ZipRefused(_("The archive holds two files of one name.")) from problem
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as problem:
        raise ZipRefused(_("The file is not a zip archive that can be read.")) from problem


def _files(opened: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The entries that are files; all of them in one folder. Raises before the first byte is written."""
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    if not entries:
        raise ZipRefused(_("The archive is empty."))
    if len(entries) > MOST_FILES:
        raise ZipRefused(_("The archive holds more than %(number)d files.") % {"number": MOST_FILES})
    places = set()
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or (kind and kind != stat.S_IFREG):
            raise ZipRefused(_("The archive holds a path that leads out of it, or a link."))
        places.add(path.parent)
    if len(places) != 1:
        raise ZipRefused(_("The archive holds more than one folder; please pack the folder of one result."))
    yield from entries
