"""GetCSVHeader, CreateUserImportJob and their companions: users from a file, by a job that runs in the background."""

from msgspec.structs import replace

from poolkeeper.accounts import upload_urls
from poolkeeper.aws.generated.cognito_idp import (
    CreateUserImportJobRequest,
    CreateUserImportJobResponse,
    DescribeUserImportJobRequest,
    DescribeUserImportJobResponse,
    GetCSVHeaderRequest,
    GetCSVHeaderResponse,
    ListUserImportJobsRequest,
    ListUserImportJobsResponse,
    StartUserImportJobRequest,
    StartUserImportJobResponse,
    StopUserImportJobRequest,
    StopUserImportJobResponse,
    UserImportJobType,
)
from poolkeeper.call import Call
from poolkeeper.errors import LimitExceededException, PreconditionNotMetException, ResourceNotFoundException
from poolkeeper.lookup import require_pool
from poolkeeper.model.imports import CREATED, EXPIRED, JOB_LIFE, JOBS_OF_A_POOL, columns
from poolkeeper.model.job import IMPORT, shard_of
from poolkeeper.operations.paging import PageRequest
from poolkeeper.operations.permits import may_also
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import due, imports
from poolkeeper.store.db import Transaction
from poolkeeper.store.imports import ImportRow

# The model's list holds no more, though MaxResults allows 60.
_LARGEST_PAGE = 50
# UNVERIFIED: the words of all refusals here; one of each against AWS would settle them.
_LIMIT = "The number of user import jobs in the user pool has reached its limit."
_NO_FILE = "The user import job has no CSV file yet: send one to its PreSignedUrl first."
_NOT_CREATED = "The user import job cannot be started. Current status is {status}"
_NOT_RUNNING = "The user import job cannot be stopped. Current status is {status}"


async def get_csv_header(call: Call, req: GetCSVHeaderRequest) -> GetCSVHeaderResponse:
    """Return the columns of a file for a pool; `cognito:password_hash` comes with a job's PasswordHashingAlgorithm."""
    pool = await require_pool(call, req.user_pool_id)
    return GetCSVHeaderResponse(user_pool_id=pool.pool_id, csv_header=list(columns(pool)))


async def create_user_import_job(call: Call, req: CreateUserImportJobRequest) -> CreateUserImportJobResponse:
    """Create a job and return it with the address for its file, good for a quarter of an hour.

    Raises ResourceNotFoundException, LimitExceededException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = ImportRow(
        job_id=f"import-{call.entropy.base36(16)}",
        name=req.job_name,
        role_arn=req.cloud_watch_logs_role_arn,
        algorithm=req.password_hashing_algorithm,
        status=CREATED,
        upload="",
        row_count=0,
        header=None,
        next_byte=0,
        next_row=1,
        imported=0,
        skipped=0,
        failed=0,
        message=None,
        version=1,
        created_at=call.now,
        start_before=call.now + JOB_LIFE,
        started_at=None,
        completed_at=None,
    )

    async def create(tx: Transaction) -> None:
        if await imports.count(tx, pool_id=pool.pool_id) >= JOBS_OF_A_POOL:
            raise LimitExceededException(_LIMIT)
        await imports.insert(tx, pool_id=pool.pool_id, row=row)
        job_id, pool_id = row.job_id, pool.pool_id
        await due.add(tx, job_id=job_id, kind=IMPORT, pool_id=pool_id, now=call.now, due_at=row.start_before)

    await call.db.write(create)
    url = upload_urls.make(call, pool.pool_id, row.job_id)
    return CreateUserImportJobResponse(user_import_job=_described(pool.pool_id, row, url))


async def describe_user_import_job(call: Call, req: DescribeUserImportJobRequest) -> DescribeUserImportJobResponse:
    """Return a job and its progress; before it starts, callers who may create jobs get a fresh address for its file.

    Raises ResourceNotFoundException.
    """
    row = await _require(call, req.user_pool_id, req.job_id)
    # UNVERIFIED: whether AWS answers an address of that moment; here whoever only reads gets none, or reading would be a
    # right to bring users in; a replica, which creates no jobs, shows none.
    shows = row.status == CREATED and not call.trace.replica_region
    shows = shows and await may_also(call, "cognito-idp:CreateUserImportJob")
    url = upload_urls.make(call, req.user_pool_id, row.job_id) if shows else None
    return DescribeUserImportJobResponse(user_import_job=_described(req.user_pool_id, row, url))


async def list_user_import_jobs(call: Call, req: ListUserImportJobsRequest) -> ListUserImportJobsResponse:
    """Return the jobs of a pool without addresses for their files, a page at a time, in the order of their ids."""
    pool = await require_pool(call, req.user_pool_id)
    listing = f"ListUserImportJobs {pool.pool_id}"
    wanted = PageRequest(call, listing, req.pagination_token, min(req.max_results, _LARGEST_PAGE))
    rows = await imports.page(call.db, pool_id=pool.pool_id, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.job_id)
    return ListUserImportJobsResponse(
        user_import_jobs=[_described(pool.pool_id, row) for row in page.items], pagination_token=page.token
    )


async def start_user_import_job(call: Call, req: StartUserImportJobRequest) -> StartUserImportJobResponse:
    """Start a job whose file has been uploaded.

    Raises ResourceNotFoundException, PreconditionNotMetException.
    """
    row = await _require(call, req.user_pool_id, req.job_id)

    async def start(tx: Transaction) -> bool:
        if not await imports.start(tx, pool_id=req.user_pool_id, job_id=row.job_id, now=call.now):
            return False
        await due.hasten(tx, shard=shard_of(row.job_id), job_id=row.job_id, due_at=call.now)
        return True

    if not await call.db.write(start):
        fresh = await _require(call, req.user_pool_id, req.job_id)
        waits = fresh.status == CREATED and not fresh.upload
        raise PreconditionNotMetException(_NO_FILE if waits else _NOT_CREATED.format(status=fresh.status))
    return StartUserImportJobResponse(
        user_import_job=_described(req.user_pool_id, await _require(call, req.user_pool_id, req.job_id))
    )


async def stop_user_import_job(call: Call, req: StopUserImportJobRequest) -> StopUserImportJobResponse:
    """Tell a running job to stop; the users that it has made stay.

    Raises ResourceNotFoundException, PreconditionNotMetException.
    """
    row = await _require(call, req.user_pool_id, req.job_id)

    async def stop(tx: Transaction) -> bool:
        if not await imports.stop(tx, pool_id=req.user_pool_id, job_id=row.job_id):
            return False
        await due.hasten(tx, shard=shard_of(row.job_id), job_id=row.job_id, due_at=call.now)
        return True

    if not await call.db.write(stop):
        fresh = await _require(call, req.user_pool_id, req.job_id)
        raise PreconditionNotMetException(_NOT_RUNNING.format(status=fresh.status))
    return StopUserImportJobResponse(
        user_import_job=_described(req.user_pool_id, await _require(call, req.user_pool_id, req.job_id))
    )


async def _require(call: Call, pool_id: str, job_id: str) -> ImportRow:
    pool = await require_pool(call, pool_id)
    row = await imports.find(call.db, pool_id=pool.pool_id, job_id=job_id)
    if row is None:
        raise ResourceNotFoundException(f"User import job {job_id} does not exist.")
    return replace(row, status=_status(call, row))


def _status(call: Call, row: ImportRow) -> str:
    """Return a job's status for answers: an expired job is Expired before the worker has handled it."""
    return EXPIRED if row.status == CREATED and row.start_before <= call.now else row.status


def _described(pool_id: str, row: ImportRow, url: str | None = None) -> UserImportJobType:
    return UserImportJobType(
        job_name=row.name,
        job_id=row.job_id,
        user_pool_id=pool_id,
        pre_signed_url=url,
        creation_date=seconds(row.created_at),
        start_date=None if row.started_at is None else seconds(row.started_at),
        completion_date=None if row.completed_at is None else seconds(row.completed_at),
        status=row.status,
        cloud_watch_logs_role_arn=row.role_arn,
        imported_users=row.imported,
        skipped_users=row.skipped,
        failed_users=row.failed,
        completion_message=row.message,
        password_hashing_algorithm=row.algorithm,
    )
