/* Does the AWS SDK for Java work? A pool and its people, a sign-in, errors by their types, pages, and credentials. */

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import software.amazon.awssdk.services.cognitoidentity.CognitoIdentityClient;
import software.amazon.awssdk.services.cognitoidentity.model.Credentials;
import software.amazon.awssdk.services.cognitoidentityprovider.CognitoIdentityProviderClient;
import software.amazon.awssdk.services.cognitoidentityprovider.model.*;

class Story {
    static final String PASSWORD = "Correct-Horse-1";
    static final List<String> NAMES = List.of("ada", "eve", "ida", "una", "zoe");

    // The server, the region and the keys are found as every program finds them: in the environment.
    final CognitoIdentityProviderClient idp = CognitoIdentityProviderClient.create();
    final CognitoIdentityClient identity = CognitoIdentityClient.create();
    final String poolId, clientId;

    Story() {
        poolId = idp.createUserPool(pool -> pool.poolName("java")).userPool().id();
        clientId = idp.createUserPoolClient(client -> client
                .userPoolId(poolId)
                .clientName("java")
                .explicitAuthFlows(
                        ExplicitAuthFlowsType.ALLOW_USER_PASSWORD_AUTH, ExplicitAuthFlowsType.ALLOW_REFRESH_TOKEN_AUTH))
                .userPoolClient().clientId();
        for (String name : NAMES) {
            UserType user = idp.adminCreateUser(asked -> asked
                    .userPoolId(poolId)
                    .username(name)
                    .messageAction(MessageActionType.SUPPRESS)
                    .userAttributes(email -> email.name("email").value(name + "@example.com"))).user();
            Duration age = Duration.between(user.userCreateDate(), Instant.now()).abs();
            expect(age.toSeconds() < 60, "made at " + user.userCreateDate());
        }
        idp.adminSetUserPassword(
                asked -> asked.userPoolId(poolId).username("ada").password(PASSWORD).permanent(true));
    }

    static void expect(boolean is, String otherwise) {
        if (!is) throw new AssertionError(otherwise);
    }

    /** Return the refusal of a call, which must be of the SDK's own type. */
    static <E extends CognitoIdentityProviderException> E refused(Class<E> type, Supplier<?> call) {
        Object answer;
        try {
            answer = call.get();
        } catch (CognitoIdentityProviderException fault) {
            expect(type.isInstance(fault), type.getSimpleName() + " was expected: " + fault);
            return type.cast(fault);
        }
        throw new AssertionError(type.getSimpleName() + " was expected: " + answer);
    }

    AuthenticationResultType initiate(AuthFlowType flow, Map<String, String> given) {
        return idp.initiateAuth(asked -> asked.clientId(clientId).authFlow(flow).authParameters(given))
                .authenticationResult();
    }

    AuthenticationResultType signIn(String password) {
        return initiate(AuthFlowType.USER_PASSWORD_AUTH, Map.of("USERNAME", "ada", "PASSWORD", password));
    }

    void knowOneself(String accessToken) {
        GetUserResponse user = idp.getUser(asked -> asked.accessToken(accessToken));
        Stream<String> emails =
                user.userAttributes().stream().filter(one -> one.name().equals("email")).map(AttributeType::value);
        expect(user.username().equals("ada"), user.username());
        expect(emails.toList().equals(List.of("ada@example.com")), "" + user);
    }

    void beRefused() {
        var wrong = refused(NotAuthorizedException.class, () -> signIn("Wrong-Horse-1"));
        expect(wrong.awsErrorDetails().errorMessage().equals("Incorrect username or password."), "" + wrong);
        expect(wrong.statusCode() == 400, "" + wrong.statusCode());
        refused(UserNotFoundException.class,
                () -> idp.adminGetUser(asked -> asked.userPoolId(poolId).username("nobody")));
        refused(UsernameExistsException.class,
                () -> idp.signUp(asked -> asked.clientId(clientId).username("ada").password(PASSWORD)));
        refused(InvalidParameterException.class,
                () -> idp.listUsers(asked -> asked.userPoolId(poolId).filter("colour = \"red\"")));
    }

    /** Come to credentials by an ID token; return them with the identity's id. */
    Map.Entry<String, Credentials> credentials(String idToken) {
        String provider = "cognito-idp.%s.amazonaws.com/%s".formatted(System.getenv("AWS_REGION"), poolId);
        String identityPoolId = identity.createIdentityPool(asked -> asked
                .identityPoolName("java")
                .allowUnauthenticatedIdentities(false)
                .cognitoIdentityProviders(trusted -> trusted.providerName(provider).clientId(clientId)))
                .identityPoolId();
        identity.setIdentityPoolRoles(asked -> asked
                .identityPoolId(identityPoolId)
                .roles(Map.of("authenticated", System.getenv("STORY_ROLE_ARN"))));
        Map<String, String> logins = Map.of(provider, idToken);
        String id = identity.getId(asked -> asked.identityPoolId(identityPoolId).logins(logins)).identityId();
        return Map.entry(
                id, identity.getCredentialsForIdentity(asked -> asked.identityId(id).logins(logins)).credentials());
    }

    public static void main(String[] nothing) {
        Story story = new Story();
        var tokens = story.signIn(PASSWORD);
        story.knowOneself(tokens.accessToken());
        var newer = story.initiate(
                AuthFlowType.REFRESH_TOKEN_AUTH, Map.of("REFRESH_TOKEN", tokens.refreshToken()));
        story.beRefused();
        var pages = story.idp.listUsersPaginator(asked -> asked.userPoolId(story.poolId).limit(2));
        var names = pages.users().stream().map(UserType::username).sorted().toList();
        var found = story.credentials(tokens.idToken());

        System.out.println("pool_id=" + story.poolId);
        System.out.println("client_id=" + story.clientId);
        System.out.println("access_token=" + tokens.accessToken());
        System.out.println("id_token=" + tokens.idToken());
        System.out.println("newer_access_token=" + newer.accessToken());
        System.out.println("names=" + String.join(" ", names));
        System.out.println("pages=" + pages.stream().count());
        System.out.println("identity_id=" + found.getKey());
        System.out.println("access_key_id=" + found.getValue().accessKeyId());
        System.out.println("secret_key=" + found.getValue().secretKey());
        System.out.println("session_token=" + found.getValue().sessionToken());
    }
}
