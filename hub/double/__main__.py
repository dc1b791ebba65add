"""`python -m hub.double --root DIR --port N --cert-dir DIR`: serve until SIGTERM or Ctrl-C."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from hub.double.server import HubDouble


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m hub.double", description="Hub double for demo and tests")
    parser.add_argument("--root", type=Path, required=True, help="folder that keeps repositories and tokens")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--cert-dir", type=Path, help="folder of ca.pem and server.pem (default: in the root)"
    )
    parser.add_argument("--xet-dir", type=Path, help="keep large files in a Xet folder instead of by git-lfs")
    parser.add_argument("--token-file", type=Path, help="where the demo's token lies (default: ROOT/token)")
    parser.add_argument("--user", default="cesai-portal", help="account of the demo's token")
    parser.add_argument(
        "--namespace", default="cesai-demo", help="organisation that the demo's token may write to"
    )
    options = parser.parse_args(arguments)
    try:
        double = HubDouble(
            options.root, port=options.port, certificate_folder=options.cert_dir, xet_folder=options.xet_dir
        )
    except OSError as error:
        sys.stderr.write(f"The Hub double cannot listen on port {options.port}: {error.strerror}\n")
        return 1
    double.tokens.ensure_demo(
        options.token_file or options.root / "token", user=options.user, namespace=options.namespace
    )
    # Ending waits for the serving loop, which is this thread: another one has to ask for it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=double.end).start())
    sys.stdout.write(f"ready {double.endpoint}\n")
    sys.stdout.flush()
    double.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
