"""Which version of slurmrestd's API a service speaks, and how a job is written in it."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .slurm_facts import Request

# Every version back to this one names jobs, states and times in the same words; older ones have no accounts.
OLDEST = 36
VERSION = re.compile(r"^/slurm/v0\.0\.(\d+)/job/submit/?$")
# Before this version a node's resources were named with colons only.
SLASHED_SINCE = 40


@dataclass(frozen=True)
class Dialect:
    """The paths of one version, and the types of the properties of a job there."""

    version: int
    submit: str
    jobs: str
    job: str
    accounts: str
    properties: Mapping[str, Any]
    schemas: Mapping[str, Any]
    filters: frozenset[str]

    @classmethod
    def negotiate(cls, document: Mapping[str, Any]) -> Dialect:
        """The newest version that the document offers for jobs and accounts alike; LookupError when there is none."""
        paths, schemas = document["paths"], document["components"]["schemas"]
        found = sorted((int(match[1]) for path in paths if (match := VERSION.match(path))), reverse=True)
        for version in found:
            places = {
                "submit": f"/slurm/v0.0.{version}/job/submit",
                "jobs": f"/slurm/v0.0.{version}/jobs",
                "job": f"/slurm/v0.0.{version}/job/{{job_id}}",
                "accounts": f"/slurmdb/v0.0.{version}/jobs",
            }
            # Some versions end their paths with a slash, and insist on it.
            places = {
                name: next((each for each in (path, f"{path}/") if each in paths), "")
                for name, path in places.items()
            }
            if version < OLDEST or not all(places.values()):
                continue
            body = paths[places["submit"]]["post"]["requestBody"]["content"]["application/json"]["schema"]
            job = _resolved(_resolved(body, schemas)["properties"]["job"], schemas)
            return cls(
                version=version,
                properties=job["properties"],
                schemas=schemas,
                filters=frozenset(
                    parameter["name"] for parameter in paths[places["accounts"]]["get"].get("parameters", [])
                ),
                **places,
            )
        offered = ", ".join(f"v0.0.{version}" for version in found) or "none"
        raise LookupError(
            f"no version of the API that offers jobs and accounts (versions with jobs: {offered})"
        )

    def submission(self, script: str, request: Request, environment: Mapping[str, str]) -> dict[str, Any]:
        """The document that hands `script` over. What this version has no word for is left out."""
        wanted = request.wanted
        values: dict[str, Any] = {
            "name": request.key,
            "comment": request.comment,
            "dependency": "singleton",
            "requeue": True,
            "open_mode": "append",
            "current_working_directory": request.folder,
            "standard_output": request.output.replace("%", "%%"),
            "environment": dict(environment),
            "time_limit": wanted.minutes,
            "tasks": 1,
            "cpus_per_task": wanted.cpus,
            "memory_per_node": wanted.memory_mb,
            "partition": wanted.partition,
            "account": wanted.account,
            "qos": wanted.qos,
            "constraints": wanted.constraint,
            **self._resources(wanted.gres),
            "kill_warning_signal": "TERM",
            "kill_warning_delay": request.warning_seconds,
            "kill_warning_flags": "BATCH_JOB",
        }
        job = {
            name: self._shaped(self.properties[name], value)
            for name, value in values.items()
            if value and name in self.properties
        }
        if "script" in self.properties:
            return {"job": {**job, "script": script}}
        return {"script": script, "job": job}

    def _resources(self, gres: str) -> dict[str, str]:
        if "gres" in self.properties:
            return {"gres": gres}
        mark = "gres/" if self.version >= SLASHED_SINCE else "gres:"
        return {"tres_per_node": ",".join(mark + part for part in gres.split(",") if part)}

    def accounts_query(self, keys: Iterable[str], days: int) -> str:
        """The question for every start of the jobs with these names."""
        asked = {
            "job_name": ",".join(keys),
            "start_time": f"now-{days}days",
            "end_time": "now",
            "skip_steps": "true",
            "show_duplicates": "true",
        }
        given = {name: value for name, value in asked.items() if name in self.filters}
        return urllib.parse.urlencode(given)

    def _shaped(self, schema: Mapping[str, Any], value: Any) -> Any:
        schema = _resolved(schema, self.schemas)
        kind = schema.get("type")
        if isinstance(value, Mapping):
            return [f"{name}={each}" for name, each in value.items()] if kind == "array" else value
        if kind == "array":
            return [str(value).upper()]
        if kind == "object" and "number" in schema.get("properties", {}):
            return {"set": True, "infinite": False, "number": value}
        return str(value) if kind == "string" else value


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema
