/** Do the clients of identity pools work? The AWS SDK's fromCognitoIdentityPool, and Amplify's fetchAuthSession, as guest and as member. */

import assert from 'node:assert/strict';

import * as cognito from '@aws-sdk/client-cognito-identity-provider';
import { fromCognitoIdentity, fromCognitoIdentityPool, fromWebToken } from '@aws-sdk/credential-providers';
import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';

import { newStorage } from './amplify_client.mjs';
import { facts, refused, report } from './story.mjs';

const { endpoint, region, poolId, clientId, identityPoolId, username, password, roleArn, webIdentityToken } = facts;

async function bySdk() {
  const anybody = new cognito.CognitoIdentityProvider({ endpoint, region });
  const { AuthenticationResult: tokens } = await anybody.initiateAuth({
    ClientId: clientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: username, PASSWORD: password },
  });
  const login = `cognito-idp.${region}.amazonaws.com/${poolId}`;
  const clientConfig = { endpoint, region };
  const member = fromCognitoIdentityPool({ clientConfig, identityPoolId, logins: { [login]: tokens.IdToken } });
  const credentials = await member();
  assert.ok(credentials.expiration instanceof Date);

  // A client that is given the provider asks for credentials by itself, and signs with them.
  const client = new cognito.CognitoIdentityProvider({ endpoint, region, credentials: member });
  const { UserPool } = await client.describeUserPool({ UserPoolId: poolId });
  assert.equal(UserPool.Id, poolId);
  await refused(client.listUserPools({ MaxResults: 1 }), 'AccessDeniedException', /because no identity-based policy allows/);

  // Whoever holds the identity's id needs no pool, and whoever holds a token of the back end's no login.
  const { identityId } = credentials;
  const byId = await fromCognitoIdentity({ clientConfig, identityId, logins: { [login]: tokens.IdToken } })();
  assert.equal(byId.identityId, identityId);
  const byToken = await fromWebToken({ clientConfig, roleArn, webIdentityToken, roleSessionName: 'by-token' })();
  await assert.rejects(
    fromWebToken({ clientConfig, roleArn, webIdentityToken: tokens.AccessToken, roleSessionName: 'by-token' })(),
    { name: 'InvalidIdentityTokenException' },
  );

  const guest = await fromCognitoIdentityPool({ clientConfig, identityPoolId })();
  assert.notEqual(guest.identityId, credentials.identityId);
  return { member: credentials, byId, byToken, guest };
}

async function byAmplify() {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: poolId,
        userPoolClientId: clientId,
        userPoolEndpoint: endpoint,
        identityPoolId,
        identityPoolEndpoint: endpoint,
        allowGuestAccess: true,
      },
    },
  });
  const storage = newStorage();
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
  const guest = await auth.fetchAuthSession();
  assert.equal(guest.tokens, undefined);

  await auth.signIn({ username, password, options: { authFlowType: 'USER_SRP_AUTH' } });
  const member = await auth.fetchAuthSession();
  assert.equal(member.userSub, member.tokens.idToken.payload.sub);
  const again = await auth.fetchAuthSession({ forceRefresh: true });
  assert.equal(again.identityId, member.identityId);
  assert.notEqual(again.credentials.accessKeyId, member.credentials.accessKeyId);
  await auth.signOut();
  return { guest, member };
}

report({ sdk: await bySdk(), amplify: await byAmplify() });
