"""Does `poolkeeper doctor` look at identity providers? As an operator runs it, beside the rest."""

from pathlib import Path

from ports import free_ports
from server import program
from server.operating import KEY, client_of, new_pool
from server.program import place, serving


def test_the_doctor_names_a_provider_that_nobody_can_come_in_by(tmp_path: Path) -> None:
    """Exit code 1 with its address, as long as nothing is there; what is sound otherwise stays so."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pool_id, _ = new_pool(where)
        none = program.run(where, "doctor")
        details = {
            "client_id": "app",
            "client_secret": "a secret",
            "authorize_scopes": "openid",
            "oidc_issuer": f"https://127.0.0.1:{free_ports(1)[0]}",
            "attributes_request_method": "GET",
        }
        idp = client_of(where)
        idp.create_identity_provider(
            UserPoolId=pool_id, ProviderName="Corporate", ProviderType="OIDC", ProviderDetails=details
        )
        idp.create_user_pool_client(
            UserPoolId=pool_id, ClientName="app", SupportedIdentityProviders=["COGNITO", "Corporate"]
        )
    ill = program.run(where, "doctor")
    idp_metadata = details["oidc_issuer"] + "/.well-known/openid-configuration"

    assert (none.returncode, "identity provider" in none.stdout) == (0, False)
    told = [line for line in ill.stdout.splitlines() if line.startswith("BAD")]
    assert (ill.returncode, len(told)) == (1, 1), ill.stdout
    assert told[0].startswith(f"BAD  nobody comes in by the identity provider Corporate of {pool_id}: {idp_metadata}: ")
