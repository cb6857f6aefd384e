"""DescribeImportProgress: how far is an import, and which rows were refused? It says more than CompletionMessage."""

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
    """Return a job's status, how many of its rows are done, and by pages why rows were refused, the first thousand of them.

    `Rows` is 0 until the whole file is uploaded. Raises ResourceNotFoundException, InvalidParameterException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = await imports.find(call.db, pool_id=pool.pool_id, job_id=req.job_id)
    if row is None:
        raise ResourceNotFoundException(f"User import job {req.job_id} does not exist.")
    limit = req.max_results or paging.LARGEST_PAGE
    listing = f"DescribeImportProgress {pool.pool_id} {row.job_id}"
    after = int(paging.read_token(call, req.next_token, listing=listing) or 0)
    rows = await imports.faults(call.db, pool_id=pool.pool_id, job_id=row.job_id, after=after, limit=limit + 1)
    faults, more = rows[:limit], len(rows) > limit
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
            ImportFaultType(row_number=fault.row_number, column_name=fault.column_name, reason=fault.reason)
            for fault in faults
        ],
        next_token=paging.write_token(call, listing=listing, after=str(faults[-1].row_number)) if more else None,
    )
