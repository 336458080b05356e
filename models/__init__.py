"""Tables, the session and the tenant filter. Importing this package loads every table's class."""

from models.access import Connection, Membership, OAuthState, Organization, RefreshToken, RevokedToken, User
from models.assets import Asset, AssetVersion, StoredFile
from models.audit import AuditEntry
from models.base import Base
from models.campaigns import Brand, Brief, Campaign, Competitor, Concept, SitePage
from models.effects import CostEntry, Effect, VendorGate
from models.jobs import Job, JobEvent, JobLog, JobStep
from models.posts import Post
from models.schedules import Schedule
from models.workers import Worker

__all__ = [
    "Asset",
    "AssetVersion",
    "AuditEntry",
    "Base",
    "Brand",
    "Brief",
    "Campaign",
    "Competitor",
    "Concept",
    "Connection",
    "CostEntry",
    "Effect",
    "Job",
    "JobEvent",
    "JobLog",
    "JobStep",
    "Membership",
    "OAuthState",
    "Organization",
    "Post",
    "RefreshToken",
    "RevokedToken",
    "Schedule",
    "SitePage",
    "StoredFile",
    "User",
    "VendorGate",
    "Worker",
]
