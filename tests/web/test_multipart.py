"""Forms arrive as they were sent, wherever the pieces end in which they are read."""

import io
from collections.abc import Sequence
from contextlib import closing
from typing import IO, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.formparser import MultiPartParser

from feedsvc.web.multipart import PostedRequest, Unsplit

BOUNDARY = b"----WebKitFormBoundaryABCDEFGHIJKLMNOP"
BORDER = 65536  # bytes that Werkzeug asks for at a time
LINES = ("", "\r\n", "\n", "\r", "-", "--", "Puri", "- one\r\n- two", "ପୁରୀ\r\n", "\r\n\r\n")
NEARLY = ("--" + BOUNDARY.decode()[:-1], "\r\n--" + BOUNDARY.decode()[:9], "x" * 90)
values = st.lists(st.sampled_from(LINES + NEARLY), max_size=5).map("".join)
Part = tuple[str, bool]  # its value, and whether it is a file


def posted(parts: Sequence[Part]) -> bytes:
    """Write a form as browsers do; the fields are named by their numbers."""
    written = b""
    for number, (value, is_file) in enumerate(parts):
        name = f'form-data; name="{number}"' + ('; filename="a.txt"' if is_file else "")
        head = f"Content-Disposition: {name}\r\n\r\n".encode()
        written += b"--" + BOUNDARY + b"\r\n" + head + value.encode() + b"\r\n"
    return written + b"--" + BOUNDARY + b"--\r\n"


@given(st.lists(st.tuples(values, st.booleans()), min_size=1, max_size=6), st.integers(1, 200))
@example([("", False)], 1)
@example([("", False), ("Puri", False)], 64)
def test_no_piece_spoils_a_form(parts: list[Part], size: int) -> None:
    whole = posted(parts)
    stream = cast("IO[bytes]", Unsplit(io.BytesIO(whole), BOUNDARY))

    form, files = MultiPartParser(buffer_size=size).parse(stream, BOUNDARY, len(whole))

    for number, (value, is_file) in enumerate(parts):
        name = str(number)
        if is_file:
            with closing(files[name]) as file:
                assert file.read().decode() == value
        else:
            assert form[name] == value


@pytest.mark.parametrize("value", ["", "Puri", "One\r\n\r\n- two\r\n"])
def test_form_that_is_longer_than_a_piece_arrives_as_it_was_sent(value: str) -> None:
    """At one of these lengths Werkzeug 3.1.9 makes `Puri` to `Puri` and CR."""
    tail = len(posted([("", False), (value, False), ("Puri", False)]))
    for length in range(BORDER - tail, BORDER):
        sent = [("x" * length, False), (value, False), ("Puri", False)]
        body = posted(sent)
        request = PostedRequest.from_values(
            method="POST",
            input_stream=io.BytesIO(body),
            content_length=len(body),
            content_type=f"multipart/form-data; boundary={BOUNDARY.decode()}",
        )

        assert [request.form[str(number)] for number in range(3)] == [each for each, _ in sent]


@pytest.mark.parametrize(
    "line", [b"-", b"\n", b"\r\n", b"-\n", b"\r--" + BOUNDARY, b"\r\n--" + BOUNDARY + b" "]
)
def test_no_piece_is_much_longer_than_was_asked_for(line: bytes) -> None:
    """Strangers post forms: of hyphens alone, a piece was the whole form once."""
    whole = line * (200_000 // len(line))
    stream = Unsplit(io.BytesIO(whole), BOUNDARY)

    pieces = list(iter(lambda: stream.read(4096), b""))

    assert b"".join(pieces) == whole
    assert max(map(len, pieces)) < 4096 + 32


@pytest.mark.parametrize("size", range(1, 60))
def test_no_piece_ends_behind_the_boundary_of_a_delimiter(size: int) -> None:
    delimiter = b"--" + BOUNDARY
    stream = Unsplit(io.BytesIO(delimiter + b"\r\nx\r\n" + delimiter + b"--\r\n"), BOUNDARY)

    read, ends = b"", set()
    while piece := stream.read(size):
        read += piece
        ends.add(read.rpartition(b"\n")[2])

    assert not {end for end in ends if end.startswith(delimiter)}
