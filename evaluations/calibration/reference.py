"""Reference of a release by Transformers: `python reference.py MODEL GOLDEN.json > reference.json`.

A program of its own, for a machine that has torch and transformers: it loads the model in the process, asks no server,
and prints what the portal takes as the release's reference. No import from the portal.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path


def reference(model_path: str, golden: bytes) -> dict[str, object]:
    """Log-probabilities of each continuation's tokens in float32 on the CPU, tokenised as one text with its context."""
    import torch  # type: ignore[import-not-found,unused-ignore]
    import transformers  # type: ignore[import-not-found,unused-ignore]

    tokenizer = transformers.AutoTokenizer.from_pretrained(model_path)
    model = transformers.AutoModelForCausalLM.from_pretrained(model_path, dtype=torch.float32)
    model.eval()
    values = []
    for context, continuation in json.loads(golden):
        whole = tokenizer(context + continuation, add_special_tokens=False).input_ids
        before = len(tokenizer(context, add_special_tokens=False).input_ids)
        with torch.no_grad():
            logits = model(torch.tensor([whole])).logits[0].double()
        told = torch.log_softmax(logits, dim=-1)
        values.append([float(told[place - 1, whole[place]]) for place in range(before, len(whole))])
    return {
        "golden": hashlib.sha256(golden).hexdigest(),
        "made_with": f"transformers {transformers.__version__}, torch {torch.__version__}, float32, CPU",
        "values": values,
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python reference.py MODEL GOLDEN.json", file=sys.stderr)  # noqa: T201
        return 2
    print(json.dumps(reference(arguments[0], Path(arguments[1]).read_bytes())))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
