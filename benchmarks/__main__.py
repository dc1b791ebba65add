"""``./run bench NAME [ARGUMENT …]``: runs one benchmark, or lists them."""

import importlib
import pkgutil
import sys

import benchmarks


def main(argv: list[str]) -> int:
    names = sorted(
        module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__"
    )
    if argv and argv[0] in names:
        return int(importlib.import_module(f"benchmarks.{argv[0]}").main(argv[1:]) or 0)
    if argv:
        sys.stderr.write(f"There is no benchmark “{argv[0]}”.\n")
    sys.stderr.write("usage: ./run bench NAME [ARGUMENT …]\n\n")
    for name in names:
        summary = (importlib.import_module(f"benchmarks.{name}").__doc__ or "").strip().splitlines()[0]
        sys.stderr.write(f"  {name:<12} {summary}\n")
    return 2 if argv else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
