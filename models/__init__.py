"""Tables, the session and the tenant filter. Importing this package loads every table's class."""

from models.access import Connection, Membership, OAuthState, Organization, RefreshToken, RevokedToken, User
from models.assets import Asset, AssetVersion, StoredFile
from models.audit import AuditEntry
from models.base import Base
from models.campaigns import Brand, Brief, Campaign, Competitor, Concept, SitePage
from models.effects import CostEntry, Effect, VendorGate
from models.events import Event, EventKey, IdentityKey, TrackedLink, WriteKey
from models.experiments import ClientKey, Experiment, ExperimentDecision, ExperimentExposure, ExperimentVersion
from models.jobs import Job, JobEvent, JobLog, JobStep
from models.metrics import AttributionRun, DailyMetrics, PostMetrics
from models.mmm import ChannelBudget, MmmFit, MmmPlan
from models.posts import Post
from models.schedules import Schedule
from models.segments import RenderSegment
from models.workers import Worker

__all__ = [
    "Asset",
    "AssetVersion",
    "AttributionRun",
    "AuditEntry",
    "Base",
    "Brand",
    "Brief",
    "Campaign",
    "ChannelBudget",
    "ClientKey",
    "Competitor",
    "Concept",
    "Connection",
    "CostEntry",
    "DailyMetrics",
    "Effect",
    "Event",
    "EventKey",
    "Experiment",
    "ExperimentDecision",
    "ExperimentExposure",
    "ExperimentVersion",
    "IdentityKey",
    "Job",
    "JobEvent",
    "JobLog",
    "JobStep",
    "Membership",
    "MmmFit",
    "MmmPlan",
    "OAuthState",
    "Organization",
    "Post",
    "PostMetrics",
    "RefreshToken",
    "RenderSegment",
    "RevokedToken",
    "Schedule",
    "SitePage",
    "StoredFile",
    "TrackedLink",
    "User",
    "VendorGate",
    "Worker",
    "WriteKey",
]
