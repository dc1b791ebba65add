"""What the database itself refuses, whoever asks: nothing that was hashed changes afterwards."""

import pgtrigger

# From which states a state can be reached.
SOURCES: dict[str, tuple[str, ...]] = {
    "published": ("draft",),
    "costed": ("published",),
    "frozen": ("costed",),
    "open": ("costed", "frozen"),
    "closed": ("frozen", "open"),
    "tallied": ("closed",),
    "final": ("tallied",),
    "cancelled": ("published", "costed", "frozen", "open", "closed", "tallied"),
}
# The record of the chain without which a state is not reached.
SEALS = {
    "published": "rules",
    "costed": "proposals",
    "frozen": "freeze",
    "open": "freeze",
    "closed": "close",
    "tallied": "result",
    "final": "final",
    "cancelled": "cancelled",
}
# Columns of a round that a later step fills in, each once. Everything else is fixed when the rules are published.
FILLED_IN = ("opens_at", "closed_at", "closing_reason", "objections_until", "cancel_reason")


def _pairs(rows: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"('{source}', '{state}')" for state, sources in rows.items() for source in sources)


_CHANGED = " OR ".join(
    f"(coalesce(OLD.{name}::text, '') <> '' AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in FILLED_IN
)
_LATER = ", ".join(f"'{name}'" for name in ("status", *FILLED_IN))
_SEALS = " ".join(f"WHEN '{state}' THEN '{kind}'" for state, kind in SEALS.items())

_STEPS = f"""
BEGIN
    IF NEW.status = OLD.status AND OLD.status = 'draft' THEN
        RETURN NEW;
    END IF;
    IF NEW.kind = 'imported' AND OLD.kind = 'imported' AND OLD.status = 'draft' AND NEW.status = 'final' THEN
        RETURN NEW;
    END IF;
    IF (OLD.status, NEW.status) NOT IN ({_pairs(SOURCES)})
        OR (OLD.status <> 'draft' AND to_jsonb(NEW) - ARRAY[{_LATER}] <> to_jsonb(OLD) - ARRAY[{_LATER}])
        OR {_CHANGED}
    THEN
        RAISE EXCEPTION 'the rules of the round are fixed' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM voting_chainrecord
        WHERE round_id = NEW.id AND kind = CASE NEW.status {_SEALS} END
    ) THEN
        RAISE EXCEPTION 'the step is not sealed in the chain' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'costed' AND (
        EXISTS (SELECT FROM voting_rounditem WHERE round_id = NEW.id AND cost > NEW.budget)
        OR EXISTS (SELECT FROM voting_rounditem WHERE round_id = NEW.id GROUP BY cost HAVING count(*) > 1)
    ) THEN
        RAISE EXCEPTION 'costs are not distinct and within the budget' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""  # noqa: S608 - built from this module's own constants

_BEGINS = """
BEGIN
    IF NEW.status <> 'draft' THEN
        RAISE EXCEPTION 'a round begins as a draft' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""

_NEVER_EMPTIED = """
BEGIN
    RAISE EXCEPTION 'nothing that was hashed is emptied' USING ERRCODE = 'check_violation';
END;
"""

_STAYS = """
BEGIN
    IF OLD.status <> 'draft' THEN
        RAISE EXCEPTION 'a published round stays' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END;
"""

# No unit of the budget and no item falls between the tracks.
_TRACKS_MAKE_THE_ROUND = """
DECLARE
    divided record;
BEGIN
    SELECT count(*) AS tracks, sum(budget) AS budget INTO divided FROM voting_track WHERE round_id = NEW.id;
    IF divided.tracks > 0 AND divided.budget <> NEW.budget THEN
        RAISE EXCEPTION 'the budgets of the tracks are not the budget of the round' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM voting_rounditem i LEFT JOIN voting_track t ON t.id = i.track_id
        WHERE i.round_id = NEW.id
        AND ((i.track_id IS NULL) = (divided.tracks > 0) OR t.round_id <> i.round_id)
    ) THEN
        RAISE EXCEPTION 'an item is in no track of the round' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM voting_track t LEFT JOIN voting_rounditem i ON i.track_id = t.id
        WHERE t.round_id = NEW.id GROUP BY t.id HAVING count(i.id) < NEW.minimum_approvals
    ) THEN
        RAISE EXCEPTION 'a track has fewer items than a ballot needs' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""

# The share lock makes the step that fixes the list wait for rows on their way, and lets none in behind it.
_WHILE = """
DECLARE
    row record;
BEGIN
    IF TG_OP = 'DELETE' THEN row := OLD; ELSE row := NEW; END IF;
    IF TG_OP = 'UPDATE' AND NEW.round_id <> OLD.round_id OR NOT EXISTS (
        SELECT FROM voting_round WHERE id = row.round_id AND status IN ({states}) FOR SHARE
    ) THEN
        RAISE EXCEPTION '{what} fixed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN row;
END;
"""


def _trigger(name: str, operation: pgtrigger.Operation | pgtrigger.Operations, law: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, when=pgtrigger.Before, operation=operation, func=law)


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE fires no trigger of a row; on the tables that others refer to it reaches one of these by its CASCADE."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=_NEVER_EMPTIED,
    )


def round_laws() -> list[pgtrigger.Trigger]:
    """A round goes from step to step, each sealed in the chain; its rules never change after the first."""
    return [
        _trigger("begins_as_a_draft", pgtrigger.Insert, _BEGINS),
        _trigger("steps", pgtrigger.Update, _STEPS),
        _trigger("stays", pgtrigger.Delete, _STAYS),
        pgtrigger.Trigger(
            name="tracks_make_the_round",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Q(old__status="published") & pgtrigger.Q(new__status="costed"),
            func=_TRACKS_MAKE_THE_ROUND,
        ),
    ]


def item_laws() -> list[pgtrigger.Trigger]:
    """Items come and go until proposals and costs are confirmed."""
    law = _WHILE.format(states="'draft', 'published'", what="the proposals of the round are")
    return [_trigger("fixed", pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete, law)]


def voter_laws() -> list[pgtrigger.Trigger]:
    """The electorate is written when the ballot paper is frozen, and never again."""
    law = _WHILE.format(states="'costed'", what="the electorate of the round is")
    return [
        _trigger("fixed", pgtrigger.Insert, law),
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    ]
