"""Questions to the endpoint as the harness asks them: token ids in, log-probabilities of exactly these tokens out."""

from __future__ import annotations

import json
import math
import random
import urllib.error
import urllib.request
from typing import Any

from .reasons import Stopped

ANSWER_SECONDS = 300.0
ANSWER_LIMIT_BYTES = 64 << 20


def opener_for(url: str) -> urllib.request.OpenerDirector:
    """A proxy of the environment must not be asked for a service on this machine."""
    local = url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    return urllib.request.build_opener(urllib.request.ProxyHandler({} if local else None))


class Asking:
    """Asks one served model. `url` is the base ending in /v1; the tokenizer routes lie beside it, as vLLM has them."""

    def __init__(self, url: str, model: str, token: str | None = None):
        self._url = url
        self._root = url[: -len("/v1")] if url.endswith("/v1") else url
        self._model = model
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._opener = opener_for(url)

    def tokens(self, text: str) -> list[int]:
        """Token ids of `text`, without marks added around it."""
        told = self._post(f"{self._root}/tokenize", {"prompt": text, "add_special_tokens": False})
        found = told.get("tokens")
        if not isinstance(found, list) or not all(isinstance(each, int) for each in found):
            raise Stopped("no_logprobs", f"{self._root}/tokenize gives no token ids")
        return found

    def likelihood(self, context: str, continuation: str) -> list[float]:
        """ln p of each token of `continuation` after `context` (not empty), tokenised as one text like the harness does.

        Stopped("no_logprobs") when the endpoint does not give one finite number per token.
        """
        spaces = len(context) - len(context.rstrip())
        if spaces:
            context, continuation = context[:-spaces], context[-spaces:] + continuation
        whole, before = self.tokens(context + continuation), self.tokens(context)
        body = {
            "model": self._model,
            "prompt": [whole],
            "temperature": 0,
            "max_tokens": 1,
            "logprobs": 1,
            "echo": True,
        }
        choice = self._choice(self._post(f"{self._url}/completions", body))
        told = (choice.get("logprobs") or {}).get("token_logprobs")
        # The last one belongs to the token that had to be generated.
        wanted = told[len(before) : len(whole)] if isinstance(told, list) else []
        if len(wanted) != len(whole) - len(before) or not all(
            isinstance(each, (int, float)) and math.isfinite(each) for each in wanted
        ):
            raise Stopped(
                "no_logprobs", f"{self._url} does not give a log-probability for each token it was sent"
            )
        return [float(each) for each in wanted]

    def generation(self, prompt: str, arguments: dict[str, Any]) -> tuple[str, bool]:
        """The greedy continuation, and whether it was cut off at its longest."""
        body = {
            "model": self._model,
            "prompt": prompt,
            "temperature": 0,
            "max_tokens": int(arguments.get("max_gen_toks") or arguments.get("max_tokens") or 256),
            "stop": [stop for stop in arguments.get("until") or [] if stop][:4],
        }
        choice = self._choice(self._post(f"{self._url}/completions", body))
        return str(choice.get("text", "")), choice.get("finish_reason") == "length"

    def _choice(self, told: dict[str, Any]) -> dict[str, Any]:
        choices = told.get("choices")
        if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
            raise Stopped("no_logprobs", f"{self._url}/completions answered with something else")
        return choices[0]

    def _post(self, address: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310
            address, json.dumps(body).encode(), self._headers
        )
        try:
            with self._opener.open(request, timeout=ANSWER_SECONDS) as response:
                told = json.loads(response.read(ANSWER_LIMIT_BYTES))
        except urllib.error.HTTPError as problem:
            with problem:
                words = problem.read(300).decode(errors="replace")
            if problem.code in (401, 403):
                raise Stopped("endpoint_refused", f"{address} answered {problem.code}") from problem
            raise Stopped("no_logprobs", f"{address} answered {problem.code}: {words}") from problem
        except (OSError, ValueError) as problem:
            raise Stopped("endpoint_died", f"{address}: {problem}") from problem
        if not isinstance(told, dict):
            raise Stopped("no_logprobs", f"{address} answered with something else")
        return told


def drawn(items: list[Any], number: int, seed: str) -> list[Any]:
    """Up to `number` of `items`, the same ones for the same seed."""
    # Choosing which answers to ask for again, not keys.
    return random.Random(seed).sample(items, min(number, len(items)))  # noqa: S311
