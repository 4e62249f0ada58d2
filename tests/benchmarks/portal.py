"""The portal as it is served."""

from hubportal.wsgi import application as portal
from tests.benchmarks.counting import counting

application = counting(portal)
