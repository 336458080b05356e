from flask import Blueprint
from sandbox.vendor import Vendor
vendor = Vendor("elevenlabs", Blueprint("elevenlabs", __name__), lambda r: {"error": str(r)})
