"""Contacts: what can be one, how it is masked, and that it is sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.contacts import (
    ContactKind,
    EmailMalformed,
    PhoneMalformed,
    WechatMalformed,
    clean_contact,
    derive_contact_key,
    ending_of,
    mask_contact,
    open_contact,
    seal_contact,
)

KEY = derive_contact_key("a secret")


@pytest.mark.parametrize(
    ("written", "kept", "masked"),
    [
        ("13800001234", "13800001234", "138****1234"),
        (" 138-0000-1234 ", "13800001234", "138****1234"),
        ("+86 138 0000 1234", "13800001234", "138****1234"),
        ("１３８００００１２３４", "13800001234", "138****1234"),
        ("0755-12345678", "0755-12345678", "075****5678"),
        ("(0755) 12345678", "0755-12345678", "075****5678"),
        ("075512345678", "0755-12345678", "075****5678"),
        ("+852 9123 4567", "+85291234567", "+85****4567"),
    ],
)
def test_a_telephone_is_kept_in_one_form_and_masked(written: str, kept: str, masked: str) -> None:
    assert clean_contact(ContactKind.PHONE, written) == kept
    assert mask_contact(ContactKind.PHONE, kept) == masked


@pytest.mark.parametrize(
    ("kind", "written", "refusal"),
    [
        (ContactKind.PHONE, "1380000123", PhoneMalformed),
        (ContactKind.PHONE, "22800001234", PhoneMalformed),
        (ContactKind.EMERGENCY, "妈妈", PhoneMalformed),
        (ContactKind.EMAIL, "zs@", EmailMalformed),
        (ContactKind.EMAIL, "a" * 120 + "@example.com", EmailMalformed),
        (ContactKind.WECHAT, "1abcdef", WechatMalformed),
    ],
)
def test_what_is_none_is_refused(kind: ContactKind, written: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        clean_contact(kind, written)


def test_email_and_wechat_are_masked_too() -> None:
    assert mask_contact(ContactKind.EMAIL, "zhangsan@example.com") == "z***@example.com"
    assert mask_contact(ContactKind.WECHAT, "zhang_san9") == "zh****9"
    assert mask_contact(ContactKind.WECHAT, "13800001234") == "138****1234"


def test_only_the_members_own_telephone_finds_the_member() -> None:
    assert ending_of(ContactKind.PHONE, "13800001234") == "1234"
    assert ending_of(ContactKind.EMERGENCY, "13800001234") is None
    assert ending_of(ContactKind.EMAIL, "zs@example.com") is None


@given(st.text(max_size=120), st.binary(min_size=12, max_size=12))
def test_what_was_sealed_opens_again_and_with_no_other_key(value: str, nonce: bytes) -> None:
    sealed = seal_contact(value, KEY, nonce)

    assert open_contact(sealed, KEY) == value
    assert open_contact(sealed, derive_contact_key("another secret")) is None
    assert open_contact(sealed[:-1] + bytes([sealed[-1] ^ 1]), KEY) is None
