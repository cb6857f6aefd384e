"""DescribeImportProgress: how far is an import, and what of its file was not taken? More than CompletionMessage tells."""

from poolkeeper.aws.generated.poolkeeper import (
    DescribeImportProgressRequest,
    DescribeImportProgressResponse,
    ImportFaultType,
)
from poolkeeper.call import Call
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.lookup import require_pool
from poolkeeper.operations import paging
from poolkeeper.store import imports


async def describe_import_progress(call: Call, req: DescribeImportProgressRequest) -> DescribeImportProgressResponse:
    """Return a job's status, how many rows of how many are done, and by pages why rows were not taken, the first thousand of them.

    `Rows` is 0 until the whole file is there. Raises ResourceNotFoundException, InvalidParameterException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = await imports.find(call.db, pool_id=pool.pool_id, job_id=req.job_id)
    if row is None:
        raise ResourceNotFoundException(f"User import job {req.job_id} does not exist.")
    limit = req.max_results or paging.LARGEST_PAGE
    listing = f"DescribeImportProgress {pool.pool_id} {row.job_id}"
    after = int(paging.read_token(call, req.next_token, listing=listing) or 0)
    found = await imports.faults(call.db, pool_id=pool.pool_id, job_id=row.job_id, after=after, limit=limit + 1)
    faults, more = found[:limit], len(found) > limit
    return DescribeImportProgressResponse(
        user_pool_id=pool.pool_id,
        job_id=row.job_id,
        status=row.status,
        rows=row.row_count,
        rows_done=row.imported + row.skipped + row.failed,
        imported_users=row.imported,
        skipped_users=row.skipped,
        failed_users=row.failed,
        completion_message=row.message,
        faults=[
            ImportFaultType(row_number=one.row_number, column_name=one.column_name, reason=one.reason) for one in faults
        ],
        next_token=paging.write_token(call, listing=listing, after=str(faults[-1].row_number)) if more else None,
    )
