"""Media files are looked up where they are: kindly, briefly, and never inside our network."""

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event, Thread, current_thread

import pytest

from feedsvc.clock import SystemClock
from feedsvc.errors import BusyError, InputError, OutboundError
from feedsvc.model import ArticleInput, Enclosure, FileInput
from feedsvc.outbound import Outbound, Request, Response
from feedsvc.workflow.handed_in import asking, looking_up
from feedsvc.workflow.handed_in.looking_up import looked_up, to_look_up
from tests.factories import given
from tests.fakes import FakeClock
from tests.files_at import LENGTH, FileServer


def _looked_up(
    files: FileServer, *wanted: FileInput, stored: tuple[Enclosure, ...] = ()
) -> tuple[FileInput, ...]:
    files.asked.clear()
    article = given(enclosures=wanted)
    outbound = Outbound((files.name,))
    return looked_up(SystemClock(), outbound, article, stored).enclosures or ()


def _problem(files: FileServer, *wanted: FileInput) -> str:
    with pytest.raises(InputError) as caught:
        _looked_up(files, *wanted)
    return caught.value.fields["enclosures"]


@pytest.mark.parametrize(
    ("path", "kind", "length"),
    [
        pytest.param("/talk.mp3", "audio/mpeg", LENGTH, id="head"),
        pytest.param("/moved.mp3", "audio/mpeg", LENGTH, id="moved"),
        pytest.param("/nameless.pdf", "application/pdf", LENGTH, id="type from the name"),
        pytest.param("/get-only.mp4", "video/mp4", LENGTH, id="head refused"),
        pytest.param("/lengthless.mp4", "video/mp4", LENGTH, id="head without length"),
        pytest.param("/endless.ogg", "audio/ogg", None, id="length unknown there, too"),
        pytest.param("/packed.wav", "audio/wav", None, id="length is of a packed form"),
    ],
)
def test_type_and_length_are_those_of_the_file(
    files: FileServer, path: str, kind: str, length: int | None
) -> None:
    [found] = _looked_up(files, FileInput(url=files.url + path, title="A talk"))

    assert found == FileInput(
        url=files.url + path, media_type=kind, length=length, title="A talk"
    )


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param("/gone.mp3", "answers with status 404", id="404"),
        pytest.param("/page.mp3", "a web page, and no file", id="page"),
        pytest.param("/nameless", "nothing says what kind of file", id="no type"),
        pytest.param("/inside", "not a public address", id="redirect into our network"),
    ],
)
def test_what_cannot_be_found_out_is_said_with_the_way_out(
    files: FileServer, path: str, sentence: str
) -> None:
    good = FileInput(url=f"{files.url}/talk.mp3")

    problem = _problem(files, good, FileInput(url=files.url + path))

    assert problem.startswith("file 2: ")
    assert sentence in problem
    assert "write type and size yourself" in problem


def test_private_address_is_not_asked(files: FileServer) -> None:
    assert "not a public address" in _problem(files, FileInput(url="http://10.0.0.1/a.mp3"))


def test_type_that_was_written_needs_no_answer(files: FileServer) -> None:
    file = FileInput(url=f"{files.url}/gone.mp3", media_type="audio/mpeg")

    assert _looked_up(files, file) == (file,)


def test_what_is_known_is_not_asked_again(files: FileServer) -> None:
    url = f"{files.url}/talk.mp3"
    whole = FileInput(url=f"{files.url}/moved.mp3", media_type="audio/mpeg", length=1)

    found = _looked_up(files, FileInput(url=url), whole, stored=(Enclosure(url=url),))

    assert found == (FileInput(url=url), whole)
    assert files.asked == []


def test_nobody_is_asked_while_something_else_is_wrong(files: FileServer) -> None:
    files.asked.clear()
    file = FileInput(url=f"{files.url}/talk.mp3")
    bad = FileInput(url="talk.mp3")
    article = ArticleInput(title="", body_source="x", enclosures=(file, bad))

    with pytest.raises(InputError) as caught:
        looked_up(SystemClock(), Outbound((files.name,)), article)

    assert set(caught.value.fields) == {"title", "enclosures"}
    assert files.asked == []


def test_article_without_files_is_as_it_was() -> None:
    article = given()

    assert looked_up(SystemClock(), Outbound(), article) is article


class Nowhere(Outbound):
    """Reaches nobody, and knows the threads in which it was tried.

    None of them comes back before as many others as there may be have come, too: else the
    first could do the work of all.
    """

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[Thread] = set()
        self._all_came = Event()

    def send(self, request: Request) -> Response:
        self.threads.add(current_thread())
        if len(self.threads) > looking_up.AT_ONCE:
            self._all_came.set()
        self._all_came.wait(0.5)
        raise OutboundError(f"nobody is at {request.url}")


def test_no_more_than_so_many_are_asked_at_once() -> None:
    """An article may have fifty files, and a thread for each of them is nothing it may ask."""
    outbound = Nowhere()
    wanted = tuple(FileInput(url=f"https://media.example/{n}.mp3") for n in range(20))

    with pytest.raises(InputError) as caught:
        looked_up(SystemClock(), outbound, given(enclosures=wanted))

    assert caught.value.fields["enclosures"].count("nobody is at") == 20
    assert len(outbound.threads) <= looking_up.AT_ONCE


class Slow(Outbound):
    """Takes four seconds of a clock for each answer, which is that it reaches nobody."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def send(self, request: Request) -> Response:
        self._clock.advance(4)
        raise OutboundError(f"nobody is at {request.url}")


@pytest.mark.parametrize(
    ("is_watched", "last"),
    [
        pytest.param(True, "file 5: nobody is at", id="watched"),
        pytest.param(False, "file 5: there was no answer within 10 s", id="in a form"),
    ],
)
def test_whoever_watches_waits_for_every_file(
    monkeypatch: pytest.MonkeyPatch, is_watched: bool, last: str
) -> None:
    monkeypatch.setattr(looking_up, "AT_ONCE", 1)
    clock, seen = FakeClock(), list[int]()
    wanted = tuple(FileInput(url=f"https://media.example/{n}.mp3") for n in range(5))
    watch = seen.append if is_watched else None

    with pytest.raises(InputError) as caught:
        looked_up(clock, Slow(clock), given(enclosures=wanted), watch=watch)

    assert last in caught.value.fields["enclosures"]
    assert seen == [1] * 5 * is_watched


def test_addresses_are_counted_before_they_are_asked(files: FileServer) -> None:
    whole = FileInput(url=f"{files.url}/2.mp3", media_type="audio/mpeg", length=1)
    wanted = (FileInput(url=f"{files.url}/1.mp3"), whole, FileInput(url="no address"))

    assert to_look_up(given(enclosures=wanted)) == 1
    assert to_look_up(given(enclosures=wanted), [Enclosure(url=f"{files.url}/1.mp3")]) == 0


class Waiting(Outbound):
    """Answers nobody before it is told to; knows how many wait."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()
        self.came: SimpleQueue[str] = SimpleQueue()

    def send(self, request: Request) -> Response:
        self.came.put(request.url)
        self.go.wait(30)
        raise OutboundError(f"nobody is at {request.url}")


def test_files_of_so_many_articles_are_looked_up_at_once_and_no_more() -> None:
    outbound = Waiting()
    wanted = given(enclosures=(FileInput(url="https://media.example/1.mp3"),))

    def save() -> str:
        try:
            looked_up(SystemClock(), outbound, wanted)
        except InputError as error:
            return error.fields["enclosures"]
        return ""

    with ThreadPoolExecutor(looking_up.SAVES) as savers:
        saves = [savers.submit(save) for _ in range(looking_up.SAVES)]
        for _ in saves:
            outbound.came.get(timeout=30)
        with pytest.raises(BusyError, match="Save again in a moment") as caught:
            save()
        file = FileInput(url="https://m.example/1.mp3", media_type="audio/mpeg", length=1)
        whole = given(enclosures=(file,))
        assert looked_up(SystemClock(), outbound, whole) is whole  # nobody has to be asked
        outbound.go.set()

    assert caught.value.retry_after == asking.SECONDS
    assert all("nobody is at" in one.result() for one in saves)
    assert "nobody is at" in save()  # places are given back


class Faulty(Outbound):
    """Has a fault that shows at one address; it reaches nobody at others."""

    def send(self, request: Request) -> Response:
        if "fault" in request.url:
            raise RuntimeError("a fault of ours")
        raise OutboundError(f"nobody is at {request.url}")


def test_fault_at_one_address_costs_the_others_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody waits for the answer that cannot come, and the next address is asked."""
    monkeypatch.setattr(looking_up, "AT_ONCE", 1)
    monkeypatch.setattr(asking, "SECONDS", 30)
    seen = list[int]()
    urls = ("https://media.example/fault.mp3", "https://media.example/other.mp3")
    wanted = tuple(FileInput(url=url) for url in urls)

    with pytest.raises(InputError) as caught:
        looked_up(SystemClock(), Faulty(), given(enclosures=wanted), watch=seen.append)

    assert "file 2: nobody is at" in caught.value.fields["enclosures"]
    assert seen == [1, 1]
    assert "a fault of ours" in caplog.text
    assert "fault.mp3" in caplog.text


def test_slow_server_is_left_behind(files: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.2)

    problem = _problem(files, FileInput(url=f"{files.url}/slow.mp3"))

    assert "no answer within" in problem
