"""The catalogue against the harness that it names: every task of the Hub exists there, with these data and metrics.

The definitions are read as files: loading the harness's index takes most of a minute.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from evaluations.catalogue.suites import SUITES, TaskSource
from tests.evaluations.workshop import real_harness

FOLDERS = [
    *("belebele", "multiblimp", "global_mmlu/default/de", "include/default/German"),
    *("global_piqa/parallel_cloze", "okapi/arc_multilingual", "okapi/hellaswag_multilingual"),
]
TASKS = {task.name: task for suite in SUITES for task in suite.tasks if task.dataset}


class Loader(yaml.SafeLoader):
    """Functions of the harness stay names."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: suffix)


def definition(path: Path) -> dict[str, Any]:
    """A task with what it includes, as the harness reads it: its own words win."""
    own = yaml.load(path.read_text(), Loader)
    included = own.pop("include", None)
    return (definition(path.parent / included) if included else {}) | own


@pytest.fixture(scope="module")
def shipped() -> dict[str, Path]:
    """The file of each task in these folders."""
    (root,) = Path(real_harness()).parents[1].glob("lib/python3*/site-packages/lm_eval/tasks")
    found = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.yaml")):
            names = [
                line.split(":", 1)[1].strip() for line in path.read_text().splitlines() if line[:5] == "task:"
            ]
            found |= {name.strip("\"'"): path for name in names if name}
    return found


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_the_harness_has_the_task_as_the_catalogue_says(shipped: dict[str, Path], task: TaskSource) -> None:
    told = definition(shipped[task.name])
    assert (told["dataset_path"], told["dataset_name"]) == (task.dataset, task.configuration)
    assert {each["metric"] for each in told["metric_list"]} >= set(task.metrics)
    assert told["output_type"] == "multiple_choice"
    # Another number of examples than the task's own would be another measurement.
    assert told.get("num_fewshot", 0) == task.shots
