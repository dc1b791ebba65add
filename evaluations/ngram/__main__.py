"""`python -m evaluations.ngram --port N`: serve the n-gram baseline on loopback until TERM or Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from .model import DEFAULT_ORDER, NgramModel, load_default
from .server import DESCRIPTION, MODEL_ID, Server


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evaluations.ngram", description=DESCRIPTION)
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--model", type=Path, help="model file to serve instead of the shipped text")
    parser.add_argument("--corpus", type=Path, help="text to train on instead of the shipped one")
    parser.add_argument("--order", type=int, default=DEFAULT_ORDER, help="longest n-gram, in bytes")
    parser.add_argument("--name", default=MODEL_ID, help="model id shown by /v1/models")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the model file and stop")
    options = parser.parse_args(arguments)
    try:
        if options.model:
            model = NgramModel.from_bytes(options.model.read_bytes())
        elif options.corpus:
            model = NgramModel.train(options.corpus.read_text(encoding="utf-8"), options.order)
        else:
            model = load_default()
    except (OSError, ValueError) as problem:
        print(f"cannot load the model: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    if options.write:
        options.write.write_bytes(model.to_bytes())
        print(model.sha256)  # noqa: T201
        return 0
    try:
        server = Server(model, options.port, options.name)
    except OSError as problem:
        print(f"cannot listen on 127.0.0.1:{options.port}: {problem}", file=sys.stderr)  # noqa: T201
        return 1

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # shutdown() waits for the serving loop, which runs in this very thread.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"{DESCRIPTION} {options.name} {model.sha256} on http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
    server.serve_forever(poll_interval=0.2)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
