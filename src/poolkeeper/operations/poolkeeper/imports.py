"""DescribeImportProgress: how far is an import, and which rows were refused? It says more than CompletionMessage."""

from poolkeeper.aws.generated.poolkeeper import (
    DescribeImportProgressRequest,
    DescribeImportProgressResponse,
    ImportFaultType,
)
from poolkeeper.call import Call
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.lookup import require_pool
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.store import imports


async def describe_import_progress(call: Call, req: DescribeImportProgressRequest) -> DescribeImportProgressResponse:
    """Return a job's status, how many of its rows are done, and by pages why rows were refused, the first thousand of them.

    `Rows` is 0 until the whole file is uploaded. Raises ResourceNotFoundException, InvalidParameterException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = await imports.find(call.db, pool_id=pool.pool_id, job_id=req.job_id)
    if row is None:
        raise ResourceNotFoundException(f"User import job {req.job_id} does not exist.")
    listing = f"DescribeImportProgress {pool.pool_id} {row.job_id}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or LARGEST_PAGE)
    after = int(wanted.after() or 0)
    faults = await imports.faults(call.db, pool_id=pool.pool_id, job_id=row.job_id, after=after, limit=wanted.limit)
    page = wanted.cut(faults, lambda fault: str(fault.row_number))
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
            for fault in page.items
        ],
        next_token=page.token,
    )
