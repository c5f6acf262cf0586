"""The tables, as rows. Nothing outside `storage` sees them.

A row is imported when it is asked for, with those it refers to: a mapped class takes more than
a millisecond, and few programs need all of them. Migrations, and who takes all to another
database, go by the metadata that they share: `everything`.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from feedsvc.storage.tables.accounts import (
        FactorOfferRow as FactorOfferRow,
    )
    from feedsvc.storage.tables.accounts import (
        PasskeyChallengeRow as PasskeyChallengeRow,
    )
    from feedsvc.storage.tables.accounts import (
        PasskeyRow as PasskeyRow,
    )
    from feedsvc.storage.tables.accounts import (
        RecoveryCodeRow as RecoveryCodeRow,
    )
    from feedsvc.storage.tables.accounts import (
        SecondFactorRow as SecondFactorRow,
    )
    from feedsvc.storage.tables.accounts import (
        SessionRow as SessionRow,
    )
    from feedsvc.storage.tables.accounts import (
        SignInAttemptRow as SignInAttemptRow,
    )
    from feedsvc.storage.tables.accounts import (
        SignInLinkRow as SignInLinkRow,
    )
    from feedsvc.storage.tables.accounts import (
        SignInStepRow as SignInStepRow,
    )
    from feedsvc.storage.tables.articles import (
        SET_ASIDE as SET_ASIDE,
    )
    from feedsvc.storage.tables.articles import (
        ArticleCategoryRow as ArticleCategoryRow,
    )
    from feedsvc.storage.tables.articles import (
        ArticleRow as ArticleRow,
    )
    from feedsvc.storage.tables.articles import (
        ArticleTagRow as ArticleTagRow,
    )
    from feedsvc.storage.tables.articles import (
        BylineRow as BylineRow,
    )
    from feedsvc.storage.tables.articles import (
        CategoryRow as CategoryRow,
    )
    from feedsvc.storage.tables.articles import (
        EnclosureRow as EnclosureRow,
    )
    from feedsvc.storage.tables.articles import (
        ImportedRow as ImportedRow,
    )
    from feedsvc.storage.tables.articles import (
        TagRow as TagRow,
    )
    from feedsvc.storage.tables.audit import (
        AuditLogRow as AuditLogRow,
    )
    from feedsvc.storage.tables.base import (
        PASSING as PASSING,
    )
    from feedsvc.storage.tables.base import (
        Base as Base,
    )
    from feedsvc.storage.tables.feeds import (
        DIRTY as DIRTY,
    )
    from feedsvc.storage.tables.feeds import (
        FILLING as FILLING,
    )
    from feedsvc.storage.tables.feeds import (
        ArchiveRow as ArchiveRow,
    )
    from feedsvc.storage.tables.feeds import (
        FeedEntryRow as FeedEntryRow,
    )
    from feedsvc.storage.tables.feeds import (
        FeedRow as FeedRow,
    )
    from feedsvc.storage.tables.feeds import (
        FeedTermRow as FeedTermRow,
    )
    from feedsvc.storage.tables.feeds import (
        RepresentationRow as RepresentationRow,
    )
    from feedsvc.storage.tables.history import (
        ArticleVersionRow as ArticleVersionRow,
    )
    from feedsvc.storage.tables.hub import (
        IntentRow as IntentRow,
    )
    from feedsvc.storage.tables.hub import (
        PingRow as PingRow,
    )
    from feedsvc.storage.tables.hub import (
        SubscriptionRow as SubscriptionRow,
    )
    from feedsvc.storage.tables.media import (
        PictureFileRow as PictureFileRow,
    )
    from feedsvc.storage.tables.media import (
        PictureRow as PictureRow,
    )
    from feedsvc.storage.tables.presence import (
        PresenceRow as PresenceRow,
    )
    from feedsvc.storage.tables.readership import (
        ReaderBatchRow as ReaderBatchRow,
    )
    from feedsvc.storage.tables.readership import (
        ReaderClaimRow as ReaderClaimRow,
    )
    from feedsvc.storage.tables.readership import (
        ReaderCountRow as ReaderCountRow,
    )
    from feedsvc.storage.tables.readership import (
        ReaderDayRow as ReaderDayRow,
    )
    from feedsvc.storage.tables.readership import (
        ReaderSketchRow as ReaderSketchRow,
    )
    from feedsvc.storage.tables.readership import (
        ReaderSoftwareRow as ReaderSoftwareRow,
    )
    from feedsvc.storage.tables.readership import (
        ServingRow as ServingRow,
    )
    from feedsvc.storage.tables.state import (
        CounterRow as CounterRow,
    )
    from feedsvc.storage.tables.state import (
        LeaseRow as LeaseRow,
    )
    from feedsvc.storage.tables.state import (
        SettingRow as SettingRow,
    )
    from feedsvc.storage.tables.tokens import (
        ApiRequestRow as ApiRequestRow,
    )
    from feedsvc.storage.tables.tokens import (
        ApiTokenRow as ApiTokenRow,
    )
    from feedsvc.storage.tables.users import (
        UserRow as UserRow,
    )
    from feedsvc.storage.tables.writing import (
        UNSAVED as UNSAVED,
    )
    from feedsvc.storage.tables.writing import (
        WorkingCopyRow as WorkingCopyRow,
    )

_HOMES: dict[str, tuple[str, ...]] = {
    "base": ("Base", "PASSING"),
    "accounts": (
        "FactorOfferRow",
        "PasskeyChallengeRow",
        "PasskeyRow",
        "RecoveryCodeRow",
        "SecondFactorRow",
        "SessionRow",
        "SignInAttemptRow",
        "SignInLinkRow",
        "SignInStepRow",
    ),
    "articles": (
        "ArticleCategoryRow",
        "ArticleRow",
        "ArticleTagRow",
        "BylineRow",
        "CategoryRow",
        "EnclosureRow",
        "ImportedRow",
        "SET_ASIDE",
        "TagRow",
    ),
    "audit": ("AuditLogRow",),
    "feeds": (
        "ArchiveRow",
        "DIRTY",
        "FILLING",
        "FeedEntryRow",
        "FeedRow",
        "FeedTermRow",
        "RepresentationRow",
    ),
    "history": ("ArticleVersionRow",),
    "hub": (
        "IntentRow",
        "PingRow",
        "SubscriptionRow",
    ),
    "media": (
        "PictureFileRow",
        "PictureRow",
    ),
    "presence": ("PresenceRow",),
    "readership": (
        "ReaderBatchRow",
        "ReaderClaimRow",
        "ReaderCountRow",
        "ReaderDayRow",
        "ReaderSketchRow",
        "ReaderSoftwareRow",
        "ServingRow",
    ),
    "state": (
        "CounterRow",
        "LeaseRow",
        "SettingRow",
    ),
    "tokens": (
        "ApiRequestRow",
        "ApiTokenRow",
    ),
    "users": ("UserRow",),
    "writing": (
        "UNSAVED",
        "WorkingCopyRow",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # which knows the names, and would take any

    def __getattr__(name: str) -> object:
        """Import what is asked for (PEP 562)."""
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found: object = getattr(_home(_HOME_OF[name]), name)
        globals()[name] = found
        return found


def everything() -> "MetaData":
    """Import all tables, and return what is known of them."""
    for home in _HOMES:
        _home(home)
    base = _home("base")
    base.tell_conditions()
    return base.Base.metadata  # type: ignore[no-any-return]


def _home(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
