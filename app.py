"""The front door: ``app`` for any WSGI server and for the ``flask`` command."""

import sys

from volunteer.domain.refusals import Refusal
from volunteer.factory import create_app

try:
    app = create_app()
except Refusal as refusal:
    sys.exit(str(refusal))
