"""Many pages checked at once, each result kept until something changes that it depends on.

results        what is known of a checked page, as data
page_key       everything that a result depends on, as one hash
page_cache     results in the user's cache folder
worker         the process that checks pages, one after the other
processes      several of them, and the results in order
counts         proved, verified and sampled steps by topic
"""

from derivations.checking.processes import check_pages, known_results
from derivations.checking.results import PageResult

__all__ = ["PageResult", "check_pages", "known_results"]
