/** Does AWS Amplify remember devices? One that stands for the second factor, an impostor, and one that was forgotten. */

import assert from 'node:assert/strict';

import * as auth from 'aws-amplify/auth';

import { answer, heldTokens, newStorage, signIn, useAmplify } from './amplify_client.mjs';
import { facts, refused, report, totp } from './story.mjs';

const { password, pool, atOnce } = facts;

/** Sign in, set up an app that is asked for from now on, have the device remembered, and sign out. */
async function rememberedStory() {
  assert.deepEqual(await signIn('dora', password), { signInStep: 'DONE' });
  const { sharedSecret } = await auth.setUpTOTP();
  await auth.verifyTOTPSetup({ code: totp(sharedSecret) });
  await auth.updateMFAPreference({ totp: 'PREFERRED' });

  assert.deepEqual(await auth.fetchDevices(), [], 'nobody has said that it is to be remembered');
  await auth.rememberDevice();
  const [device, ...others] = await auth.fetchDevices();
  assert.deepEqual(others, []);
  assert.equal(device.attributes.device_status, 'valid');
  assert.equal(device.name, navigator.userAgent);
  for (const date of [device.createDate, device.lastModifiedDate, device.lastAuthenticatedDate]) {
    assert.ok(Math.abs(date - Date.now()) < 3_600_000, 'a date in seconds, not milliseconds');
  }
  await auth.signOut();
  return { sharedSecret, deviceKey: device.id };
}

/** Sign in without a code, since the device proves itself, and refresh, for which the device is named. */
async function recognisedStory(deviceKey) {
  assert.deepEqual(await signIn('dora', password), { signInStep: 'DONE' });
  const signedIn = await heldTokens();
  const refreshed = await heldTokens({ forceRefresh: true });
  assert.deepEqual((await auth.fetchDevices()).map(({ id }) => id), [deviceKey]);
  await auth.signOut();

  const asked = await signIn('dora', password, { authFlowType: 'USER_PASSWORD_AUTH' });
  assert.deepEqual(asked, { signInStep: 'DONE' });
  await auth.signOut();
  return { signedIn, refreshed };
}

/** The key of a device is no secret; without what only the device knows nobody gets past it, the password at hand or not. */
async function impostorStory(first) {
  const known = first.entries().map(([key, value]) => [key, key.endsWith('.randomPasswordKey') ? 'guessed' : value]);
  useAmplify(pool, { storage: newStorage(known) });
  await refused(signIn('dora', password), 'NotAuthorizedException', 'Incorrect username or password.');
  useAmplify(pool, { storage: first });
}

/** Forget the device from another browser; the first one finds out by itself, and is asked for a code again. */
async function forgottenStory({ sharedSecret, deviceKey }, first) {
  useAmplify(pool, { storage: newStorage() });
  assert.equal((await signIn('dora', password)).signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
  assert.equal((await answer(totp(sharedSecret, { later: 1 }))).signInStep, 'DONE');
  await auth.forgetDevice({ device: { id: deviceKey } });
  await refused(auth.forgetDevice({ device: { id: deviceKey } }), 'ResourceNotFoundException', 'Device does not exist.');
  await auth.updateMFAPreference({ totp: 'DISABLED' });
  await auth.signOut();

  useAmplify(pool, { storage: first });
  assert.deepEqual(await signIn('dora', password), { signInStep: 'DONE' });
  assert.deepEqual(await auth.fetchDevices(), []);
  await auth.rememberDevice();
  const [{ id }] = await auth.fetchDevices();
  assert.notEqual(id, deviceKey);
  await auth.forgetDevice();
  assert.deepEqual(await auth.fetchDevices(), []);
  return id;
}

/** Be asked for a code and for the device, in a pool that takes none for the other, by an address that is not the name. */
async function bothStory() {
  const email = 'dana@example.com';
  useAmplify(atOnce, { storage: newStorage(), loginWith: { email: true } });
  assert.deepEqual(await signIn(email, password), { signInStep: 'DONE' });
  const [{ id }] = await auth.fetchDevices();
  const { sharedSecret } = await auth.setUpTOTP();
  await auth.verifyTOTPSetup({ code: totp(sharedSecret) });
  await auth.updateMFAPreference({ totp: 'PREFERRED' });
  await auth.signOut();

  assert.deepEqual(await signIn(email, password), { signInStep: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE' });
  assert.deepEqual(await answer(totp(sharedSecret, { later: 1 })), { signInStep: 'DONE' });
  const tokens = await heldTokens();
  await auth.signOut();
  return { deviceKey: id, tokens };
}

const first = newStorage();
useAmplify(pool, { storage: first });
const remembered = await rememberedStory();
const recognised = await recognisedStory(remembered.deviceKey);
await impostorStory(first);
const second = await forgottenStory(remembered, first);
const both = await bothStory();
report({ deviceKey: remembered.deviceKey, second, recognised, both });
