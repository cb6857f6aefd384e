"""DescribeImportProgress: how far is an import, and what of its file was not taken? More than CompletionMessage tells."""

from poolkeeper.aws.generated.poolkeeper import (
    DescribeImportProgressRequest,
    DescribeImportProgressResponse,
    ImportFaultType,
)
from poolkeeper.call import Call
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.lookup import require_pool
from poolkeeper.operations.paging import LARGEST_PAGE
from poolkeeper.store import imports


async def describe_import_progress(call: Call, req: DescribeImportProgressRequest) -> DescribeImportProgressResponse:
    """Return a job's status, how many rows of how many are done, and why the first rows that were not taken were not.

    `Rows` is 0 until the whole file is there. Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = await imports.find(call.db, pool_id=pool.pool_id, job_id=req.job_id)
    if row is None:
        raise ResourceNotFoundException(f"User import job {req.job_id} does not exist.")
    limit = req.max_results or LARGEST_PAGE
    faults = await imports.faults(call.db, pool_id=pool.pool_id, job_id=row.job_id, after=0, limit=limit)
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
    )
