"""What stops the work is named in the log, once for as long as it lasts."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from feedsvc.errors import FeedsvcError, FullError, StaleError, UnavailableError

logger = logging.getLogger(__name__)


class Reported:
    """The outcome of looks at the database, one after the other.

    Args:
        on_answer: is called after each look that nothing stopped.
    """

    def __init__(self, on_answer: Callable[[], None]) -> None:
        self._on_answer = on_answer
        self._is_away = False

    @contextmanager
    def look(self) -> Iterator[None]:
        """Name what stops the work inside."""
        try:
            yield
        except StaleError as error:
            logger.warning("dropped work that others have done: %s", error)
        except FullError:  # which the database has said, once
            logger.debug("the work waits for space")
        except UnavailableError as error:
            self._report("lost the database, feeds are served as they are: %s", error)
        except FeedsvcError as error:
            self._report("could not work: %s", error)
        else:
            if self._is_away:
                logger.info("the database answers again")
            self._is_away = False
            self._on_answer()

    def _report(self, sentence: str, error: FeedsvcError) -> None:
        if not self._is_away:
            logger.error(sentence, error)
        self._is_away = True
