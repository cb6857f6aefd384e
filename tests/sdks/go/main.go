// Does the AWS SDK for Go work? A pool and its people, a sign-in, errors by their types, pages, and credentials.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	identities "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	identitytypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	pools "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const password = "Correct-Horse-1"

// must returns an answer, and ends the story where there is none.
func must[T any](answer T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}

func expect(is bool, format string, values ...any) {
	if !is {
		log.Fatalf(format, values...)
	}
}

// story is a pool of five people, and who speaks to it.
type story struct {
	ctx              context.Context
	idp              *pools.Client
	identity         *identities.Client
	region           string
	poolID, clientID *string
}

// begin finds the server, the region and the keys as every program does: in the environment.
func begin() *story {
	ctx := context.Background()
	settings := must(config.LoadDefaultConfig(ctx))
	s := &story{ctx: ctx, region: settings.Region}
	s.idp, s.identity = pools.NewFromConfig(settings), identities.NewFromConfig(settings)

	pool := must(s.idp.CreateUserPool(ctx, &pools.CreateUserPoolInput{PoolName: aws.String("go")})).UserPool
	client := must(s.idp.CreateUserPoolClient(ctx, &pools.CreateUserPoolClientInput{
		UserPoolId: pool.Id,
		ClientName: aws.String("go"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowUserPasswordAuth,
			types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
	})).UserPoolClient
	s.poolID, s.clientID = pool.Id, client.ClientId
	for _, name := range []string{"ada", "eve", "ida", "una", "zoe"} {
		user := must(s.idp.AdminCreateUser(ctx, &pools.AdminCreateUserInput{
			UserPoolId:     s.poolID,
			Username:       &name,
			MessageAction:  types.MessageActionTypeSuppress,
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(name + "@example.com")}},
		})).User
		expect(time.Since(*user.UserCreateDate).Abs() < time.Minute, "%v is not now", user.UserCreateDate)
	}
	must(s.idp.AdminSetUserPassword(ctx, &pools.AdminSetUserPasswordInput{
		UserPoolId: s.poolID, Username: aws.String("ada"), Password: aws.String(password), Permanent: true,
	}))
	return s
}

// signIn signs in, asks who one is, and refreshes; it returns both answers.
func (s *story) signIn() (tokens, newer *types.AuthenticationResultType) {
	tokens = must(s.initiate(types.AuthFlowTypeUserPasswordAuth, map[string]string{
		"USERNAME": "ada", "PASSWORD": password,
	})).AuthenticationResult
	user := must(s.idp.GetUser(s.ctx, &pools.GetUserInput{AccessToken: tokens.AccessToken}))
	email := slices.IndexFunc(user.UserAttributes, func(one types.AttributeType) bool { return *one.Name == "email" })
	expect(*user.Username == "ada" && *user.UserAttributes[email].Value == "ada@example.com", "GetUser told of %v", user)

	newer = must(s.initiate(types.AuthFlowTypeRefreshTokenAuth, map[string]string{
		"REFRESH_TOKEN": *tokens.RefreshToken,
	})).AuthenticationResult
	return tokens, newer
}

func (s *story) initiate(flow types.AuthFlowType, given map[string]string) (*pools.InitiateAuthOutput, error) {
	return s.idp.InitiateAuth(s.ctx, &pools.InitiateAuthInput{ClientId: s.clientID, AuthFlow: flow, AuthParameters: given})
}

// beRefused is refused in four ways, each by the SDK's own type.
func (s *story) beRefused() {
	_, err := s.initiate(types.AuthFlowTypeUserPasswordAuth, map[string]string{
		"USERNAME": "ada", "PASSWORD": "Wrong-Horse-1",
	})
	var notAuthorized *types.NotAuthorizedException
	expect(errors.As(err, &notAuthorized), "a wrong password: %v", err)
	expect(*notAuthorized.Message == "Incorrect username or password.", "a wrong password: %s", *notAuthorized.Message)

	_, err = s.idp.AdminGetUser(s.ctx, &pools.AdminGetUserInput{UserPoolId: s.poolID, Username: aws.String("nobody")})
	var notFound *types.UserNotFoundException
	expect(errors.As(err, &notFound), "nobody: %v", err)

	_, err = s.idp.SignUp(s.ctx, &pools.SignUpInput{
		ClientId: s.clientID, Username: aws.String("ada"), Password: aws.String(password),
	})
	var exists *types.UsernameExistsException
	expect(errors.As(err, &exists), "ada again: %v", err)

	_, err = s.idp.ListUsers(s.ctx, &pools.ListUsersInput{UserPoolId: s.poolID, Filter: aws.String(`colour = "red"`)})
	var invalid *types.InvalidParameterException
	expect(errors.As(err, &invalid), "a filter that is none: %v", err)
}

// list lists everybody by the SDK's own paginator, two on a page.
func (s *story) list() (names []string, pages int) {
	walk := pools.NewListUsersPaginator(s.idp, &pools.ListUsersInput{UserPoolId: s.poolID, Limit: aws.Int32(2)})
	for ; walk.HasMorePages(); pages++ {
		for _, user := range must(walk.NextPage(s.ctx)).Users {
			names = append(names, *user.Username)
		}
	}
	slices.Sort(names)
	return names, pages
}

// credentials come by an ID token.
func (s *story) credentials(idToken string) (identityID string, keys *identitytypes.Credentials) {
	provider := fmt.Sprintf("cognito-idp.%s.amazonaws.com/%s", s.region, *s.poolID)
	made := must(s.identity.CreateIdentityPool(s.ctx, &identities.CreateIdentityPoolInput{
		IdentityPoolName: aws.String("go"),
		CognitoIdentityProviders: []identitytypes.CognitoIdentityProvider{
			{ProviderName: &provider, ClientId: s.clientID},
		},
	}))
	must(s.identity.SetIdentityPoolRoles(s.ctx, &identities.SetIdentityPoolRolesInput{
		IdentityPoolId: made.IdentityPoolId,
		Roles:          map[string]string{"authenticated": os.Getenv("STORY_ROLE_ARN")},
	}))
	logins := map[string]string{provider: idToken}
	found := must(s.identity.GetId(s.ctx, &identities.GetIdInput{IdentityPoolId: made.IdentityPoolId, Logins: logins}))
	got := must(s.identity.GetCredentialsForIdentity(s.ctx, &identities.GetCredentialsForIdentityInput{
		IdentityId: found.IdentityId, Logins: logins,
	}))
	return *found.IdentityId, got.Credentials
}

func main() {
	s := begin()
	tokens, newer := s.signIn()
	s.beRefused()
	names, pages := s.list()
	identityID, keys := s.credentials(*tokens.IdToken)

	for _, one := range [][2]string{
		{"pool_id", *s.poolID},
		{"client_id", *s.clientID},
		{"access_token", *tokens.AccessToken},
		{"id_token", *tokens.IdToken},
		{"newer_access_token", *newer.AccessToken},
		{"names", strings.Join(names, " ")},
		{"pages", fmt.Sprint(pages)},
		{"identity_id", identityID},
		{"access_key_id", *keys.AccessKeyId},
		{"secret_key", *keys.SecretKey},
		{"session_token", *keys.SessionToken},
	} {
		fmt.Printf("%s=%s\n", one[0], one[1])
	}
}
