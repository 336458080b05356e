from flask import Blueprint
from sandbox.vendor import Vendor
vendor = Vendor("firecrawl", Blueprint("firecrawl", __name__), lambda r: {"error": str(r)})
