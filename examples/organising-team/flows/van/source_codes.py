"""Give new activists the source code of the form that they came by."""

from organising.van import new_activists, set_source_code

from turnout import flow, get_run_logger, unmapped


@flow
def apply_source_codes(source_code: int, van_url: str) -> int:
    """How many people got `source_code`."""
    people = [person["vanId"] for person in new_activists(van_url)]
    done = set_source_code.map(unmapped(van_url), people, unmapped(source_code)).result()
    get_run_logger().info("%s people have source code %s", len(done), source_code)
    return len(done)
