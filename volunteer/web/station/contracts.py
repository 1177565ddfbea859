"""The contract between terminal and server as types; the OpenAPI document is made from them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from volunteer.domain.activities import Remark
from volunteer.domain.scans import MOST_SCANS, Medium
from volunteer.domain.stations import TerminalKind

# An ordinary unsigned 53-bit number: what JavaScript counts exactly.
Count = Annotated[int, Field(ge=0, lt=2**53, strict=True)]
# A hundred years in milliseconds: more is a broken clock, and no date could hold it.
Age = Annotated[float, Field(ge=0, lt=3_155_760_000_000, allow_inf_nan=False, strict=True)]
# PostgreSQL keeps no NUL in a text.
Version = Annotated[str, StringConstraints(max_length=32, pattern=r"^[^\x00]*$")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def or_nothing(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """What only accompanies the scans must not hold them up: where it is wrong it is as if absent."""
    try:
        return handler(value)
    except ValidationError:
        return None


class ScanIn(BaseModel):
    """One scan as a terminal sends it."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    seq: Count | None = None
    token: Token
    medium: Medium
    at: AwareDatetime
    age_ms: Age | None = None
    boot: UUID | None = None


class TerminalReport(BaseModel):
    """What a terminal says of itself."""

    pending: Count | None = None
    version: Version | None = None


class ScansIn(BaseModel):
    """A request: any number of scans up to the limit; none is a sign of life."""

    model_config = ConfigDict(extra="ignore")

    sent_at: Annotated[AwareDatetime | None, WrapValidator(or_nothing)] = None
    terminal: Annotated[TerminalReport | None, WrapValidator(or_nothing)] = None
    # Each is checked on its own: one broken scan must not hold up the others.
    scans: Annotated[list[Any], Field(max_length=MOST_SCANS)]


class EnrolIn(BaseModel):
    """A one-time code to be exchanged for a key."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    kind: TerminalKind = TerminalKind.KIOSK
    version: Version | None = None


class MemberOut(BaseModel):
    """The member, masked."""

    name: str
    volunteer_no: str


class RecordOut(BaseModel):
    """The service record a scan opened, closed or fell into."""

    id: int
    checked_in_at: datetime
    checked_out_at: datetime | None
    minutes: int
    state: Literal["open", "closed", "forgotten", "left", "superseded"]


class TotalsOut(BaseModel):
    """Credited minutes."""

    today_minutes: int
    year_minutes: int


class AnswerOut(BaseModel):
    """What became of one scan."""

    id: str | int | None
    status: Literal["accepted", "duplicate", "refused", "quarantined"]
    outcome: str
    message: str
    member: MemberOut | None
    record: RecordOut | None
    totals: TotalsOut | None
    forgotten_on: date | None
    remark: Remark | None


class AnswersOut(BaseModel):
    """One answer for each scan, in the order sent; given only after the commit."""

    received_at: datetime
    answers: list[AnswerOut]


class StationOut(BaseModel):
    """A station."""

    code: str
    name: str
    kind: Literal["u_station", "i_city", "organ_station"]


class TerminalOut(BaseModel):
    """The asking terminal and how it is set up."""

    id: str
    name: str
    direction: Literal["both", "in", "out"]
    reader_profile: Literal["hex", "hex_reversed", "decimal10", "decimal10_reversed", "6h8d", "2h4h"]


class StationAnswer(BaseModel):
    """Who the terminal is, and the server's clock."""

    station: StationOut
    terminal: TerminalOut
    server_time: datetime
    timezone: str
    notice: str | None


class EnrolledOut(BaseModel):
    """The terminal's own key, shown this once."""

    terminal_id: str
    key: str
    station: StationOut


class ErrorDetail(BaseModel):
    """A stable code and a sentence in the person's language."""

    code: str
    message: str


class ErrorOut(BaseModel):
    """Any answer that is not a success."""

    error: ErrorDetail
