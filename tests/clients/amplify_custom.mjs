/** Does AWS Amplify go through a pool's own challenges? Without a password, and after one; right and wrong answers. */

import assert from 'node:assert/strict';

import * as auth from 'aws-amplify/auth';

import { answer, heldTokens, signedIn, signIn, useAmplify } from './amplify_client.mjs';
import { facts, refused, report } from './story.mjs';

const { password, riddle, captcha, devices } = facts;
const incorrect = ['NotAuthorizedException', 'Incorrect username or password.'];

const asked = (additionalInfo) => ({ signInStep: 'CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE', additionalInfo });
const first = asked({ USERNAME: 'ruth', riddle: 'red or blue?' });
const second = asked({ USERNAME: 'ruth', riddle: 'cat or dog?' });

async function riddleStory() {
  useAmplify(riddle);
  const withoutPassword = { authFlowType: 'CUSTOM_WITHOUT_SRP' };
  const begin = (username) => signIn(username, undefined, withoutPassword);
  assert.deepEqual(await begin('ruth'), first);
  assert.deepEqual(await answer('red'), second);
  const tokens = await signedIn(await answer('cat'));

  assert.deepEqual(await begin('ruth'), first);
  assert.deepEqual(await answer('blue', { clientMetadata: { hint: 'asked a friend' } }), second);
  assert.deepEqual(await answer('dog'), first);
  await refused(answer('red'), ...incorrect);

  const nobody = await begin('nobody');
  assert.equal(nobody.signInStep, first.signInStep, 'who is unknown is asked like everybody');
  await refused(answer('blue').then(() => answer('cat')).then(() => answer('blue')), ...incorrect);
  return tokens;
}

async function captchaStory() {
  useAmplify(captcha);
  const begin = (secret) => signIn('ruth', secret, { authFlowType: 'CUSTOM_WITH_SRP' });
  await refused(begin('Not-My-Password-1'), ...incorrect);

  assert.deepEqual(await begin(password), asked({ USERNAME: 'ruth', captchaUrl: 'url/123.jpg' }));
  await refused(answer('6'), ...incorrect);

  await begin(password);
  assert.deepEqual(await answer('5'), asked({ USERNAME: 'ruth', securityQuestion: 'Who was the first programmer?' }));
  return signedIn(await answer('Ada'));
}

/** Solve the riddle on a device that is remembered: it is asked last, by an address that is not the name. */
async function deviceStory() {
  useAmplify(devices, { loginWith: { email: true } });
  const begin = () => signIn('ruth@example.com', undefined, { authFlowType: 'CUSTOM_WITHOUT_SRP' });
  await begin();
  assert.deepEqual(await answer('blue'), { signInStep: 'DONE' });
  const [{ id, lastAuthenticatedDate }] = await auth.fetchDevices();
  const { userId } = await auth.getCurrentUser();
  await auth.signOut();

  assert.equal((await begin()).additionalInfo.USERNAME, userId);
  assert.deepEqual(await answer('blue'), { signInStep: 'DONE' });
  const [device, ...others] = await auth.fetchDevices();
  assert.deepEqual([device.id, others], [id, []]);
  assert.ok(device.lastAuthenticatedDate >= lastAuthenticatedDate);
  return { deviceKey: id, tokens: await heldTokens() };
}

const solved = await riddleStory();
const afterPassword = await captchaStory();
const onDevice = await deviceStory();
report({ solved, afterPassword, onDevice });
