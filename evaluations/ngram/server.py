"""OpenAI-style completions endpoint of the n-gram baseline, with vLLM's tokenizer routes.

Routes: GET /health, /v1/models, /tokenizer_info; POST /v1/completions, /tokenize, /detokenize. The shapes are
those that lm-eval's `local-completions` model reads with `tokenizer_backend=remote`.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import math
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from .model import BYTES, EOS, SYMBOLS, NgramModel, decode, encode

MODEL_ID = "cesai-ngram-de"
DESCRIPTION = "n-gram baseline"
MAX_BODY = 16 * 1024 * 1024
MAX_TOKENS = 4096


def image() -> str:
    """Name of this software with the SHA-256 of its sources, as a container's image has a digest."""
    digest = hashlib.sha256()
    for name in ("model.py", "server.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    return f"cesai-ngram@sha256:{digest.hexdigest()}"


class BadRequest(Exception):
    """The caller's mistake; the text is sent back with status 400."""


def token_text(symbol: int) -> str:
    """How one symbol is shown in `tokens` and `top_logprobs` (bytes above ASCII as OpenAI writes them)."""
    if symbol < 128:
        return chr(symbol)
    return f"bytes:\\x{symbol:02x}" if symbol < BYTES else ("<|eos|>" if symbol == EOS else "<|bos|>")


def text_offsets(symbols: list[int]) -> list[int]:
    """Character position at which each symbol's character starts in the decoded text."""
    offsets = []
    position = 0
    for symbol in symbols:
        continues = 0x80 <= symbol < 0xC0
        offsets.append(max(position - 1, 0) if continues else position)
        if symbol < BYTES and not continues:
            position += 1
    return offsets


def prompts_of(body: dict[str, Any]) -> list[list[int]]:
    """The prompts of a request as symbols: a text, token ids, or a list of either."""
    prompt = body.get("prompt")
    if isinstance(prompt, str):
        return [encode(prompt)]
    if not isinstance(prompt, list) or not prompt:
        raise BadRequest("prompt must be a text, a list of token ids, or a list of either")
    if all(isinstance(item, int) for item in prompt):
        prompt = [prompt]
    symbols = []
    for item in prompt:
        if isinstance(item, str):
            symbols.append(encode(item))
        elif isinstance(item, list) and all(type(s) is int and 0 <= s < SYMBOLS for s in item):
            symbols.append(list(item))
        else:
            raise BadRequest(f"token ids must be numbers from 0 to {SYMBOLS - 1}")
    return symbols


def number(body: dict[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise BadRequest(f"{name} must be a number from {low:g} to {high:g}")
    return value


class Completions:
    """Answers completion requests from one model."""

    def __init__(self, model: NgramModel, model_id: str = MODEL_ID):
        self.model = model
        self.model_id = model_id
        self.sha256 = model.sha256
        self.image = image()
        # The remembered distributions are one shared dictionary; one request at a time keeps them whole.
        self._lock = Lock()

    def models(self) -> dict[str, Any]:
        """Body of GET /v1/models, with the SHA-256 of the model file and the software's image."""
        entry = {
            "id": self.model_id,
            "object": "model",
            "created": 0,
            "owned_by": "cesai",
            "description": DESCRIPTION,
            "sha256": self.sha256,
            "image": self.image,
        }
        return {"object": "list", "data": [entry]}

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        """Body of POST /v1/completions."""
        if body.get("model") not in (None, self.model_id):
            raise BadRequest(f"this endpoint serves {self.model_id}, not {body['model']}")
        for name in ("stream", "suffix"):
            if body.get(name):
                raise BadRequest(f"{name} is not supported")
        if body.get("n") not in (None, 1):
            raise BadRequest("n must be 1")
        limit = int(number(body, "max_tokens", 16, 0, MAX_TOKENS))
        logprobs = body.get("logprobs")
        top = int(number(body, "logprobs", 0, 0, SYMBOLS)) if logprobs is not None else None
        temperature = number(body, "temperature", 1.0, 0, 2)
        seed = int(number(body, "seed", 0, -(2**63), 2**63))
        stops = body.get("stop") or []
        stops = [stops] if isinstance(stops, str) else stops
        if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
            raise BadRequest("stop must be a text or a list of texts")
        prompts = prompts_of(body)
        with self._lock:
            choices = [
                self._choice(index, prompt, limit, bool(body.get("echo")), top, temperature, seed, stops)
                for index, prompt in enumerate(prompts)
            ]
        return {
            "id": "cmpl-ngram",
            "object": "text_completion",
            "created": 0,
            "model": self.model_id,
            "choices": choices,
            "usage": {
                "prompt_tokens": sum(len(prompt) for prompt in prompts),
                "completion_tokens": sum(choice.pop("completion_tokens") for choice in choices),
            },
        }

    def _choice(
        self,
        index: int,
        prompt: list[int],
        limit: int,
        echo: bool,
        top: int | None,
        temperature: float,
        seed: int,
        stops: list[str],
    ) -> dict[str, Any]:
        drawn = [symbol for symbol, _ in self.model.generate(prompt, limit, temperature, seed)]
        finish = "stop" if drawn and drawn[-1] == EOS else "length"
        written = bytes(symbol for symbol in drawn if symbol < BYTES)
        found = [written.find(stop.encode()) for stop in stops if stop]
        if any(place >= 0 for place in found):
            drawn, finish = drawn[: min(place for place in found if place >= 0)], "stop"
        first = 0 if echo else len(prompt)
        return {
            "index": index,
            "text": decode((prompt if echo else []) + drawn),
            "finish_reason": finish,
            "logprobs": None if top is None else self._logprobs(prompt + drawn, first, top),
            "completion_tokens": len(drawn),
        }

    def _logprobs(self, symbols: list[int], first: int, top: int) -> dict[str, Any]:
        """Log-probabilities of symbols[first:], each given everything before it; the very first is null."""
        token_logprobs: list[float | None] = []
        top_logprobs: list[dict[str, float] | None] = []
        for position in range(first, len(symbols)):
            if position == 0:
                token_logprobs.append(None)
                top_logprobs.append(None)
                continue
            probabilities = self.model.distribution(symbols[:position])
            chosen = symbols[position]
            # JSON has no infinity; the start mark in mid-text is the only impossible symbol.
            token_logprobs.append(math.log(probabilities[chosen]) if probabilities[chosen] > 0 else -1e30)
            best = heapq.nlargest(top, range(SYMBOLS), key=probabilities.__getitem__)
            top_logprobs.append(
                {
                    token_text(symbol): math.log(probabilities[symbol])
                    for symbol in best
                    if probabilities[symbol]
                }
            )
        shown = symbols[first:]
        base = 0 if first == 0 else len(decode(symbols[:first]))
        return {
            "tokens": [token_text(symbol) for symbol in shown],
            "token_logprobs": token_logprobs,
            "top_logprobs": top_logprobs,
            "text_offset": [base + offset for offset in text_offsets(shown)],
        }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A buffered writer sends head and body as one packet; without it each answer waits for a delayed ACK.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        if self.path == "/health":
            self._answer(200, {"status": "ok", "model": self.server.completions.model_id})
        elif self.path == "/v1/models":
            self._answer(200, self.server.completions.models())
        elif self.path == "/tokenizer_info":
            self._answer(
                200, {"tokenizer_class": "utf-8 bytes", "bos_token": "<|bos|>", "eos_token": "<|eos|>"}
            )
        else:
            self._answer(404, error("not_found", f"no such path: {self.path}"))

    def do_POST(self) -> None:
        try:
            body = self._body()
            if self.path == "/v1/completions":
                self._answer(200, self.server.completions.complete(body))
            elif self.path == "/tokenize":
                if not isinstance(body.get("prompt"), str):
                    raise BadRequest("prompt must be a text")
                tokens = encode(body["prompt"])
                self._answer(200, {"tokens": tokens, "count": len(tokens), "max_model_len": MAX_TOKENS})
            elif self.path == "/detokenize":
                given = body.get("tokens")
                if not isinstance(given, list) or not all(type(t) is int and 0 <= t < SYMBOLS for t in given):
                    raise BadRequest(f"tokens must be numbers from 0 to {SYMBOLS - 1}")
                self._answer(200, {"prompt": decode(given)})
            else:
                self._answer(404, error("not_found", f"no such path: {self.path}"))
        except BadRequest as refusal:
            self._answer(400, error("invalid_request_error", str(refusal)))

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            raise BadRequest(f"a body of at most {MAX_BODY} bytes with its length is needed")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError as broken:
            raise BadRequest("the body is not JSON") from broken
        if not isinstance(body, dict):
            raise BadRequest("the body must be a JSON object")
        return body

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: hundreds of lines per run would bury the run's own log."""


def error(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message}}


class Server(ThreadingHTTPServer):
    """Loopback server; `port` 0 takes a free one, see `server_port`."""

    daemon_threads = True
    # Many runs may ask at once; whoever finds no room here waits for seconds before trying again.
    request_queue_size = 128

    def __init__(self, model: NgramModel, port: int = 0, model_id: str = MODEL_ID):
        self.completions = Completions(model, model_id)
        super().__init__(("127.0.0.1", port), Handler)
