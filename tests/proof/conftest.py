from __future__ import annotations

import logging

import structlog

# A call's debug line is for a person who looks at one run, not for thousands of them.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
