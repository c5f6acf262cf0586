"""Modules that are imported when they are needed, with all that they need."""

import gc
import sys
from importlib import import_module
from types import ModuleType


def loaded(module: str) -> ModuleType:
    """Import a module.

    Nothing of it is ever garbage. So the collector of cycles need not look through all of it
    again and again, neither now, which is a seventh of the time, nor later.
    """
    if module in sys.modules or not gc.isenabled():
        return import_module(module)
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()
