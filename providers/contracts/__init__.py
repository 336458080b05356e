"""What a vendor can do for us, vendor by vendor the same.

A contract is a Protocol plus the dataclasses that cross it. Paid answers carry `cost` in USD. A client
raises the vendor errors of `core.errors` and nothing else: VendorRejected, VendorUnauthorized,
ConnectionExpired, VendorThrottled, VendorUnavailable (the work was not done) and OutcomeUnknown (the
request left, no answer came).
"""
