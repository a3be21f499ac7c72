"""The server of the benchmarks: it has the pages ready, so that it is not what is slow."""

import base64
import json
import os
import re
import socket
import ssl
import subprocess
import threading

ACCOUNT = "0123456789abcdef0123456789abcdef"


def key(number):
    name = f"ApiKey-{number:08d}-aaaa-4bbb-8ccc-dddddddddddd"
    return {
        "id": name, "entity_tag": "1-86c2a4f0fb1a4e7a97868734d4bbe94e",
        "crn": f"crn:v1:bluemix:public:iam-identity::a/{ACCOUNT}::apikey:{name}", "locked": False, "disabled": False,
        "created_at": "2026-11-25T22:06+0000", "created_by": "IBMid-5500SANDBX", "modified_at": "2026-11-25T22:06+0000",
        "support_sessions": False, "action_when_leaked": "disable", "name": f"key number {number}",
        "description": "a description of this key", "iam_id": "IBMid-5500SANDBX", "account_id": ACCOUNT,
    }


def pages(count):
    last = max(1, (count + 99) // 100)
    for number in range(last):
        page = {"offset": number * 100, "limit": 100}
        if number + 1 < last:
            page["next"] = f"http://x/v1/apikeys?pagetoken={number + 1}"
        page["apikeys"] = [key(index) for index in range(number * 100, min(count, number * 100 + 100))]
        body = json.dumps(page, separators=(",", ":")).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        yield head.encode() + body


class Server:
    """A server on a free port; ends with the process."""

    def __init__(self, answers, context=None):
        self.answers, self.context = answers, context
        self.requests = self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            self.connections += 1
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                head, data = data.split(b"\r\n\r\n", 1)
                self.requests += 1
                page = re.search(rb"pagetoken=(\d+)", head)
                connection.sendall(self.answers[int(page.group(1)) if page else 0])
        except OSError:
            pass
        finally:
            connection.close()


def certificate(folder):
    """A server's context, and a bundle that trusts it besides all that the system trusts."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=benchmark")
    openssl("req", "-new", *new, "-keyout", "key.pem", "-out", "request", "-subj", "/CN=server")
    with open(os.path.join(folder, "extensions"), "w") as file:
        file.write("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "extensions", "-out", "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    bundle = os.path.join(folder, "bundle.pem")
    with open(bundle, "w") as file:
        for path in ["/etc/ssl/certs/ca-certificates.crt", os.path.join(folder, "ca.pem")]:
            if os.path.exists(path):
                file.write(open(path).read())
    return context, bundle


def token():
    """An access token that a client takes for one of IAM's."""
    claims = {"iam_id": "IBMid-5500SANDBX", "sub": "you", "account": {"bss": ACCOUNT}, "exp": 9000000000, "iat": 1}
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{part}.s"
