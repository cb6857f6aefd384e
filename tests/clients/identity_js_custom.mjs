/** Does amazon-cognito-identity-js go through a pool's own challenges? Without a password, and after one. */

import assert from 'node:assert/strict';

import { AuthenticationDetails } from 'amazon-cognito-identity-js';

import { authenticate, conversed, poolOf, tokensOf, userOf } from './identity_js_client.mjs';
import { facts, refused, report } from './story.mjs';

const { password, riddle, captcha } = facts;
const incorrect = ['NotAuthorizedException', 'Incorrect username or password.'];

const answer = (user, given, metadata) =>
  conversed((callbacks) => user.sendCustomChallengeAnswer(given, callbacks, metadata));

async function riddleStory() {
  const user = userOf(poolOf(riddle), 'ruth');
  const details = new AuthenticationDetails({ Username: 'ruth' });
  const begin = () => conversed((callbacks) => user.initiateAuth(details, callbacks));
  const first = { name: 'customChallenge', values: [{ USERNAME: 'ruth', riddle: 'red or blue?' }] };
  const second = { name: 'customChallenge', values: [{ USERNAME: 'ruth', riddle: 'cat or dog?' }] };

  user.setAuthenticationFlowType('CUSTOM_AUTH');
  assert.deepEqual(await begin(), first);
  assert.deepEqual(await answer(user, 'red'), second);
  assert.deepEqual(await answer(user, 'dog'), first);
  await refused(answer(user, 'red'), ...incorrect);

  assert.deepEqual(await begin(), first);
  assert.deepEqual(await answer(user, 'blue', { hint: 'asked a friend' }), second);
  const { name, values: [session] } = await answer(user, 'cat');
  assert.equal(name, 'onSuccess');
  return tokensOf(session);
}

async function captchaStory() {
  const user = userOf(poolOf(captcha), 'ruth');
  user.setAuthenticationFlowType('CUSTOM_AUTH');
  await refused(authenticate(user, 'Not-My-Password-1'), ...incorrect);

  const shown = await authenticate(user, password);
  assert.deepEqual(shown, { name: 'customChallenge', values: [{ USERNAME: 'ruth', captchaUrl: 'url/123.jpg' }] });
  const { values: [question] } = await answer(user, '5');
  assert.equal(question.securityQuestion, 'Who was the first programmer?');
  const { name, values: [session] } = await answer(user, 'Ada');
  assert.equal(name, 'onSuccess');
  return tokensOf(session);
}

const solved = await riddleStory();
const afterPassword = await captchaStory();
report({ solved, afterPassword });
