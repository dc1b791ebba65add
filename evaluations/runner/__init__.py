"""The runner: executes one evaluation in one folder, here or on a cluster node.

Standard library only, Python 3.9 or newer, no import from the portal: this folder can be copied anywhere and
started with `python runner/ FOLDER/spec.json`.

In: `spec.json` and the files it names. Out, all in the same folder:

- `process.json`  who is running: host, pid, boot id, start time, restart number
- `progress.json` phase, done, total; replaced atomically, at least every five seconds (the heartbeat)
- `log.txt`       what the harness said, without its progress bars
- `exit.json`     reason, code, message, seconds; written once per restart
- `result/`       result files and `manifest.json` with their SHA-256; appears by one rename or not at all
- `attempts/NNN/` the same exit and process files per restart, kept for accounting

A folder is run by one process at a time (a lock held by the runner and its children), a published result is
never run again, and a restart continues from the requests that were already answered.
"""
