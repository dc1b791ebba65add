"""`python count.py FOLDER TASK ...`, run by the harness's interpreter: how many questions each task has, as JSON.

FOLDER holds one definition per task, as `evaluations.runner.data` writes it. Nothing is fetched.
"""

import contextlib
import json
import os
import sys


def main(folder: str, names: list[str]) -> None:
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    # What the libraries print on the way is not the answer.
    with contextlib.redirect_stdout(sys.stderr):
        from lm_eval.tasks import TaskManager  # type: ignore[import-not-found]  # only in the harness

        found = TaskManager(include_path=folder, include_defaults=False).load(names)["tasks"]
        told = {name: len(list(found[name].eval_docs)) for name in names}
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
