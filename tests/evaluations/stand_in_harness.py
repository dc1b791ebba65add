#!/usr/bin/env python
"""Stands in for an interpreter with lm-eval: takes lm-eval's command line, asks the endpoint, writes its files.

Its results have lm-eval's shape (`test_end_to_end.py` runs the real one through the same checks) and take
milliseconds. STAND_IN chooses what goes wrong; STAND_IN_HALT is the number of answers after which it waits
for somebody to end it.
"""

import hashlib
import json
import os
import signal
import sys
import time
import urllib.request
from itertools import pairwise
from pathlib import Path


def main() -> None:
    arguments = sys.argv[1:]
    assert arguments[:2] == ["-m", "lm_eval"] or arguments[0] == "-c", arguments
    assert arguments[2] == "run", arguments
    values = dict(pairwise(arguments))
    model = dict(part.split("=", 1) for part in values["--model_args"].split(","))
    mode = os.environ.get("STAND_IN", "")
    halt = int(os.environ.get("STAND_IN_HALT", "-1"))
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "fail":
        sys.exit("ValueError: the stand-in was told to fail")
    task = values["--tasks"]
    questions = [json.loads(line) for line in Path(f"{task}.jsonl").read_text().splitlines()]
    cache = Path(values["--use_cache"] + "_rank0.jsonl")
    answered = [json.loads(line) for line in cache.read_text().splitlines()] if cache.exists() else []
    left = len(questions) - len(answered)
    sys.stderr.write(f"INFO Cached requests: {len(answered)}, Requests remaining: {left}\n")
    samples = list(answered)
    with cache.open("a") as remember:
        for number, question in enumerate(questions[len(answered) :], 1):
            while number > halt >= 0:
                time.sleep(1)
            samples.append(answer(model, len(samples), question))
            remember.write(json.dumps(samples[-1]) + "\n")
            remember.flush()
            bar = f"Requesting API: {100 * number // left:3}%|##| {number}/{left} [00:00]"
            sys.stderr.write(f"{bar}\r")
    output = Path(values["--output_path"]) / model["model"]
    output.mkdir(parents=True)
    hashes = "".join(each["doc_hash"] + each["prompt_hash"] + each["target_hash"] for each in samples)
    accuracy = sum(sample["acc"] for sample in samples) / len(samples)
    by_length = sum(sample["acc_norm"] for sample in samples) / len(samples)
    if mode == "wrong_mean":
        accuracy += 0.1
    if mode == "nan":
        accuracy = float("nan")
    name = "another_task" if mode == "missing_task" else task
    results = {
        "results": {
            name: {
                "alias": name,
                "acc,none": accuracy,
                "acc_stderr,none": stderr(accuracy, len(samples)),
                "acc_norm,none": by_length,
                "acc_norm_stderr,none": stderr(by_length, len(samples)),
                "sample_len": len(samples),
            }
        },
        "group_subtasks": {name: []},
        "versions": {name: 1.0},
        "n-shot": {name: 0},
        "n-samples": {name: {"original": len(samples), "effective": len(samples)}},
        "higher_is_better": {name: {"acc": True}},
        "configs": {name: {"output_type": "multiple_choice", "target_delimiter": " "}},
        "config": {"limit": None, "fewshot_seed": int(values["--seed"])},
        "task_hashes": {name: sha256(hashes)},
        "lm_eval_version": "0.4.13",
        "pretty_env_info": "Is CUDA available: N/A",
    }
    if mode != "no_result":
        (output / "results_2026-01-01T00-00-00.json").write_text(json.dumps(results))
        lines = "".join(json.dumps(sample) + "\n" for sample in samples)
        (output / f"samples_{name}_2026-01-01T00-00-00.jsonl").write_text(lines)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def stderr(share: float, number: int) -> float:
    return max(0.0, share * (1 - share) / (number - 1)) ** 0.5


def answer(model: dict, number: int, question: dict) -> dict:
    scores = []
    context = f"Frage: {question['frage']}\nAntwort:"
    for option in question["optionen"]:
        body = {
            "model": model["model"],
            "prompt": f"{context} {option}",
            "max_tokens": 0,
            "logprobs": 1,
            "echo": True,
        }
        request = urllib.request.Request(
            model["base_url"], json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            values = json.load(response)["choices"][0]["logprobs"]["token_logprobs"]
        scores.append(sum(values[len(context.encode()) :]))
    by_length = [score / len(option) for score, option in zip(scores, question["optionen"], strict=True)]
    right, right_by_length = (each.index(max(each)) == question["antwort"] for each in (scores, by_length))
    target = str(question["antwort"])
    return {
        "doc_id": number,
        "doc": question,
        "target": target,
        "arguments": {
            f"gen_args_{place}": {"arg_0": context, "arg_1": f" {option}"}
            for place, option in enumerate(question["optionen"])
        },
        "resps": [[[str(score), "False"]] for score in scores],
        "filter": "none",
        "metrics": ["acc", "acc_norm"],
        "doc_hash": sha256(json.dumps(question, indent=2, ensure_ascii=False)),
        "prompt_hash": sha256(context),
        "target_hash": sha256(target),
        "acc": float(right),
        "acc_norm": float(right_by_length),
    }


if __name__ == "__main__":
    main()
