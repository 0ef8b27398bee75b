"""pynq - as much of it as FINN's drivers and op modes touch"""
__version__ = "3.0.1"
