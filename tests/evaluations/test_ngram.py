"""The n-gram baseline: a proper distribution, and an endpoint that tells the truth about it."""

import json
import math
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.ngram.model import BOS, EOS, SYMBOLS, NgramModel, encode, load_default
from evaluations.ngram.server import MODEL_ID
from tests.evaluations.workshop import serving

MODEL = load_default()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    for address in serving(MODEL):
        yield address.removesuffix("/v1")


def ask(address: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data), timeout=10) as response:
        return json.load(response)


def refusal(address: str, body: object) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(address, body)
    with caught.value as error:
        return error.code, json.load(error)["error"]["message"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=12))
def test_the_probabilities_of_all_symbols_sum_to_one_in_every_context(context: str) -> None:
    assert math.fsum(MODEL.distribution(encode(context))) == pytest.approx(1, abs=1e-12)


def test_smoothing_agrees_with_exact_fractions_on_a_tiny_text() -> None:
    model = NgramModel.train("abab\n\nac", order=3)

    def exact(symbol: int, context: tuple[int, ...]) -> Fraction:
        if context:
            lower = exact(symbol, context[1:])
        else:
            lower = Fraction(0 if symbol == BOS else 1, SYMBOLS - 1)
        after = model.counts.get(context, {})
        if not after:
            return lower
        return (after.get(symbol, 0) + len(after) * lower) / Fraction(sum(after.values()) + len(after))

    assert model.counts[(97,)] == {98: 2, 99: 1}
    for context in [(BOS, BOS), (BOS, 97), (97, 98), (120, 98), (120, 121)]:
        for symbol in (97, 98, 99, 122, EOS, BOS):
            assert model.distribution(context)[symbol] == pytest.approx(
                float(exact(symbol, context)), abs=1e-15
            )


def test_the_model_file_is_the_same_bytes_after_reading_it_back() -> None:
    assert NgramModel.from_bytes(MODEL.to_bytes()).to_bytes() == MODEL.to_bytes()


def test_the_shipped_model_has_the_identity_that_demo_and_documents_name() -> None:
    assert MODEL.sha256 == "4c8807854a4cce8cc875d8088c9f12084fbb2a39758eaf412567da42e486b739"


def test_another_file_is_refused_as_model() -> None:
    with pytest.raises(ValueError, match="not a model file"):
        NgramModel.from_bytes(b'{"format": "something else"}')


@settings(max_examples=25, deadline=None)
@given(context=st.text(min_size=1, max_size=30), continuation=st.text(min_size=1, max_size=20))
def test_echoed_log_probabilities_are_the_models_own(url: str, context: str, continuation: str) -> None:
    body = {"model": MODEL_ID, "prompt": context + continuation, "max_tokens": 1, "echo": True, "logprobs": 1}
    logprobs = ask(f"{url}/v1/completions", body | {"temperature": 0})["choices"][0]["logprobs"]
    told = sum(logprobs["token_logprobs"][len(context.encode()) : -1])
    assert told == pytest.approx(MODEL.log_likelihood(context, continuation), abs=1e-9)
    assert logprobs["token_logprobs"][0] is None


def test_text_token_ids_and_batches_get_the_same_answer(url: str) -> None:
    body = {"max_tokens": 0, "echo": True, "logprobs": 2}
    text = ask(f"{url}/v1/completions", body | {"prompt": "Müller"})["choices"][0]["logprobs"]
    ids = ask(f"{url}/v1/completions", body | {"prompt": encode("Müller")})["choices"][0]["logprobs"]
    batch = ask(f"{url}/v1/completions", body | {"prompt": [encode("x"), encode("Müller")]})["choices"]
    assert text == ids == batch[1]["logprobs"]
    assert [choice["index"] for choice in batch] == [0, 1]
    assert text["tokens"] == ["M", "bytes:\\xc3", "bytes:\\xbc", "l", "l", "e", "r"]
    assert text["text_offset"] == [0, 1, 1, 2, 3, 4, 5]


def test_the_likeliest_symbol_is_always_among_the_top_ones(url: str) -> None:
    body = {"prompt": "Der Betrieb", "max_tokens": 5, "echo": True, "logprobs": 1, "temperature": 0}
    logprobs = ask(f"{url}/v1/completions", body)["choices"][0]["logprobs"]
    generated = range(len("Der Betrieb"), len(logprobs["tokens"]))
    assert [logprobs["token_logprobs"][i] for i in generated] == [
        max(logprobs["top_logprobs"][i].values()) for i in generated
    ]


def test_generation_stops_before_a_stop_text_and_repeats_with_its_seed(url: str) -> None:
    body = {"prompt": "Die Meisterin", "max_tokens": 60, "temperature": 0.8, "seed": 3}
    free = ask(f"{url}/v1/completions", body)["choices"][0]["text"]
    assert ask(f"{url}/v1/completions", body)["choices"][0]["text"] == free
    stop = free[5:8]
    stopped = ask(f"{url}/v1/completions", body | {"stop": [stop]})["choices"][0]
    assert stopped["text"] == free[: free.index(stop)]
    assert stopped["finish_reason"] == "stop"


def test_tokenizer_routes_turn_text_into_bytes_and_back(url: str) -> None:
    tokens = ask(f"{url}/tokenize", {"prompt": "Öl", "add_special_tokens": False})["tokens"]
    assert tokens == [0xC3, 0x96, 0x6C]
    assert ask(f"{url}/detokenize", {"tokens": tokens})["prompt"] == "Öl"
    info = ask(f"{url}/tokenizer_info")
    assert ask(f"{url}/tokenize", {"prompt": info["bos_token"]})["tokens"] == [BOS]


def test_the_model_list_names_the_baseline_and_its_identity(url: str) -> None:
    (entry,) = ask(f"{url}/v1/models")["data"]
    assert (entry["id"], entry["description"], entry["sha256"]) == (MODEL_ID, "n-gram baseline", MODEL.sha256)
    assert ask(f"{url}/health")["status"] == "ok"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"prompt": "a", "model": "gpt"}, "this endpoint serves cesai-ngram-de, not gpt"),
        ({"prompt": []}, "prompt must be"),
        ({"prompt": [999]}, "token ids must be"),
        ({"prompt": "a", "max_tokens": -1}, "max_tokens must be"),
        ({"prompt": "a", "n": 2}, "n must be 1"),
        ({"prompt": "a", "stream": True}, "stream is not supported"),
        ([], "must be a JSON object"),
    ],
)
def test_a_request_that_cannot_be_answered_truly_is_refused(url: str, body: object, sentence: str) -> None:
    status, message = refusal(f"{url}/v1/completions", body)
    assert status == 400
    assert sentence in message


def test_an_unknown_path_is_not_found(url: str) -> None:
    assert refusal(f"{url}/v1/chat/completions", {})[0] == 404


def test_the_command_writes_the_model_file_and_serves_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    command = [sys.executable, "-m", "evaluations.ngram"]
    file = tmp_path / "ngram.json"
    written = subprocess.run([*command, "--write", file], capture_output=True, text=True, check=True)
    assert written.stdout.strip() == MODEL.sha256
    with subprocess.Popen(
        [*command, "--model", file, "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        assert ask(f"{address}/v1/models")["data"][0]["sha256"] == MODEL.sha256
        server.terminate()
        assert server.wait(10) == 0
