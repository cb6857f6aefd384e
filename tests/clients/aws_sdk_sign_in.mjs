/** Does the AWS SDK for JavaScript know every way in? Second factors, choice, devices, passkeys, challenges, sessions. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import * as cognito from '@aws-sdk/client-cognito-identity-provider';

import { newAuthenticator } from './authenticator.mjs';
import { assertRevoked, codeFor, facts, refused, report, totp, wrong } from './story.mjs';

const { endpoint, region, password, mfa, required, choice, devices, riddle, nowhere } = facts;
const credentials = { accessKeyId: facts.accessKeyId, secretAccessKey: facts.secretAccessKey };
const admin = new cognito.CognitoIdentityProvider({ endpoint, region, credentials });
const anybody = new cognito.CognitoIdentityProvider({ endpoint, region });

/** Check that a promise is refused with the SDK's own class of this name, and exactly or (a pattern) like this sentence. */
async function refusedAs(promise, name, message) {
  const error = await refused(promise, name, message);
  assert.ok(error instanceof cognito[name], `${name} is not the class of the SDK`);
}

const begin = ({ clientId }, AuthFlow, AuthParameters, more) =>
  anybody.initiateAuth({ ClientId: clientId, AuthFlow, AuthParameters, ...more });
const respond = ({ clientId }, { ChallengeName, Session }, ChallengeResponses) =>
  anybody.respondToAuthChallenge({ ClientId: clientId, ChallengeName, Session, ChallengeResponses });
const byPassword = (pool, USERNAME) => begin(pool, 'USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password });

/** Sign in with nothing but the password, and return the tokens. */
const tokensOf = async (pool, username) => (await byPassword(pool, username)).AuthenticationResult;

async function settingsStory() {
  const UserPoolId = mfa.poolId;
  const set = await admin.getUserPoolMfaConfig({ UserPoolId });
  assert.equal(set.MfaConfiguration, 'OPTIONAL');
  assert.deepEqual(set.SoftwareTokenMfaConfiguration, { Enabled: true });

  const { $metadata, ...settings } = set;
  const again = await admin.setUserPoolMfaConfig({ UserPoolId, ...settings });
  assert.deepEqual({ ...again, $metadata }, set);
  await refusedAs(
    admin.setUserPoolMfaConfig({ UserPoolId, ...settings, MfaConfiguration: 'OFF' }),
    'InvalidParameterException',
    "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
  );
}

async function appStory() {
  const { AccessToken } = await tokensOf(mfa, 'tim');
  const { SecretCode } = await anybody.associateSoftwareToken({ AccessToken });
  const code = totp(SecretCode);
  const verify = (UserCode) => anybody.verifySoftwareToken({ AccessToken, UserCode, FriendlyDeviceName: 'phone' });
  await refusedAs(verify(wrong(code)), 'EnableSoftwareTokenMFAException', /./);
  assert.equal((await verify(code)).Status, 'SUCCESS');
  await anybody.setUserMFAPreference({
    AccessToken,
    SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
    EmailMfaSettings: { Enabled: true, PreferredMfa: false },
  });
  const factors = await anybody.getUserAuthFactors({ AccessToken });
  assert.equal(factors.PreferredMfaSetting, 'SOFTWARE_TOKEN_MFA');
  assert.deepEqual(factors.UserMFASettingList, ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP']);
  assert.deepEqual(factors.ConfiguredUserAuthFactors, ['PASSWORD']);

  const asked = await byPassword(mfa, 'tim');
  assert.equal(asked.ChallengeName, 'SOFTWARE_TOKEN_MFA');
  const answer = (value) => respond(mfa, asked, { USERNAME: 'tim', SOFTWARE_TOKEN_MFA_CODE: value });
  await refusedAs(answer(wrong(code)), 'CodeMismatchException', 'Invalid code received for user');
  await refusedAs(answer(code), 'ExpiredCodeException', 'Your software token has already been used once.');
  return (await answer(totp(SecretCode, { later: 1 }))).AuthenticationResult;
}

async function messageStory() {
  const user = { UserPoolId: mfa.poolId, Username: 'tess' };
  const { AccessToken } = await tokensOf(mfa, 'tess');
  const sms = { DeliveryMedium: 'SMS', AttributeName: 'phone_number' };
  await anybody.setUserSettings({ AccessToken, MFAOptions: [sms] });
  assert.deepEqual((await anybody.getUser({ AccessToken })).MFAOptions, [sms]);
  await admin.adminSetUserSettings({ ...user, MFAOptions: [] });
  assert.equal((await admin.adminGetUserAuthFactors(user)).UserMFASettingList, undefined);
  await admin.adminSetUserMFAPreference({
    ...user,
    SMSMfaSettings: { Enabled: true, PreferredMfa: false },
    EmailMfaSettings: { Enabled: true, PreferredMfa: false },
  });
  assert.deepEqual((await admin.adminGetUserAuthFactors(user)).UserMFASettingList, ['SMS_MFA', 'EMAIL_OTP']);

  const choose = await byPassword(mfa, 'tess');
  assert.deepEqual(JSON.parse(choose.ChallengeParameters.MFAS_CAN_CHOOSE), ['SMS_MFA', 'EMAIL_OTP']);
  const mailed = await respond(mfa, choose, { USERNAME: 'tess', ANSWER: 'EMAIL_OTP' });
  assert.equal(mailed.ChallengeParameters.CODE_DELIVERY_DESTINATION, 't***@e***');
  const code = await codeFor({ to: 'tess@example.com', kind: 'Authentication', poolId: mfa.poolId });
  await refusedAs(
    respond(mfa, mailed, { USERNAME: 'tess', EMAIL_OTP_CODE: wrong(code) }),
    'CodeMismatchException',
    'Invalid code or auth state for the user.',
  );
  const answer = () => respond(mfa, mailed, { USERNAME: 'tess', EMAIL_OTP_CODE: code });
  const { AuthenticationResult: tokens } = await answer();
  await refusedAs(
    answer(),
    'NotAuthorizedException',
    'Invalid session for the user, session can only be used once.',
  );
  return tokens;
}

async function requiredStory() {
  const asked = await byPassword(required, 'rita');
  assert.equal(asked.ChallengeName, 'MFA_SETUP');
  const { SecretCode, Session } = await anybody.associateSoftwareToken({ Session: asked.Session });
  const verified = await anybody.verifySoftwareToken({ Session, UserCode: totp(SecretCode) });
  const step = { ChallengeName: 'MFA_SETUP', Session: verified.Session };
  return (await respond(required, step, { USERNAME: 'rita' })).AuthenticationResult;
}

async function choiceStory() {
  const asked = await begin(choice, 'USER_AUTH', { USERNAME: 'carl' });
  assert.equal(asked.ChallengeName, 'SELECT_CHALLENGE');
  assert.deepEqual(asked.AvailableChallenges, ['EMAIL_OTP', 'PASSWORD', 'PASSWORD_SRP']);
  const { AuthenticationResult: tokens } = await respond(choice, asked, {
    USERNAME: 'carl',
    ANSWER: 'PASSWORD',
    PASSWORD: password,
  });
  await refusedAs(
    anybody.associateSoftwareToken({ AccessToken: tokens.AccessToken }),
    'SoftwareTokenMFANotFoundException',
    'Software Token MFA has not been enabled by the userPool',
  );
  return tokens;
}

/** Sign up without a password: the Session of SignUp, with the code, gives one that signs in. */
async function passwordlessStory() {
  const user = { ClientId: choice.clientId, Username: 'nora' };
  const to = 'nora@example.com';
  const { Session, UserSub } = await anybody.signUp({ ...user, UserAttributes: [{ Name: 'email', Value: to }] });
  const ConfirmationCode = await codeFor({ to, kind: 'SignUp', poolId: choice.poolId });
  const confirmed = await anybody.confirmSignUp({ ...user, ConfirmationCode, Session });
  const { AuthenticationResult: tokens } = await begin(choice, 'USER_AUTH', { USERNAME: 'nora' }, {
    Session: confirmed.Session,
  });
  return { sub: UserSub, tokens };
}

async function passkeyStory({ AccessToken }) {
  const authenticator = newAuthenticator();
  const { CredentialCreationOptions: options } = await anybody.startWebAuthnRegistration({ AccessToken });
  assert.equal(options.rp.id, 'localhost');
  const complete = (Credential) => anybody.completeWebAuthnRegistration({ AccessToken, Credential });
  const elsewhere = newAuthenticator({ origin: 'https://elsewhere.example' });
  await refusedAs(complete(elsewhere.create(options)), 'WebAuthnOriginNotAllowedException', /./);
  await complete(authenticator.create(options));
  await refusedAs(complete(authenticator.create(options)), 'WebAuthnChallengeNotFoundException', /./);

  const { Credentials: [kept] } = await anybody.listWebAuthnCredentials({ AccessToken });
  assert.deepEqual([kept.CredentialId, kept.RelyingPartyId], [authenticator.id, 'localhost']);
  assert.ok(kept.CreatedAt instanceof Date);
  const asked = await begin(choice, 'USER_AUTH', { USERNAME: 'carl', PREFERRED_CHALLENGE: 'WEB_AUTHN' });
  assert.equal(asked.ChallengeName, 'WEB_AUTHN');
  const request = JSON.parse(asked.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS);
  const CREDENTIAL = JSON.stringify(authenticator.get(request));
  const { AuthenticationResult: tokens } = await respond(choice, asked, { USERNAME: 'carl', CREDENTIAL });

  const remove = () => anybody.deleteWebAuthnCredential({ AccessToken, CredentialId: authenticator.id });
  await remove();
  await refusedAs(remove(), 'ResourceNotFoundException', /./);
  return tokens;
}

async function deviceStory() {
  const { AccessToken, NewDeviceMetadata: { DeviceKey } } = await tokensOf(devices, 'dora');
  const user = { UserPoolId: devices.poolId, Username: 'dora' };
  const DeviceSecretVerifierConfig = {
    Salt: randomBytes(16).toString('base64'),
    PasswordVerifier: Buffer.concat([Buffer.alloc(1), randomBytes(383)]).toString('base64'),
  };
  const confirm = () =>
    anybody.confirmDevice({ AccessToken, DeviceKey, DeviceName: 'laptop', DeviceSecretVerifierConfig });
  assert.equal((await confirm()).UserConfirmationNecessary, true);
  await refusedAs(confirm(), 'DeviceKeyExistsException', /./);

  assert.deepEqual((await anybody.listDevices({ AccessToken })).Devices, []);
  await anybody.updateDeviceStatus({ AccessToken, DeviceKey, DeviceRememberedStatus: 'remembered' });
  const { Devices: [{ DeviceKey: listed }] } = await anybody.listDevices({ AccessToken, Limit: 1 });
  assert.equal(listed, DeviceKey);
  const { Device } = await anybody.getDevice({ AccessToken, DeviceKey });
  assert.ok(Device.DeviceCreateDate instanceof Date);
  assert.ok(Math.abs(Device.DeviceCreateDate - Date.now()) < 3_600_000, 'a date in seconds, not milliseconds');
  assert.ok(Device.DeviceAttributes.some(({ Name, Value }) => Name === 'device_name' && Value === 'laptop'));

  assert.equal((await admin.adminListDevices(user)).Devices.length, 1);
  await admin.adminUpdateDeviceStatus({ ...user, DeviceKey, DeviceRememberedStatus: 'not_remembered' });
  assert.equal((await admin.adminGetDevice({ ...user, DeviceKey })).Device.DeviceKey, DeviceKey);
  await refusedAs(anybody.getDevice({ AccessToken, DeviceKey }), 'ResourceNotFoundException', 'Device does not exist.');
  await admin.adminForgetDevice({ ...user, DeviceKey });
  await refusedAs(
    anybody.forgetDevice({ AccessToken, DeviceKey }),
    'ResourceNotFoundException',
    'Device does not exist.',
  );
}

async function untrackedDeviceStory({ AccessToken }) {
  await refusedAs(anybody.listDevices({ AccessToken }), 'InvalidUserPoolConfigurationException', /./);
}

async function challengeStory() {
  const asked = await begin(riddle, 'CUSTOM_AUTH', { USERNAME: 'ruth' });
  assert.deepEqual(asked.ChallengeParameters, { USERNAME: 'ruth', riddle: 'red or blue?' });
  const next = await respond(riddle, asked, { USERNAME: 'ruth', ANSWER: 'red' });
  assert.deepEqual(next.ChallengeParameters, { USERNAME: 'ruth', riddle: 'cat or dog?' });
  await refusedAs(
    respond(riddle, asked, { USERNAME: 'ruth', ANSWER: 'blue' }),
    'NotAuthorizedException',
    'Invalid session for the user, session can only be used once.',
  );
  await respond(riddle, next, { USERNAME: 'ruth', ANSWER: 'cat' });

  const pool = { UserPoolId: riddle.poolId, ClientId: riddle.clientId };
  const AuthParameters = { USERNAME: 'ruth' };
  const { ChallengeName, Session } = await admin.adminInitiateAuth({ ...pool, AuthFlow: 'CUSTOM_AUTH', AuthParameters });
  const answered = await admin.adminRespondToAuthChallenge({
    ...pool,
    ChallengeName,
    Session,
    ChallengeResponses: { USERNAME: 'ruth', ANSWER: 'blue' },
  });
  await refusedAs(begin(nowhere, 'CUSTOM_AUTH', { USERNAME: 'ruth' }), 'UnexpectedLambdaException', /./);
  return answered.AuthenticationResult;
}

async function sessionStory() {
  const UserPoolId = choice.poolId;
  const client = { UserPoolId, ClientId: choice.clientId };
  const user = { UserPoolId, Username: 'carl' };
  assert.equal((await admin.getUserPoolSessionConfiguration({ UserPoolId })).UserSessionTracking, 'DISABLED');
  const SSOSession = { MaxValidityMinutes: 30 };
  await refused(
    admin.setUserPoolClientSessionConfiguration({ ...client, SSOSession }),
    'OperationNotEnabledException',
    'Session tracking is not enabled for this user pool.',
  );
  const tracked = { UserPoolId, UserSessionTracking: 'ENABLED', TokenSession: { MaxPerUser: 7 } };
  assert.deepEqual((await admin.setUserPoolSessionConfiguration(tracked)).TokenSession, { MaxPerUser: 7 });
  await admin.setUserPoolClientSessionConfiguration({ ...client, SSOSession });
  assert.deepEqual((await admin.getUserPoolClientSessionConfiguration(client)).SSOSession, SSOSession);

  const elsewhere = await tokensOf(choice, 'carl');
  const { AccessToken } = await tokensOf(choice, 'carl');
  const { Sessions } = await anybody.listUserSessions({ AccessToken });
  const current = Sessions.find((one) => one.IsCurrentSession);
  assert.ok(current.CreateDate instanceof Date);
  const revoke = (SessionId) => anybody.revokeUserSession({ AccessToken, SessionId });
  await refusedAs(revoke(current.SessionId), 'InvalidParameterException', /./);
  for (const other of Sessions.filter((one) => one !== current)) await revoke(other.SessionId);
  await assertRevoked(elsewhere.AccessToken);

  const { Sessions: left } = await admin.adminListUserSessions(user);
  assert.deepEqual(left.map(({ SessionId }) => SessionId), [current.SessionId]);
  const revokeByAdmin = () => admin.adminRevokeUserSession({ ...user, SessionId: current.SessionId });
  await revokeByAdmin();
  await assertRevoked(AccessToken);
  await refusedAs(revokeByAdmin(), 'ResourceNotFoundException', /./);
}

await settingsStory();
const app = await appStory();
const message = await messageStory();
const requiredApp = await requiredStory();
const chosen = await choiceStory();
const signedUp = await passwordlessStory();
const passkey = await passkeyStory(chosen);
await deviceStory();
await untrackedDeviceStory(chosen);
const custom = await challengeStory();
await sessionStory();
report({ app, message, requiredApp, chosen, passkey, signedUp, custom });
