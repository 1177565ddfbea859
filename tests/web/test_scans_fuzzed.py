"""Whatever a terminal sends, each scan is answered or the request is refused in words; never a 500."""

import json

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cast, scan

WORDS = st.text(max_size=30) | st.sampled_from(
    ["\0", "0", "ffffffff", "VC1-", "2026-11-15T08:03:09Z", "qr", "￥"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["id", "seq", "token", "medium", "at", "age_ms", "boot"])


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(VALUES | st.dictionaries(FIELDS, VALUES), max_size=3),
    st.dictionaries(FIELDS, VALUES, max_size=2),
    VALUES,
)
def test_no_request_is_ever_a_server_error(
    client: FlaskClient, cast: Cast, junk: list[object], changed: dict[str, object], terminal: object
) -> None:
    body = {"scans": [*junk, {**scan(cast.token), **changed}], "terminal": terminal}
    response = client.post(
        "/api/v1/scans",
        data=json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {cast.key}"},
    )
    if response.status_code == 200:
        assert len(response.json["answers"]) == len(body["scans"])
    else:
        assert response.status_code == 400
        assert response.json["error"]["message"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_no_enrolment_is_ever_a_server_error(client: FlaskClient, cast: Cast, body: object) -> None:
    response = client.post("/api/v1/terminals/enrol", data=json.dumps(body), content_type="application/json")
    assert response.status_code in (400, 422)


def test_a_nul_typed_into_a_page_is_refused_in_words(client: FlaskClient, cast: Cast) -> None:
    response = client.post("/me/sign-in", data={"volunteer_no": "A\0", "password": "x"})
    assert response.status_code == 400
    assert "请求格式不正确" in response.text
