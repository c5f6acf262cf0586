"""What a browser is called, from what it says of itself: enough to know one's own again."""

from feedsvc.says import says

# The first that is found counts: most browsers name others, too.
_BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet")),
    *(("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome")),
    *(("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android")),
    *(("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Mac OS X", "macOS")),
    ("Linux", "Linux"),
)
_SHOWN = 60  # characters of what is none of these


def named(agent: str) -> str:
    """Return browser and system of a User-Agent, or its beginning."""
    browser = next((name for word, name in _BROWSERS if word in agent), "")
    system = next((name for word, name in _SYSTEMS if word in agent), "")
    if browser and system:
        return says("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or agent[:_SHOWN] or says("Unknown browser")
