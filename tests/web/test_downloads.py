"""Files to be saved keep their Chinese names, and the headers stay plain."""

from urllib.parse import unquote

import pytest

from volunteer.web.downloads import attachment


@pytest.mark.parametrize("name", ["志愿者名单.xlsx", "list.csv", 'a"b\r\n.pdf', "扫描.图片", "no ending"])
def test_a_file_name_travels_as_plain_text_and_arrives_whole(name: str) -> None:
    header = attachment(name)

    assert header.isascii()
    assert not set(header) & set("\r\n")
    assert unquote(header.partition("UTF-8''")[2]) == name
