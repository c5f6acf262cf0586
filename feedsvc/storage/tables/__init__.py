"""The tables, as rows. Nothing outside `storage` sees them.

All of them are imported here, whichever is asked for: migrations, and whoever takes everything
to another database, go by the metadata that they share.
"""

from feedsvc.storage.tables.accounts import (
    FactorOfferRow,
    PasskeyChallengeRow,
    PasskeyRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SessionRow,
    SignInAttemptRow,
    SignInLinkRow,
    SignInStepRow,
    UserRow,
)
from feedsvc.storage.tables.articles import (
    SET_ASIDE,
    ArticleCategoryRow,
    ArticleRow,
    ArticleTagRow,
    BylineRow,
    CategoryRow,
    EnclosureRow,
    ImportedRow,
    TagRow,
)
from feedsvc.storage.tables.audit import AuditLogRow
from feedsvc.storage.tables.base import PASSING, Base
from feedsvc.storage.tables.feeds import (
    DIRTY,
    FILLING,
    ArchiveRow,
    FeedEntryRow,
    FeedRow,
    FeedTermRow,
    RepresentationRow,
)
from feedsvc.storage.tables.history import ArticleVersionRow
from feedsvc.storage.tables.hub import IntentRow, PingRow, SubscriptionRow
from feedsvc.storage.tables.media import PictureFileRow, PictureRow
from feedsvc.storage.tables.presence import PresenceRow
from feedsvc.storage.tables.readership import (
    ReaderBatchRow,
    ReaderClaimRow,
    ReaderCountRow,
    ReaderDayRow,
    ReaderSketchRow,
    ReaderSoftwareRow,
    ServingRow,
)
from feedsvc.storage.tables.state import CounterRow, LeaseRow, SettingRow
from feedsvc.storage.tables.tokens import ApiRequestRow, ApiTokenRow
from feedsvc.storage.tables.writing import UNSAVED, WorkingCopyRow

__all__ = [
    "DIRTY",
    "FILLING",
    "PASSING",
    "SET_ASIDE",
    "UNSAVED",
    "ApiRequestRow",
    "ApiTokenRow",
    "ArchiveRow",
    "ArticleCategoryRow",
    "ArticleRow",
    "ArticleTagRow",
    "ArticleVersionRow",
    "AuditLogRow",
    "Base",
    "BylineRow",
    "CategoryRow",
    "CounterRow",
    "EnclosureRow",
    "FactorOfferRow",
    "FeedEntryRow",
    "FeedRow",
    "FeedTermRow",
    "ImportedRow",
    "IntentRow",
    "LeaseRow",
    "PasskeyChallengeRow",
    "PasskeyRow",
    "PictureFileRow",
    "PictureRow",
    "PingRow",
    "PresenceRow",
    "ReaderBatchRow",
    "ReaderClaimRow",
    "ReaderCountRow",
    "ReaderDayRow",
    "ReaderSketchRow",
    "ReaderSoftwareRow",
    "RecoveryCodeRow",
    "RepresentationRow",
    "SecondFactorRow",
    "ServingRow",
    "SessionRow",
    "SettingRow",
    "SignInAttemptRow",
    "SignInLinkRow",
    "SignInStepRow",
    "SubscriptionRow",
    "TagRow",
    "UserRow",
    "WorkingCopyRow",
]
