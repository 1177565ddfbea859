"""Verifying a certificate: whoever holds the paper sees whether it holds, and the hours that were frozen."""

from flask import make_response, request
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.attempts import AttemptKind
from volunteer.domain.certificates import clean_serial
from volunteer.domain.names import mask_name
from volunteer.domain.refusals import Refusal
from volunteer.models.certificates import Certificate
from volunteer.services.attempts import forgive_attempt, note_attempt
from volunteer.services.certificates import verify_certificate as find_verified
from volunteer.web.certificates import standing_of
from volunteer.web.clock import now
from volunteer.web.devices import current_address
from volunteer.web.forms import show_form, typed
from volunteer.web.public import public


@public.route("/verify", methods=["GET", "POST"], defaults={"serial": ""})
@public.get("/verify/<serial>")
def verify_certificate(serial: str) -> AnyResponse:
    """The form for serial and code, and what was found; the QR symbol on the paper brings both."""
    code = typed("code") if request.method == "POST" else request.args.get("c", "")
    serial = typed("serial") if request.method == "POST" else serial
    problem, found = None, None
    if request.method == "POST" or code:
        try:
            found = _verify(serial, code)
        except Refusal as refusal:
            problem = refusal
    page = show_form(
        "public/verify.html",
        problem,
        found=found,
        masked=mask_name(found.content["name"]) if found else "",  # type: ignore[index]
        standing=standing_of(found) if found else None,
        # Only what is well formed comes back into the form.
        serial=clean_serial(serial) or "",
    )
    response = make_response(*page)
    # The code stands in the address: nothing on the way keeps the page, and no link passes the address on.
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _verify(serial: str, code: str) -> Certificate:
    """Each try counts against the address before it is looked at; one that was right is taken back."""
    note_attempt(AttemptKind.VERIFICATION_ADDRESS, current_address(), now())
    found = find_verified(serial, code)
    forgive_attempt(AttemptKind.VERIFICATION_ADDRESS, current_address())
    return found
