"""The front page, the kiosk's shell, and what machines ask: health and the service worker."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import (
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from volunteer.db import db
from volunteer.queries.duty_days import find_next_duty_day, find_todays_notice
from volunteer.web.dates import today
from volunteer.web.downloads import attachment
from volunteer.web.languages import LANGUAGES
from volunteer.web.public import public


@public.get("/")
def home() -> str:
    """Three doors: member, admin, station."""
    return render_template(
        "public/home.html", duty_day=find_next_duty_day(today()), notice=find_todays_notice(today())
    )


@public.get("/kiosk")
def kiosk() -> str:
    """The browser terminal. Holds nothing secret: the terminal's key lives in the browser."""
    return render_template("station/kiosk.html")


@public.get("/sw.js")
def service_worker() -> Response:
    """The kiosk's service worker, served from the root so that it may care for /kiosk."""
    response = current_app.send_static_file("sw.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


@public.get("/verify_ledger.py")
def verify_ledger_script() -> Response:
    """The program that checks the ledger without this server; anybody may read it."""
    response = Response(
        (Path(current_app.root_path) / "verify_ledger.py").read_text(), mimetype="text/x-python"
    )
    response.headers["Content-Disposition"] = attachment("verify_ledger.py")
    return response


@public.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 while the database answers, 503 otherwise."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="database_unreachable"), 503
    return jsonify(status="ok"), 200


@public.get("/language/<lang>")
def language(lang: str) -> AnyResponse:
    """Choose the language, and go back to the page one came from."""
    if lang in LANGUAGES:
        session["lang"] = lang
    came_from = urlsplit(request.referrer or "")
    # Two slashes at the beginning would name another host.
    is_ours = came_from.netloc == request.host and not came_from.path.startswith(("//", "/\\"))
    return redirect(came_from.path if is_ours and came_from.path else url_for("public.home"))
