"""The member's own consents: given and taken back, one as easily as the other."""

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.consents import Purpose
from volunteer.domain.erasures import ERASED_WITH
from volunteer.services.consents import decide_consent
from volunteer.web.clock import now
from volunteer.web.consents import ask_to_withdraw, must_ask
from volunteer.web.dates import today
from volunteer.web.forms import chosen
from volunteer.web.member import member


@member.post("/consents/<any(given, withdrawn):decision>")
def decide(decision: str) -> str | AnyResponse:
    """Say yes to a purpose, or take the yes back; what goes with it is said first."""
    purpose, is_given = chosen("purpose", Purpose), decision == "given"
    back = url_for("member.person", _anchor="consents")
    if must_ask(purpose, is_given=is_given):
        return ask_to_withdraw("member/layout.html", purpose, ["purpose"], back)
    decide_consent(g.member.id, purpose, now(), today(), is_given=is_given)
    if is_given:
        flash(_("已记下您的同意。"))
    elif purpose in ERASED_WITH:
        flash(_("已撤回，相关内容已删除。此前已作的记录不受影响。"))
    else:
        flash(_("已撤回。此前已作的记录不受影响。"))
    return redirect(back)
