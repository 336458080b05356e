"""Everything that leaves the building: one file a vendor, behind a capability contract."""
