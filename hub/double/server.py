"""The server: TLS on loopback, one thread per connection, faults on order, and a log of every request."""

import dataclasses
import json
import secrets
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hub.double import api, certificates, lfs, pages
from hub.double.faults import Fault, FaultPlan, Kind
from hub.double.http import CHUNK, Answer, ConnectionDropped, HubFault, Request, unauthorised
from hub.double.routing import Route
from hub.double.store import Store
from hub.double.tokens import Tokens

ROUTES: tuple[Route, ...] = (*lfs.ROUTES, *api.ROUTES, *pages.ROUTES)
WINDOW_SECONDS, WINDOW_QUOTA = 300, 1000
TLS_HANDSHAKE = 0x16
POLL_SECONDS = 0.05


@dataclasses.dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One line of the request log. The token appears by its name only."""

    operation: str
    method: str
    path: str
    status: int
    request_id: str
    token_name: str


class HubDouble:
    """The double as an object: `with HubDouble(root) as hub:` serves at `hub.endpoint`, trusted by `hub.ca_file`."""

    def __init__(
        self,
        root: Path,
        *,
        port: int = 0,
        certificate_folder: Path | None = None,
        xet_folder: Path | None = None,
        multipart_from: int | None = None,
    ) -> None:
        self.ca_file, server_file = certificates.ensure(certificate_folder or root / "certificates")
        self.store = Store(root, xet_folder=xet_folder)
        self.tokens = Tokens(root / "tokens.json")
        self.faults = FaultPlan()
        self.multipart_from = multipart_from
        self.log: list[LoggedRequest] = []
        self._log_file = root / "requests.jsonl"
        self._log_lock = threading.Lock()
        self._used: dict[int, int] = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server_file)
        self._server = _Server(("127.0.0.1", port), self, context)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="hub-double", daemon=True
        )

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def endpoint(self) -> str:
        return f"https://localhost:{self.port}"

    def __enter__(self) -> "HubDouble":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self) -> None:
        """Serve in the calling thread until `end` is called from another one."""
        self._server.serve_forever(POLL_SECONDS)
        self._server.server_close()

    def end(self) -> None:
        self._server.shutdown()

    def stop(self) -> None:
        self.end()
        self._server.server_close()

    def order(self, on: str, kind: Kind, **options: int) -> None:
        self.faults.order(Fault(on, kind, **options))

    def count(self, operation: str) -> int:
        return sum(1 for entry in self.log if entry.operation == operation)

    def commits(self, repo_id: str) -> int:
        """How many commits were made on top of the one that the repository was born with."""
        repository = self.store.get(repo_id)
        return len(repository.commits) - 1 if repository else 0

    def note(self, operation: str, request: Request, status: int, request_id: str) -> None:
        name = request.bearer.name if request.bearer else ""
        entry = LoggedRequest(operation, request.method, request.path, status, request_id, name)
        with self._log_lock:
            self.log = [*self.log[-9_999:], entry]
            with self._log_file.open("a") as file:
                file.write(json.dumps(dataclasses.asdict(entry)) + "\n")

    def rate_headers(self) -> dict[str, str]:
        """The budget of the running five-minute window, as the Hub sends it with every answer."""
        now = int(time.time())
        window = now // WINDOW_SECONDS
        with self._log_lock:
            used = self._used.get(window, 0) + 1
            self._used = {window: used}
        left, reset = max(WINDOW_QUOTA - used, 1), WINDOW_SECONDS - now % WINDOW_SECONDS
        return {
            "RateLimit": f'"api";r={left};t={reset}',
            "RateLimit-Policy": f'"fixed window";"api";q={WINDOW_QUOTA};w={WINDOW_SECONDS}',
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], double: HubDouble, context: ssl.SSLContext) -> None:
        self.double, self.context = double, context
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or does not trust the certificate, is everyday life on a test server."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "HubDouble"
    sys_version = ""
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        # People follow links from the portal with a browser that does not know our CA: pages are therefore
        # served in plain text on the same port, while the interface itself insists on TLS.
        first = self.request.recv(1, 0x2)  # MSG_PEEK
        self.secure = bool(first) and first[0] == TLS_HANDSHAKE
        if self.secure:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            # The server closes the plain socket only, and wrapping has emptied that one.
            self.request.close()

    def handle_any(self) -> None:
        double = self.server.double
        request = Request.parse(self.command, self.path, self.headers, self.rfile, secure=self.secure)
        request_id = f"Root=1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"
        operation = "unknown"
        try:
            route, arguments = self._find(request)
            operation = route.name
            answer = self._run(route, arguments, request)
        except HubFault as fault:
            answer = fault.answer()
        except ConnectionDropped:
            double.note(operation, request, 0, request_id)
            self.close_connection = True
            self.connection.close()
            return
        double.note(operation, request, answer.status, request_id)
        # Whatever of the body was not read would be taken for the next request of this connection.
        for _ in request.chunks():
            pass
        self._send(answer, request_id)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

    def _find(self, request: Request) -> tuple[Route, dict[str, str]]:
        for route in ROUTES:
            if arguments := route.match(request.method, request.path):
                if not request.secure and not route.is_page:
                    raise HubFault(426, "This server speaks HTTPS.", headers={"Upgrade": "TLS/1.2"})
                return route, arguments.groupdict()
        raise HubFault(404, "Sorry, we can't find the page you are looking for.")

    def _run(self, route: Route, arguments: dict[str, str], request: Request) -> Answer:
        double = self.server.double
        fault = double.faults.strike(route.name)
        authorization = request.headers.get("Authorization")
        if fault and fault.kind is Kind.REVOKE:
            double.tokens.revoke((authorization or "").removeprefix("Bearer ").strip())
        try:
            request.bearer = double.tokens.bearer(authorization)
        except KeyError:
            raise unauthorised() from None
        repo_id = arguments.get("repo")
        if repo_id and (target := double.store.moved().get(repo_id)) and double.store.get(repo_id) is None:
            return Answer.redirect(self.path.replace(repo_id, target, 1))
        if fault:
            _strike_before(double, fault, repo_id)
        answer = route.handler(double, request, **arguments)
        if fault and fault.kind is Kind.DROP_AFTER:
            raise ConnectionDropped
        if fault and fault.kind is Kind.ERROR_AFTER:
            raise HubFault(500, "Internal Server Error")
        return answer

    def _send(self, answer: Answer, request_id: str) -> None:
        payload = answer.payload()
        length = payload.stat().st_size if isinstance(payload, Path) else len(payload)
        headers = {
            "X-Request-Id": request_id,
            "Content-Type": answer.content_type,
            "Content-Length": str(length),
            **self.server.double.rate_headers(),
            **answer.headers,
        }
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if isinstance(payload, bytes):
            self.wfile.write(payload)
            return
        with payload.open("rb") as file:
            while chunk := file.read(CHUNK):
                self.wfile.write(chunk)

    def log_message(self, format: str, *args: Any) -> None:
        """The request log is written by `note`, without query strings and tokens."""


def _strike_before(double: HubDouble, fault: Fault, repo_id: str | None) -> None:
    match fault.kind:
        case Kind.DROP_BEFORE:
            raise ConnectionDropped
        case Kind.ERROR_BEFORE:
            raise HubFault(500, "Internal Server Error")
        case Kind.RATE_LIMIT:
            headers = {"RateLimit": f'"api";r=0;t={fault.reset}', "Retry-After": str(fault.reset)}
            raise HubFault(429, "You have exceeded the rate limit.", headers=headers)
        case Kind.STORAGE:
            raise HubFault(403, "Private repository storage limit reached, please upgrade your plan.")
        case Kind.FORBIDDEN:
            raise HubFault(403, "You don't have the rights to write to this repository.")
        case Kind.FOREIGN_COMMIT if repo_id:
            with double.store.change(repo_id) as repository:
                tree = dict(repository.commits[repository.head].tree)
                tree["NOTE.md"] = double.store.add_blob(f"edited by hand {secrets.token_hex(4)}\n".encode())
                repository.add_commit(
                    branch="main", tree=tree, title="Edited by hand", message="", author="somebody"
                )
