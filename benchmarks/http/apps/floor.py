"""A page that does nothing."""

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.get("/")
def page() -> Response:
    """One line of JSON."""
    return jsonify(ok=True)
