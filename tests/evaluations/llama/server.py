"""`python server.py FOLDER PORT NAME`: the model behind the routes that the harness and the runner ask, vLLM's way."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

FOLDER, PORT, NAME = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TOKENIZER = AutoTokenizer.from_pretrained(FOLDER)
MODEL = AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()


def complete(body: dict) -> dict:
    prompts = body["prompt"]
    prompts = [prompts] if isinstance(prompts, str) or isinstance(prompts[0], int) else prompts
    choices = []
    for index, prompt in enumerate(prompts):
        ids = TOKENIZER(prompt, add_special_tokens=False).input_ids if isinstance(prompt, str) else prompt
        with torch.no_grad():
            told = torch.log_softmax(MODEL(torch.tensor([ids])).logits[0].double(), dim=-1)
        # One generated token, as asked for with `max_tokens` 1.
        following = int(told[-1].argmax())
        whole = [*ids, following]
        values = [None] + [float(told[place - 1, whole[place]]) for place in range(1, len(whole))]
        best = [None] + [{str(int(row.argmax())): float(row.max())} for row in told]
        choices.append(
            {
                "index": index,
                "text": TOKENIZER.decode(whole),
                "finish_reason": "length",
                "logprobs": {"tokens": list(map(str, whole)), "token_logprobs": values, "top_logprobs": best},
            }
        )
    return {"object": "text_completion", "model": NAME, "choices": choices}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        answers = {
            "/v1/models": {"data": [{"id": NAME, "owned_by": "tiny-llama"}]},
            "/tokenizer_info": {"tokenizer_class": "bpe", "bos_token": "<s>", "eos_token": "</s>"},
            "/version": {"version": torch.__version__},
        }
        self.answer(answers.get(self.path))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/completions":
            self.answer(complete(body))
        elif self.path == "/tokenize":
            self.answer({"tokens": TOKENIZER(body["prompt"], add_special_tokens=False).input_ids})
        elif self.path == "/detokenize":
            self.answer({"prompt": TOKENIZER.decode(body["tokens"])})
        else:
            self.answer(None)

    def answer(self, document: dict | None) -> None:
        data = json.dumps(document).encode()
        self.send_response(404 if document is None else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        pass


if __name__ == "__main__":
    torch.set_num_threads(1)
    # The harness keeps a connection for its tokens open while it asks on another one.
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
