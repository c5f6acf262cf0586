"""Pages read from right to left, pages that stand still and weigh little, and no mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.live.browsing import browse
from tests.live.looks import Looks, newsroom
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
MAIN = (
    *("/", "/feeds/", "/category/news/", "/desk/"),
    "/desk/articles/1",
    "/desk/articles/new",
)
MOST_SHIFT = 0.02  # of the window, summed up as browsers do
MOST_BYTES = 100_000  # of a page, its styles and scripts, before images, as they are sent
PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='200'/>"
AWAITED = ("ages.js", "beside.js")  # they say blocking="render"
PAINTED = """() => new Promise(done => new PerformanceObserver((list, observer) => {
  if (list.getEntriesByName('first-contentful-paint').length) { observer.disconnect(); done(); }
}).observe({type: 'paint', buffered: true}))"""
OUTSIDE = """() => [...document.body.querySelectorAll('*')].filter(found => {
  const box = found.getBoundingClientRect();
  const shown = box.width > 1 && box.height > 1 && box.bottom > 0;
  return shown && !found.closest('pre, table') && (box.left < -1 || box.right > innerWidth + 1);
}).map(found => found.outerHTML.slice(0, 90))"""
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  const add = list => { for (const entry of list.getEntries()) sum += entry.value; };
  const observer = new PerformanceObserver(add);
  observer.observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const entry of observer.takeRecords()) sum += entry.value;
    done(sum);
  }));
})"""


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    with newsroom(tmp_path_factory.mktemp("looks")) as looks:
        yield looks


@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_whole_from_right_to_left(looks: Looks, width: int) -> None:
    found: dict[str, list[str]] = {}

    def flow(page: Page) -> None:
        looks.sign_in(page)
        for path in (*MAIN, looks.articles()[0]):
            page.goto(path)
            page.evaluate("document.documentElement.dir = 'rtl'")
            page.evaluate(
                "for (const e of document.querySelectorAll('[dir=ltr]')) e.dir = 'rtl'"
            )
            wide = page.evaluate("document.documentElement.scrollWidth")
            if (lines := page.evaluate(OUTSIDE)) or wide > width:
                found[path] = [f"{wide} wide", *lines]

    browse(looks.base, flow, width=width)

    assert found == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_stand_still(looks: Looks, width: int) -> None:
    """Nothing moves when scripts come late: what they will show has its room from the start.

    A picture that nobody has measured has the room of one of three to two.
    """
    shifts: dict[str, float] = {}

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.route("**/icon.svg*", picture)
        for path in (*MAIN, looks.articles()[0]):
            open_late(page, path)
            shifts[path] = page.evaluate(SHIFTS)

    browse(looks.base, flow, width=width)

    assert len(shifts) > len(MAIN)
    assert set(shifts.values()) == {0}, shifts


def open_late(page: Page, path: str) -> None:
    """Open a page whose scripts come after it was painted, but those that painting awaits."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(is_late, hold)
    page.goto(path, wait_until="commit")
    page.evaluate(PAINTED)
    page.unroute(is_late, hold)
    for script in held:
        script.continue_()
    page.wait_for_load_state("load")


def is_late(address: str) -> bool:
    return ".js" in address and not any(name in address for name in AWAITED)


def picture(route: Route) -> None:
    route.fulfill(body=PICTURE, content_type="image/svg+xml")


def test_every_page_weighs_little_and_stands_still(looks: Looks) -> None:
    """In the narrowest window, where there is the least room for what comes late."""
    answers: list[Response] = []
    sizes: dict[str, int] = {}
    shifts: dict[str, float] = {}

    def flow(page: Page) -> None:
        def note(answer: Response) -> None:
            answers.append(answer)

        page.on("response", note)
        page.route("**/*", fetched)
        page.route("**/icon.svg*", picture)
        for path in (*looks.door(), *looks.site()):
            look(page, path)
        looks.sign_in(page)
        for path in looks.desk():
            look(page, path)

    def look(page: Page, path: str) -> None:
        answers.clear()
        page.goto(path)
        sizes[path] = sum(map(weight, answers))
        shifts[path] = page.evaluate(SHIFTS)

    browse(looks.base, flow, width=390)

    assert len(sizes) > 30
    assert min(sizes.values()) > 0
    assert {path: size for path, size in sizes.items() if size >= MOST_BYTES} == {}
    assert {path: sum_ for path, sum_ in shifts.items() if sum_ >= MOST_SHIFT} == {}


def fetched(route: Route) -> None:
    """Let a request go on; what is routed is not taken from the browser's cache."""
    route.continue_()


def weight(answer: Response) -> int:
    is_image = answer.headers.get("content-type", "").startswith("image/")
    is_page = answer.status == 200 and not is_image
    return answer.request.sizes()["responseBodySize"] if is_page else 0


# How far the words of each element end before those of the headline that it belongs to.
RAGGED = """() => [...document.querySelectorAll('.story > .meta, .categories, .teaser > .meta')]
.filter(found => getComputedStyle(found.parentElement).direction === 'rtl').map(found => {
  const words = document.createRange(), title = document.createRange();
  words.selectNodeContents(found);
  title.selectNodeContents(found.parentElement.querySelector('h1, h2, h3'));
  return Math.abs(words.getBoundingClientRect().right - title.getBoundingClientRect().right);
})"""
# The empty space between each title in a list of the desk and the facts below it.
GAPS = """() => [...document.querySelectorAll('.row h2:not([lang]) a')].map(found => {
  const words = document.createRange();
  words.selectNodeContents(found);
  const facts = found.closest('.row').querySelector('.facts').getBoundingClientRect();
  return Math.round(facts.top - words.getBoundingClientRect().bottom);
})"""
MANY = """() => {
  const list = document.querySelector('.masthead ul');
  for (let i = 0; i < 20; i++) list.prepend(list.children[1].cloneNode(true));
  return list.getBoundingClientRect().height;
}"""


def test_small_print_stands_where_the_headline_does(looks: Looks) -> None:
    """The date and the categories of an article in Urdu, on a site in English."""
    found: dict[str, list[float]] = {}

    def flow(page: Page) -> None:
        for path in ("/articles/article/", "/"):
            page.goto(path)
            found[path] = page.evaluate(RAGGED)

    browse(looks.base, flow, width=390)

    assert all(found.values()), found
    assert max(max(each) for each in found.values()) < 2, found


def test_many_sections_are_one_row_on_a_telephone(looks: Looks) -> None:
    def flow(page: Page) -> None:
        page.goto("/")
        assert page.evaluate(MANY) < ROW
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        last = page.locator(".masthead").get_by_role("link", name="Search", exact=True)
        expect(last).not_to_be_in_viewport()
        last.focus()
        expect(last).to_be_in_viewport(ratio=0.9)

    browse(looks.base, flow, width=390)


def test_long_titles_have_the_space_of_short_ones(looks: Looks) -> None:
    gaps: list[int] = []

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/")
        page.locator(".row h2:not([lang]) a").first.evaluate(
            "found => { found.textContent = 'A headline that is long '.repeat(9); }"
        )
        gaps.extend(page.evaluate(GAPS))

    browse(looks.base, flow, width=390)

    assert len(gaps) > 2
    assert max(gaps) - min(gaps) <= 1, gaps


def test_skip_link_is_first_and_shown(looks: Looks) -> None:
    def flow(page: Page) -> None:
        page.goto("/desk/sign-in")
        page.locator("body").press("Shift+Tab")
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_be_focused()

    browse(looks.base, flow)


LINKS = (
    *("Articles", "Coming", "New article", "Pictures", "Check a feed", "Operations"),
    *("Feeds", "People", "Audit log", "View site", "Your account asha"),
)
ROW = 60  # pixels: a target of 44, and what is above and below


@pytest.mark.parametrize("width", [390, 768, 1280, 1600])
def test_masthead_is_one_row_and_leads_everywhere(looks: Looks, width: int) -> None:
    """In every language, without JavaScript, and with keys."""
    heights: dict[str, float] = {}

    def flow(page: Page) -> None:
        looks.sign_in(page)
        for tongue in ("hi", "or", "en"):
            page.set_extra_http_headers({"Accept-Language": tongue})
            page.goto("/desk/account")
            head = page.locator(".deskhead").bounding_box()
            assert head is not None
            heights[tongue] = head["height"]
            assert page.evaluate("document.documentElement.scrollWidth") == width
        page.locator("summary", has_text="Menu").press("Enter")
        for name in LINKS:
            link = page.get_by_role("banner").get_by_role("link", name=name, exact=True)
            expect(link).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_in_viewport(
            ratio=1
        )

    browse(looks.base, flow, width=width, javascript=False)

    assert max(heights.values()) < ROW, heights


def test_menu_closes_when_somebody_goes_on(looks: Looks) -> None:
    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/")
        menu, inside = page.locator("details.menu"), page.get_by_role("link", name="People")
        summary = menu.locator("summary")
        summary.press("Enter")
        expect(inside).to_be_visible()
        inside.press("Escape")
        expect(inside).to_be_hidden()
        expect(summary).to_be_focused()
        summary.press("Enter")
        expect(inside).to_be_visible()
        page.get_by_role("heading", level=1).click()
        expect(inside).to_be_hidden()

    browse(looks.base, flow)


def tab_to(page: Page, name: str) -> None:
    """Press the tabulator until something of this name has the focus, as it can be seen."""
    for _ in range(120):
        page.keyboard.press("Tab")
        words = page.evaluate(
            "() => { const e = document.activeElement; const label = e.labels && e.labels[0];"
            " return ((label || e).innerText || e.value || '').trim(); }"
        )
        if words == name:
            shown = page.evaluate(
                "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            )
            assert shown, f"nobody sees that {name} has the focus"
            return
    pytest.fail(f"the tabulator does not lead to {name}")


def test_article_is_published_and_withdrawn_with_keys(looks: Looks) -> None:
    def enter(page: Page, name: str) -> None:
        tab_to(page, name)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def flow(page: Page) -> None:
        page.goto("/desk/sign-in")
        expect(page.locator("[autofocus]")).to_be_focused()  # on a busy machine, soon
        page.keyboard.type("asha")
        tab_to(page, "Password")
        page.keyboard.type(PASSWORD)
        enter(page, "Sign in")
        enter(page, "New article")
        tab_to(page, "Headline")
        page.keyboard.type("Written without a mouse")
        tab_to(page, "Text")
        page.keyboard.type("Every step of it.")
        tab_to(page, "Keep as a draft")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        enter(page, "Save")
        expect(page.get_by_role("status").first).to_contain_text("Published.")
        enter(page, "Withdraw…")
        enter(page, "Withdraw")
        expect(page.get_by_role("status").first).to_contain_text("Withdrawn.")

    browse(looks.base, flow)
