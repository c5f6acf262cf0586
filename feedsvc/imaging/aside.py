"""Pictures are decoded by a process of their own: one for each, with bounds, and then it ends.

Decoders are where bytes of strangers do most harm. Here the worst that they can do is to end a
process that holds nothing but the picture: it is not the one that knows passwords and the
database, nor the helper that hashes passwords; it may use so much memory and so many seconds of
a processor and no more, and any other work goes before it, so that readers never wait.
"""

import json
import logging
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from threading import BoundedSemaphore, Lock

from msgspec import Struct

from feedsvc.aside import give_way
from feedsvc.errors import InputError
from feedsvc.model.pictures import PictureFile
from feedsvc.says import says

logger = logging.getLogger(__name__)
FIELD = "image_file"
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 30
_PATIENCE_SECONDS = 1.0  # then it is as important as anybody else
_WAIT_SECONDS = 90  # with all processors busy
_QUEUE_SECONDS = 30
WAITING = 2  # who may wait for their turn: each keeps a thread from everybody else
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from feedsvc.imaging.aside import help_; help_()"
)
_BUSY = says(
    "the picture cannot be worked on now, because there are others; send it again soon"
)
_FAILED = says("the picture could not be read; save it anew as JPEG or PNG and send that")


class Made(Struct, frozen=True, kw_only=True):
    """A picture as it is to be stored: its name follows from its bytes."""

    name: str
    suffix: str
    files: tuple[PictureFile, ...]


class Imaging:
    """Makes pictures of uploaded bytes, one at a time in each process of the service."""

    def __init__(self) -> None:
        self._turn = Lock()  # guards memory and processors
        self._places = BoundedSemaphore(1 + WAITING)

    def make(self, data: bytes) -> Made:
        """Return the picture in all its sizes.

        Raises:
            InputError: it cannot be taken; the sentence is that of the field `image_file`.
        """
        if not data:
            raise refused(says("the picture is empty; choose another file"))
        if not self._places.acquire(blocking=False):
            raise refused(_BUSY)
        try:
            return self._made(data)
        finally:
            self._places.release()

    def _made(self, data: bytes) -> Made:
        if not self._turn.acquire(timeout=_QUEUE_SECONDS):
            raise refused(_BUSY)
        try:
            return _read(_answer(data))
        finally:
            self._turn.release()


def refused(problem: str) -> InputError:
    """Return the refusal of a picture, by a sentence."""
    return InputError(problem, {FIELD: problem})


def sentence(why: str, values: Mapping[str, int]) -> str:
    """Return what an editor is told of why a picture cannot be taken."""
    match why:
        case "kind":
            return says("the picture is no JPEG, PNG, WebP, GIF or AVIF")
        case "damaged":
            return says("the picture is damaged or cut off; save it anew and send it again")
        case "pixels":
            shown = {name: f"{value:,}" for name, value in values.items()}
            return says(
                "the picture has %(width)s by %(height)s pixels, and at most %(millions)s "
                "million are possible; make it smaller",
                **shown,
            )
        case _:
            return says("the picture needs too much memory to be opened; make it smaller")


def _answer(data: bytes) -> bytes:
    try:
        helper = subprocess.Popen(  # noqa: S603 - this program
            [sys.executable, "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,  # a terminal's Ctrl-C is not for it
        )
    except OSError as error:
        logger.warning("no helper for a picture: %s", error)
        raise refused(_BUSY) from None
    with helper:
        try:
            return _waited_for(helper, data)
        except subprocess.TimeoutExpired:
            logger.warning("gave up a picture bytes=%d", len(data))
            raise refused(_BUSY) from None
        finally:
            helper.kill()


def _waited_for(helper: subprocess.Popen[bytes], data: bytes) -> bytes:
    try:
        return helper.communicate(data, timeout=_PATIENCE_SECONDS)[0]
    except subprocess.TimeoutExpired:
        give_way(helper.pid, gives_way=False)
    return helper.communicate(timeout=_WAIT_SECONDS)[0]


def _read(answer: bytes) -> Made:
    """Read what the helper wrote: a line of JSON, and the files one after the other."""
    line, _, bodies = answer.partition(b"\n")
    try:
        told = json.loads(line)
    except ValueError:
        logger.warning("a helper ended without a picture")
        raise refused(_FAILED) from None
    if "refused" in told:
        raise refused(sentence(told["refused"], told["values"]))
    files: list[PictureFile] = []
    place = 0
    for width, height, length in told["files"]:
        body = bodies[place : place + length]
        digest = sha256(body).hexdigest()
        files.append(PictureFile(width=width, height=height, digest=digest, body=body))
        place += length
    digests = "".join(file.digest for file in files)
    name = f"{sha256(digests.encode()).hexdigest()[:32]}-{files[-1].width}x{files[-1].height}"
    return Made(name=name, suffix=told["suffix"], files=tuple(files))


# In the helper.


def help_() -> None:
    """Be the helper: read a picture from standard input, write what became of it, and end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # who asked decides
    give_way(0, gives_way=True)
    _bound(resource.RLIMIT_AS, MEMORY_BYTES)
    _bound(resource.RLIMIT_CPU, CPU_SECONDS)
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_FSIZE, 0)
    sys.stdout.buffer.write(told_of(sys.stdin.buffer.read()))


def _bound(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def told_of(data: bytes) -> bytes:
    """Return what the helper says of the bytes."""
    from feedsvc.imaging.drawing import RefusedError, drawn  # noqa: PLC0415 - 20 MB

    try:
        picture = drawn(data)
    except RefusedError as error:
        return _line({"refused": error.why, "values": error.values})
    except MemoryError:
        return _line({"refused": "memory", "values": {}})
    facts = [(width, height, len(body)) for width, height, body in picture.files]
    head = _line({"suffix": picture.suffix, "files": facts})
    return head + b"".join(body for _, _, body in picture.files)


def _line(facts: dict[str, object]) -> bytes:
    return json.dumps(facts).encode() + b"\n"
