"""Can an application load our script in the place of AWS's? Unmodified libraries send what it makes, and it is believed."""

import time

from clients.serving import Server, new_client, new_pool, new_user, service
from clients.telling import Tell

PASSWORD = "Swim-in-2-pools"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
NAMES = ["ada", "ädä"]


def test_libraries_send_what_the_script_makes(server: Server, tell: Tell) -> None:
    """amazon-cognito-identity-js and Amplify: the time zone of the event is out of EncodedData whose signature held."""
    pool_id = new_pool(server, UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})
    for name in NAMES:
        new_user(server, pool_id, name, PASSWORD)
    client_id = new_client(server, pool_id)["ClientId"]
    tell(
        "context_data.mjs", server, poolId=pool_id, clientId=client_id, names=NAMES, password=PASSWORD, userAgent=AGENT
    )
    offset = time.localtime().tm_gmtoff // 60
    zone = f"{'-' if offset < 0 else ''}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    for name in NAMES:
        events = service(server).admin_list_user_auth_events(UserPoolId=pool_id, Username=name)["AuthEvents"]
        assert [event["EventContextData"].get("Timezone") for event in events] == [zone, zone], name
