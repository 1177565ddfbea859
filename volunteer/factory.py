"""Putting the server together: settings, database, audiences, commands."""

import mimetypes
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from volunteer.cli import register_commands
from volunteer.config import ROOT, load_config
from volunteer.db import init_db
from volunteer.domain.cards import derive_keys
from volunteer.domain.ledger import derive_seal_key
from volunteer.services.scans import Installation
from volunteer.web import register_web

# The operating system's own table of types may be wrong or empty.
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}


def create_app(**overrides: Any) -> Flask:
    """The application. ``overrides`` replace settings, for tests."""
    app = Flask(
        "volunteer",
        root_path=str(ROOT / "volunteer"),
        instance_path=str(ROOT / "instance"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(load_config())
    app.config.update(overrides)
    # People type a slash at the end.
    app.url_map.strict_slashes = False
    for ending, type_ in TYPES.items():
        mimetypes.add_type(type_, ending)
    app.extensions["installation"] = Installation(
        keys=derive_keys(app.config["SECRET_KEY"]), zone=app.config["TIMEZONE"]
    )
    app.extensions["seal_key"] = derive_seal_key(app.config["SECRET_KEY"])
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:///"):
        (ROOT / "instance").mkdir(exist_ok=True)
    if proxies := app.config["PROXIES"]:
        # Only as many proxies as are ours may say whom they speak for.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    init_db(app)
    register_web(app)
    register_commands(app)
    return app
