/**
 * Does amazon-cognito-identity-js know our second factors? An app, SMS, the choice between them, and setting up.
 *
 * It was written before codes by e-mail: EMAIL_OTP has no callback of its own (it takes that challenge for tokens, and
 * throws), and neither setUserMfaPreference nor sendMFASelectionAnswer has a place for it.
 */

import assert from 'node:assert/strict';

import { asked, authenticate, conversed, poolOf, tokensOf, userOf } from './identity_js_client.mjs';
import { codeFor, facts, refused, report, totp, wrong } from './story.mjs';

const { password, optional, required } = facts;
const phone = '+15550100123';
const on = { Enabled: true, PreferredMfa: false };
const preferred = { Enabled: true, PreferredMfa: true };
const off = { Enabled: false, PreferredMfa: false };

const sendCode = (user, code, kind) => conversed((callbacks) => user.sendMFACode(code, callbacks, kind));
const select = (user, kind) => conversed((callbacks) => user.sendMFASelectionAnswer(kind, callbacks));
const prefer = (user, sms, app) => asked((done) => user.setUserMfaPreference(sms, app, done));
const textedCode = (number) => codeFor({ to: phone, kind: 'Authentication', poolId: optional.poolId, number });

/** Sign in to the pool where second factors are everybody's own choice. */
async function signedIn(name) {
  const user = userOf(poolOf(optional), name);
  assert.equal((await authenticate(user, password)).name, 'onSuccess');
  return user;
}

/** Begin to sign in, see that one callback comes, and return the user and what that callback was told. */
async function begun(pool, name, callback) {
  const user = userOf(poolOf(pool), name);
  const { name: called, values } = await authenticate(user, password);
  assert.equal(called, callback);
  return { user, values };
}

async function appStory() {
  const user = await signedIn('nils');
  const { name, values: [secret] } = await conversed((callbacks) => user.associateSoftwareToken(callbacks));
  assert.equal(name, 'associateSecretCode');
  const code = totp(secret);
  const verify = (given) => conversed((callbacks) => user.verifySoftwareToken(given, 'phone', callbacks));
  await refused(verify(wrong(code)), 'EnableSoftwareTokenMFAException', /./);
  assert.equal((await verify(code)).values[0].Status, 'SUCCESS');
  assert.equal(await prefer(user, null, preferred), 'SUCCESS');
  const data = await asked((done) => user.getUserData(done, { bypassCache: true }));
  assert.deepEqual([data.PreferredMfaSetting, data.UserMFASettingList], ['SOFTWARE_TOKEN_MFA', ['SOFTWARE_TOKEN_MFA']]);

  const { user: again, values } = await begun(optional, 'nils', 'totpRequired');
  assert.deepEqual(values, ['SOFTWARE_TOKEN_MFA', { FRIENDLY_DEVICE_NAME: 'phone', USER_ID_FOR_SRP: 'nils' }]);
  await refused(
    sendCode(again, wrong(code), 'SOFTWARE_TOKEN_MFA'),
    'CodeMismatchException',
    'Invalid code received for user',
  );
  const { values: [session] } = await sendCode(again, totp(secret, { later: 1 }), 'SOFTWARE_TOKEN_MFA');
  return tokensOf(session);
}

async function textStory() {
  const user = await signedIn('sara');
  assert.equal(await prefer(user, preferred, null), 'SUCCESS');

  const { user: again, values: [challenge, details] } = await begun(optional, 'sara', 'mfaRequired');
  assert.equal(challenge, 'SMS_MFA');
  assert.equal(details.CODE_DELIVERY_DELIVERY_MEDIUM, 'SMS');
  assert.equal(details.CODE_DELIVERY_DESTINATION, '+*******0123');
  const code = await textedCode();
  await refused(sendCode(again, wrong(code)), 'CodeMismatchException', /^Invalid code/);
  const { name, values: [session] } = await sendCode(again, code);
  assert.equal(name, 'onSuccess');

  assert.equal(await prefer(again, off, null), 'SUCCESS');
  await signedIn('sara');
  return tokensOf(session);
}

/** Have both, prefer none, and be asked which it shall be: once by text, once by the app. */
async function choiceStory() {
  const user = await signedIn('sara');
  const { values: [secret] } = await conversed((callbacks) => user.associateSoftwareToken(callbacks));
  await conversed((callbacks) => user.verifySoftwareToken(totp(secret), 'tablet', callbacks));
  await prefer(user, on, on);

  const { user: texted, values } = await begun(optional, 'sara', 'selectMFAType');
  assert.equal(values[0], 'SELECT_MFA_TYPE');
  assert.deepEqual(JSON.parse(values[1].MFAS_CAN_CHOOSE), ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
  assert.equal((await select(texted, 'SMS_MFA')).name, 'mfaRequired');
  assert.equal((await sendCode(texted, await textedCode(2))).name, 'onSuccess');

  const { user: shown } = await begun(optional, 'sara', 'selectMFAType');
  assert.equal((await select(shown, 'SOFTWARE_TOKEN_MFA')).name, 'totpRequired');
  const { values: [session] } = await sendCode(shown, totp(secret, { later: 1 }), 'SOFTWARE_TOKEN_MFA');
  return tokensOf(session);
}

async function requiredStory() {
  const { user, values } = await begun(required, 'rolf', 'mfaSetup');
  assert.equal(values[0], 'MFA_SETUP');
  assert.deepEqual(JSON.parse(values[1].MFAS_CAN_SETUP), ['SOFTWARE_TOKEN_MFA']);
  const { values: [secret] } = await conversed((callbacks) => user.associateSoftwareToken(callbacks));
  const verify = (code) => conversed((callbacks) => user.verifySoftwareToken(code, 'phone', callbacks));
  await refused(verify(wrong(totp(secret))), 'EnableSoftwareTokenMFAException', /./);
  assert.equal((await verify(totp(secret))).name, 'onSuccess');

  const { user: again } = await begun(required, 'rolf', 'totpRequired');
  const { values: [session] } = await sendCode(again, totp(secret, { later: 1 }), 'SOFTWARE_TOKEN_MFA');
  return tokensOf(session);
}

const app = await appStory();
const text = await textStory();
const chosen = await choiceStory();
const requiredApp = await requiredStory();
report({ app, text, chosen, requiredApp });
