"""References of releases, and whether an endpoint tells the truth about them."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.calibration import golden
from evaluations.models import EngineCalibration, ReleaseReference, Run
from evaluations.runner.golden import Deviation, deviation
from portfolio.models import ModelRelease

REFERENCE_LIMIT_BYTES = 4 * 1024 * 1024


def server_of(release: ModelRelease) -> dict[str, Any] | None:
    """The entry of `settings.RELEASE_SERVERS` for the release's file: what is known of the model, whoever serves it."""
    return next(
        (server for server in settings.RELEASE_SERVERS.values() if server["needs"] in release.manifest), None
    )


def tolerance_of(release: ModelRelease) -> float:
    """What is known to compute on a CPU has to be exact; of everything else it must be assumed that a GPU rounds."""
    server = server_of(release)
    is_on_cpu = server is not None and server.get("device") == "cpu"
    return golden.TOLERANCE_CPU if is_on_cpu else golden.TOLERANCE_GPU


def reference_of(release: ModelRelease) -> ReleaseReference | None:
    """The release's reference for the shipped continuations; the portal computes it where it can, on first use."""
    known = ReleaseReference.objects.filter(release=release, golden=golden.sha256()).first()
    server = server_of(release)
    if known is not None or server is None or "reference" not in server:
        return known
    try:
        if _sha256(release.folder / server["needs"]) != release.manifest[server["needs"]]["sha256"]:
            # A reference of another file would call the wrong model the right one.
            return None
        values = import_string(server["reference"])(release.folder, golden.pairs())
    except (OSError, ValueError):
        # The file is missing or is no model: the run itself will say so, with the endpoint's own words.
        return None
    made, _is_new = ReleaseReference.objects.get_or_create(
        release=release,
        golden=golden.sha256(),
        defaults={
            "values": values,
            "source": ReleaseReference.Source.PORTAL,
            "made_with": server["reference"],
        },
    )
    return made


@transaction.atomic
def hand_in_reference(*, by: User, release: ModelRelease, document: bytes) -> ReleaseReference:
    """Keep what `evaluations/calibration/reference.py` printed for the release. Refused when it is something else."""
    values, made_with = _read(document)
    server = server_of(release)
    if server is not None and "reference" in server:
        raise EvaluationRefused(_("The portal computes the reference of this release by itself."))
    reference, _is_new = ReleaseReference.objects.update_or_create(
        release=release,
        golden=golden.sha256(),
        defaults={
            "values": values,
            "source": ReleaseReference.Source.HANDED_IN,
            "made_with": made_with,
            "made_by": by,
        },
    )
    record(by, "evaluations.reference_handed_in", release)
    return reference


def _read(document: bytes) -> tuple[list[list[float]], str]:
    if len(document) > REFERENCE_LIMIT_BYTES:
        raise EvaluationRefused(_("The file is larger than 4 MB; a reference is much smaller."))
    try:
        told = json.loads(document)
    except ValueError as problem:
        raise EvaluationRefused(_("The file is not JSON.")) from problem
    values = told.get("values") if isinstance(told, dict) else None
    if not isinstance(values, list):
        raise EvaluationRefused(_("The file is not a reference: it has no list “values”."))
    if told.get("golden") != golden.sha256():
        raise EvaluationRefused(_("The reference is about other golden continuations than the portal's."))
    if len(values) != len(golden.pairs()) or not all(map(_is_row, values)):
        raise EvaluationRefused(
            _(
                "The reference needs %(number)d rows of log-probabilities: finite numbers, none above 0, at least one a row."
            )
            % {"number": len(golden.pairs())}
        )
    return values, str(told.get("made_with", ""))[:200]


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, list)
        and bool(row)
        and all(
            isinstance(each, (int, float))
            and not isinstance(each, bool)
            and math.isfinite(each)
            and each <= 0
            for each in row
        )
    )


@dataclass(frozen=True)
class Verdict:
    """`reason` is empty when the endpoint may be believed, else a key of the sentences."""

    reason: str
    detail: str = ""


def calibrate(run: Run, image: str, values: Sequence[Sequence[float]]) -> Verdict:
    """Hold a run's answers to the golden continuations against the release's reference, and keep what came of it."""
    tolerance = tolerance_of(run.release)
    reference = reference_of(run.release)
    if reference is None:
        if _is_calibrated(image):
            return Verdict("")
        return Verdict(
            "calibration_missing",
            f"no reference of {run.release}, and {image} was not calibrated with another",
        )
    seen = deviation(values, reference.values, tolerance)
    is_valid = seen.largest <= tolerance and len(values) >= golden.LEAST
    if reference.is_independent:
        _note(run, image, len(values), seen, tolerance, is_valid)
    far = (
        f"largest difference {seen.largest:.4g} nats over {len(values)} continuations, allowed {tolerance:g}"
    )
    if not is_valid:
        return Verdict("logprobs_shifted" if seen.shift else "calibration_failed", far)
    if not reference.is_independent and not _is_calibrated(image):
        return Verdict("calibration_missing", f"{image} was not calibrated with an independent reference")
    return Verdict("", far)


def learn(run: Run, values: Sequence[Sequence[float]]) -> None:
    """The answers of an accepted run say what later runs of a release without a reference have to show."""
    ReleaseReference.objects.get_or_create(
        release=run.release,
        golden=golden.sha256(),
        defaults={"values": values, "source": ReleaseReference.Source.FIRST_RUN, "made_with": str(run)},
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _is_calibrated(image: str) -> bool:
    """Whether the newest calibration of this software, with whatever release, is valid."""
    newest = EngineCalibration.objects.filter(image=image, golden=golden.sha256()).first()
    return newest is not None and newest.is_valid


def _note(run: Run, image: str, asked: int, seen: Deviation, tolerance: float, is_valid: bool) -> None:
    EngineCalibration.objects.update_or_create(
        image=image,
        release=run.release,
        golden=golden.sha256(),
        defaults={
            "asked": asked,
            "largest": seen.largest if math.isfinite(seen.largest) else None,
            "tolerance": tolerance,
            "shift": seen.shift,
            "is_valid": is_valid,
            "run": run,
        },
    )
