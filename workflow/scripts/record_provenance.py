"""Adapter of the rule record_provenance."""

from typing import TYPE_CHECKING

from repool import door, files
from repool.jobs import plain_errors
from repool.provenance import record

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    lock = files.read_bytes(door.LOCK).decode()
    found = record(
        review=snakemake.params.review, code=snakemake.params.code, results=door.result_hashes("."), lock=lock
    )
    files.write_if_changed(snakemake.output[0], files.json_text(found))
