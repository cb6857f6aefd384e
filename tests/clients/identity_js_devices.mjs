/**
 * Does amazon-cognito-identity-js remember devices? Asked first, then recognised instead of a code, forgotten, found out.
 */

import assert from 'node:assert/strict';

import { asked, authenticate, browserStorage, conversed, poolOf, tokensOf, userOf } from './identity_js_client.mjs';
import { facts, refused, report, totp } from './story.mjs';

const { password, onPrompt, atOnce } = facts;

const listed = async (user) => {
  const { values: [data] } = await conversed((callbacks) => user.listDevices(10, null, callbacks));
  return data.Devices.map(({ DeviceKey }) => DeviceKey);
};

/** Sign in; return the user, the session, and whether the library is told to ask if the device shall be remembered. */
async function signIn(pool, name, callback = 'onSuccess') {
  const user = userOf(pool, name);
  const { name: called, values } = await authenticate(user, password);
  assert.equal(called, callback);
  return { user, session: values[0], toConfirm: values[1] };
}

/** Set up an app that is asked for from now on, and return its secret. */
async function withApp(user) {
  const { values: [secret] } = await conversed((callbacks) => user.associateSoftwareToken(callbacks));
  await conversed((callbacks) => user.verifySoftwareToken(totp(secret), 'phone', callbacks));
  await asked((done) => user.setUserMfaPreference(null, { Enabled: true, PreferredMfa: true }, done));
  return secret;
}

async function promptStory() {
  const browser = poolOf(onPrompt);
  const { user, session, toConfirm } = await signIn(browser, 'dirk');
  assert.equal(toConfirm, true);
  const key = session.getAccessToken().payload.device_key;
  assert.deepEqual(await listed(user), []);
  assert.equal((await conversed((callbacks) => user.setDeviceStatusRemembered(callbacks))).values[0], 'SUCCESS');
  assert.deepEqual(await listed(user), [key]);
  const { values: [{ Device }] } = await conversed((callbacks) => user.getDevice(callbacks));
  const attributes = Object.fromEntries(Device.DeviceAttributes.map(({ Name, Value }) => [Name, Value]));
  assert.equal(attributes.device_name, 'nodejs', 'what the library calls itself outside browsers');
  const secret = await withApp(user);

  const { user: again, session: recognised, toConfirm: asks } = await signIn(browser, 'dirk');
  assert.equal(asks, undefined);
  assert.equal(recognised.getAccessToken().payload.device_key, key);
  again.setAuthenticationFlowType('USER_PASSWORD_AUTH');
  assert.equal((await authenticate(again, password)).name, 'onSuccess', 'the device is named at once in this flow');
  const refreshed = await asked((done) => again.refreshSession(recognised.getRefreshToken(), done));
  assert.equal(refreshed.getAccessToken().payload.device_key, key);

  assert.equal((await conversed((callbacks) => again.setDeviceStatusNotRemembered(callbacks))).values[0], 'SUCCESS');
  await signIn(browser, 'dirk', 'totpRequired');
  await newDeviceStory(secret, key);
  return tokensOf(recognised);
}

/** A browser that nobody knows: the code is asked for, and it is a device of its own from then on. */
async function newDeviceStory(secret, otherKey) {
  const { user } = await signIn(poolOf(onPrompt), 'dirk', 'totpRequired');
  const { name, values: [session, toConfirm] } = await conversed((callbacks) =>
    user.sendMFACode(totp(secret, { later: 1 }), callbacks, 'SOFTWARE_TOKEN_MFA'),
  );
  assert.deepEqual([name, toConfirm], ['onSuccess', true]);
  assert.notEqual(session.getAccessToken().payload.device_key, otherKey);
  assert.equal((await conversed((callbacks) => user.setDeviceStatusRemembered(callbacks))).values[0], 'SUCCESS');
}

/** A device that another browser forgot: the first one is told so by SRP, drops what it kept, and becomes a new device. */
async function forgottenStory() {
  const [here, there] = [poolOf(atOnce, browserStorage()), poolOf(atOnce, browserStorage())];
  const { user, session, toConfirm } = await signIn(here, 'dirk');
  assert.equal(toConfirm, undefined);
  const key = session.getAccessToken().payload.device_key;
  const { user: elsewhere, session: other } = await signIn(there, 'dirk');
  assert.deepEqual(await listed(user), [key, other.getAccessToken().payload.device_key].sort());
  assert.equal((await conversed((callbacks) => elsewhere.forgetSpecificDevice(key, callbacks))).values[0], 'SUCCESS');
  await refused(
    conversed((callbacks) => elsewhere.forgetSpecificDevice(key, callbacks)),
    'ResourceNotFoundException',
    'Device does not exist.',
  );

  const { user: again, session: renewed } = await signIn(here, 'dirk');
  assert.notEqual(renewed.getAccessToken().payload.device_key, key);
  await signIn(here, 'dirk');
  assert.equal((await conversed((callbacks) => again.forgetDevice(callbacks))).values[0], 'SUCCESS');
  assert.deepEqual(await listed(again), [other.getAccessToken().payload.device_key]);
  return tokensOf(renewed);
}

/**
 * A device that is asked as well as a code, not instead (ChallengeRequiredOnNewDevice is off): the library answers
 * DEVICE_SRP_AUTH with the Session of the code, which it has used, and not with the one that came with the challenge.
 */
async function bothStory() {
  const browser = poolOf(atOnce);
  const { user, session } = await signIn(browser, 'dana');
  const secret = await withApp(user);
  const { user: again } = await signIn(browser, 'dana', 'totpRequired');
  const { name, values: [both] } = await conversed((callbacks) =>
    again.sendMFACode(totp(secret, { later: 1 }), callbacks, 'SOFTWARE_TOKEN_MFA'),
  );
  assert.equal(name, 'onSuccess');
  assert.equal(both.getAccessToken().payload.device_key, session.getAccessToken().payload.device_key);
  return tokensOf(both);
}

const recognised = await promptStory();
const renewed = await forgottenStory();
const both = await bothStory();
report({ recognised, renewed, both });
