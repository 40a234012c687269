"""Serves play_browser.html and its scene to the browser, takes the page's log, and is done."""

import argparse
import http.server
import json
import pathlib
import threading


def handler(scene, log):
    page = pathlib.Path(__file__).with_name("play_browser.html").read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            kind, body = ("application/json", scene) if self.path == "/scene" else ("text/html", page)
            self.answer(kind, body)

        def do_POST(self):
            entries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with open(log, "a", encoding="utf-8") as file:
                file.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
            self.answer("text/plain", b"thank you")
            threading.Thread(target=self.server.shutdown).start()

        def answer(self, kind, body):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scene", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    scene = pathlib.Path(arguments.scene).read_bytes()
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", arguments.port), handler(scene, arguments.log)
    ) as server:
        print("ready", flush=True)
        server.serve_forever()


main()
