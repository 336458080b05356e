from flask import Blueprint
from sandbox.vendor import Vendor
vendor = Vendor("segmind", Blueprint("segmind", __name__), lambda r: {"error": str(r)})
