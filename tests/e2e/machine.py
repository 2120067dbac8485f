# SPDX-License-Identifier: Apache-2.0
"""A machine in a folder, on which a test plays daemons that gpud asks."""

import json
import os
import socket
import socketserver
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Machine:
    """Its files, and what `gpud scan` says of one of its components."""

    def __init__(self, root, gpud):
        self.root = root
        self.gpud = gpud

    def path(self, path):
        below = self.root / path.lstrip("/")
        below.parent.mkdir(parents=True, exist_ok=True)
        return below

    def write(self, path, text):
        self.path(path).write_text(text)

    def runs(self, name, pid=77, age=3600):
        """A process of that name, started so long ago."""
        start = int((time.clock_gettime(time.CLOCK_BOOTTIME) - age) * 100)
        self.write(f"/proc/{pid}/stat", f"{pid} ({name}) S 1 1 1 0 -1 4{' 0' * 12} {start} 0 0\n")

    def scan(self, component):
        result = subprocess.run(
            [self.gpud, "scan", "-o", "json", f"--root={self.root}", f"--components={component}"],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "KMSG_FILE_PATH": "/dev/null"},
        )
        return next(c for c in json.loads(result.stdout)["components"] if c["name"] == component)


class UnixServer(HTTPServer):
    """Serves `answers` (path -> status, body) on a Unix socket; ends with the `with`."""

    address_family = socket.AF_UNIX

    def __init__(self, path, answers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = answers.get(self.path, (404, {"message": "no such thing"}))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *args):
                pass

        super().__init__(str(path), Handler)

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own asks for a host's name

    def get_request(self):
        request, _ = super().get_request()
        return request, ("local", 0)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()
