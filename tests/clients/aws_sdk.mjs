/** Does the AWS SDK for JavaScript work? Self-service without keys, administration with SigV4, pages, error classes. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import * as cognito from '@aws-sdk/client-cognito-identity-provider';

import { codeFor, facts, refused, report } from './story.mjs';

const { endpoint, region, poolId, clientId, secretClientId, clientSecret } = facts;
const credentials = { accessKeyId: facts.accessKeyId, secretAccessKey: facts.secretAccessKey };
const admin = new cognito.CognitoIdentityProvider({ endpoint, region, credentials });
const anybody = new cognito.CognitoIdentityProvider({ endpoint, region });

const email = 'ada@example.com';
const password = 'Correct-Horse-1';

const signUp = (Username, Password = password) =>
  anybody.signUp({ ClientId: clientId, Username, Password, UserAttributes: [{ Name: 'email', Value: email }] });
const signIn = (USERNAME, PASSWORD) =>
  anybody.initiateAuth({
    ClientId: clientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME, PASSWORD },
  });
const refresh = (RefreshToken) => anybody.getTokensFromRefreshToken({ ClientId: clientId, RefreshToken });

async function signUpStory() {
  const created = await signUp('ada');
  assert.equal(created.UserConfirmed, false);
  assert.match(created.UserSub, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(created.CodeDeliveryDetails, {
    AttributeName: 'email',
    DeliveryMedium: 'EMAIL',
    Destination: 'a***@e***',
  });

  const duplicate = await refused(signUp('ada'), 'UsernameExistsException', 'User already exists');
  assert.ok(duplicate instanceof cognito.UsernameExistsException);
  assert.ok(duplicate instanceof cognito.CognitoIdentityProviderServiceException);
  assert.equal(duplicate.$fault, 'client');
  assert.equal(duplicate.$metadata.httpStatusCode, 400);
  assert.match(duplicate.$metadata.requestId, /^[0-9a-f-]{36}$/);
  const weak = await refused(
    signUp('weak', 'short'),
    'InvalidPasswordException',
    'Password did not conform with policy: Password not long enough',
  );
  assert.ok(weak instanceof cognito.InvalidPasswordException);
  await refused(signIn('ada', password), 'UserNotConfirmedException', 'User is not confirmed.');

  const code = await codeFor({ to: email, kind: 'SignUp' });
  const wrong = code === '000000' ? '000001' : '000000';
  const confirm = (ConfirmationCode) => anybody.confirmSignUp({ ClientId: clientId, Username: 'ada', ConfirmationCode });
  const mismatch = await refused(
    confirm(wrong),
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
  );
  assert.ok(mismatch instanceof cognito.CodeMismatchException);
  await confirm(code);
  await refused(confirm(code), 'NotAuthorizedException', 'User cannot be confirmed. Current status is CONFIRMED');
  return created.UserSub;
}

async function selfServiceStory() {
  await refused(signIn('ada', 'Wrong-Horse-1'), 'NotAuthorizedException', 'Incorrect username or password.');
  const { AuthenticationResult: tokens } = await signIn('ada', password);
  assert.equal(tokens.TokenType, 'Bearer');
  assert.equal(tokens.ExpiresIn, 3600);
  const { AccessToken } = tokens;

  await anybody.updateUserAttributes({
    AccessToken,
    UserAttributes: [
      { Name: 'nickname', Value: 'Countess' },
      { Name: 'custom:plan', Value: 'gold' },
    ],
  });
  const { Username, UserAttributes } = await anybody.getUser({ AccessToken });
  const attributes = Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
  assert.equal(Username, 'ada');
  assert.deepEqual(
    [attributes.email, attributes.email_verified, attributes.nickname, attributes['custom:plan']],
    [email, 'true', 'Countess', 'gold'],
  );

  const { AuthenticationResult: refreshed } = await refresh(tokens.RefreshToken);
  assert.notEqual(refreshed.AccessToken, AccessToken);
  assert.equal(refreshed.RefreshToken, undefined);

  await anybody.changePassword({ AccessToken, PreviousPassword: password, ProposedPassword: 'Battery-Staple-2' });
  await anybody.revokeToken({ ClientId: clientId, Token: tokens.RefreshToken });
  await refused(anybody.getUser({ AccessToken }), 'NotAuthorizedException', 'Access Token has been revoked');
  await refused(refresh(tokens.RefreshToken), 'NotAuthorizedException', 'Refresh Token has been revoked');
  return { tokens, refreshed };
}

async function recoveryStory() {
  const { CodeDeliveryDetails } = await anybody.forgotPassword({ ClientId: clientId, Username: 'ada' });
  assert.equal(CodeDeliveryDetails.Destination, 'a***@e***');

  await anybody.confirmForgotPassword({
    ClientId: clientId,
    Username: 'ada',
    ConfirmationCode: await codeFor({ to: email, kind: 'ForgotPassword' }),
    Password: 'Remembered-Now-3',
  });
  await refused(signIn('ada', 'Battery-Staple-2'), 'NotAuthorizedException', 'Incorrect username or password.');
  return (await signIn('ada', 'Remembered-Now-3')).AuthenticationResult;
}

async function secretStory() {
  const AuthParameters = { USERNAME: 'ada', PASSWORD: 'Remembered-Now-3' };
  const ask = (parameters) =>
    anybody.initiateAuth({ ClientId: secretClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: parameters });
  await refused(
    ask(AuthParameters),
    'NotAuthorizedException',
    `Client ${secretClientId} is configured with secret but SECRET_HASH was not received`,
  );
  await refused(
    ask({ ...AuthParameters, SECRET_HASH: Buffer.alloc(32).toString('base64') }),
    'NotAuthorizedException',
    `Unable to verify secret hash for client ${secretClientId}`,
  );

  const SECRET_HASH = createHmac('sha256', clientSecret).update(`ada${secretClientId}`).digest('base64');
  return (await ask({ ...AuthParameters, SECRET_HASH })).AuthenticationResult;
}

async function administrationStory() {
  const user = { UserPoolId: poolId, Username: 'grace' };
  const { User } = await admin.adminCreateUser({
    ...user,
    TemporaryPassword: 'Temporary-Pass-1',
    MessageAction: 'SUPPRESS',
    UserAttributes: [
      { Name: 'email', Value: 'grace@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ],
  });
  assert.equal(User.UserStatus, 'FORCE_CHANGE_PASSWORD');
  assert.ok(User.UserCreateDate instanceof Date);
  assert.ok(Math.abs(User.UserCreateDate - Date.now()) < 3_600_000, 'a date in seconds, not milliseconds');

  const challenge = await admin.adminInitiateAuth({
    UserPoolId: poolId,
    ClientId: clientId,
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: 'grace', PASSWORD: 'Temporary-Pass-1' },
  });
  assert.equal(challenge.ChallengeName, 'NEW_PASSWORD_REQUIRED');
  const { AuthenticationResult: tokens } = await admin.adminRespondToAuthChallenge({
    UserPoolId: poolId,
    ClientId: clientId,
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: challenge.Session,
    ChallengeResponses: { USERNAME: 'grace', NEW_PASSWORD: 'Permanent-Pass-1' },
  });

  await admin.adminUpdateUserAttributes({ ...user, UserAttributes: [{ Name: 'nickname', Value: 'Admiral' }] });
  const described = await admin.adminGetUser(user);
  assert.equal(described.Enabled, true);
  assert.equal(described.UserStatus, 'CONFIRMED');
  assert.ok(described.UserAttributes.some(({ Name, Value }) => Name === 'nickname' && Value === 'Admiral'));

  await admin.adminDisableUser(user);
  await refused(signIn('grace', 'Permanent-Pass-1'), 'NotAuthorizedException', 'User is disabled.');
  await refused(refresh(tokens.RefreshToken), 'NotAuthorizedException', /./);
  await admin.adminEnableUser(user);
  await admin.adminSetUserPassword({ ...user, Password: 'Set-By-Admin-1', Permanent: true });
  const again = (await signIn('grace', 'Set-By-Admin-1')).AuthenticationResult;
  await admin.adminUserGlobalSignOut(user);
  await refused(
    anybody.getUser({ AccessToken: again.AccessToken }),
    'NotAuthorizedException',
    'Access Token has been revoked',
  );
  return tokens;
}

async function listStory() {
  const names = [];
  const pools = [];
  let pages = 0;
  for await (const page of cognito.paginateListUsers({ client: admin, pageSize: 1 }, { UserPoolId: poolId })) {
    names.push(...page.Users.map(({ Username }) => Username));
    pages += 1;
  }
  for await (const page of cognito.paginateListUserPools({ client: admin, pageSize: 5 }, { MaxResults: 5 })) {
    pools.push(...page.UserPools.map(({ Id }) => Id));
  }

  assert.deepEqual(names.sort(), ['ada', 'grace']);
  assert.ok(pages >= 2);
  assert.ok(pools.includes(poolId));
  assert.equal(new Set(pools).size, pools.length);
  const { Users } = await admin.listUsers({ UserPoolId: poolId, Filter: 'email ^= "gra"' });
  assert.deepEqual(Users.map(({ Username }) => Username), ['grace']);

  await admin.adminDeleteUser({ UserPoolId: poolId, Username: 'grace' });
  const gone = await refused(
    admin.adminGetUser({ UserPoolId: poolId, Username: 'grace' }),
    'UserNotFoundException',
    'User does not exist.',
  );
  assert.ok(gone instanceof cognito.UserNotFoundException);
}

async function strangersStory() {
  const withKeys = (accessKeyId, secretAccessKey) =>
    new cognito.CognitoIdentityProvider({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const describe = (client) => client.describeUserPool({ UserPoolId: poolId });

  await refused(describe(withKeys(credentials.accessKeyId, 'not-the-secret')), 'InvalidSignatureException', /./);
  await refused(
    describe(withKeys('AKIAUNKNOWNUNKNOWN00', 'whatever')),
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  );
  const missing = await refused(
    admin.describeUserPool({ UserPoolId: `${region}_AAAAAAAAA` }),
    'ResourceNotFoundException',
    `User pool ${region}_AAAAAAAAA does not exist.`,
  );
  assert.ok(missing instanceof cognito.ResourceNotFoundException);
  const invalid = await refused(
    admin.listUserPools({ MaxResults: 0 }),
    'InvalidParameterException',
    "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: "
      + 'Member must have value greater than or equal to 1',
  );
  assert.ok(invalid instanceof cognito.InvalidParameterException);
}

const sub = await signUpStory();
const { tokens, refreshed } = await selfServiceStory();
const recovered = await recoveryStory();
const confidential = await secretStory();
const administered = await administrationStory();
await listStory();
await strangersStory();
report({ sub, tokens, refreshed, recovered, confidential, administered });
