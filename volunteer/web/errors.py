"""What people and terminals see when something is refused or fails."""

from flask import Flask, Response, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from volunteer.domain.refusals import Collision, NotFound, Refusal
from volunteer.domain.sign_in_refusals import TooManyAttempts
from volunteer.web.languages import translate

CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
WAIT = "volunteer.seconds_to_wait"
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


def init_errors(app: Flask) -> None:
    """Answer every refusal and failure in the person's language, and harden every response."""
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(CSRFError, show_stale_form)

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if WAIT in request.environ:
            response.headers["Retry-After"] = str(request.environ[WAIT])
        if response.mimetype == "text/html" or request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def status_of(refusal: Refusal) -> int:
    """404 absent or out of scope, 409 two at once, 422 the rules say no, 429 too often (and until when)."""
    if isinstance(refusal, NotFound):
        return 404
    if isinstance(refusal, TooManyAttempts):
        request.environ[WAIT] = refusal.seconds
        return 429
    return 409 if isinstance(refusal, Collision) else 422


def show_refusal(refusal: Refusal) -> tuple[Response | str, int]:
    """A refusal that no page has shown beside its form."""
    return _show(refusal.code, translate(refusal.sentence), status_of(refusal))


def show_stale_form(_error: CSRFError) -> tuple[Response | str, int]:
    """A form that was open when its session ended, or that did not come from our page."""
    return _show("form_stale", _("这个表单已经失效，请返回上一页刷新后再提交。"), 400)


def show_http_error(error: HTTPException) -> tuple[Response | str, int]:
    """400, 404, 405, 413, 415, 429, 500 … with a sentence each."""
    code = error.code or 500
    sentences = {
        400: _("请求格式不正确。"),
        401: _("请先登录。"),
        403: _("您没有权限这样做。"),
        404: _("没有找到这个页面，或不在您的管理范围内。"),
        405: _("这个地址不支持这种操作。"),
        413: _("内容太大，请分批发送。"),
        415: _("内容类型不对，应为 application/json。"),
        429: _("操作太频繁，请稍后再试。"),
        503: _("服务暂时不可用，请稍后再试。"),
    }
    return _show(
        error.name.lower().replace(" ", "_"),
        sentences.get(code, _("系统出错了，已记录下来。请稍后再试。")),
        code,
    )


def _show(code: str, message: str, status: int) -> tuple[Response | str, int]:
    if request.path.startswith("/api/"):
        return jsonify({"error": {"code": code, "message": message}}), status
    return render_template("public/error.html", message=message, status=status), status
