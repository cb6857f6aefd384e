/** Does AWS Amplify know our second factors? An app, codes by SMS and mail, the choice between them, and setting up. */

import assert from 'node:assert/strict';

import * as auth from 'aws-amplify/auth';

import { answer, heldTokens, signedIn, signIn, useAmplify } from './amplify_client.mjs';
import { codeFor, facts, refused, report, totp, wrong } from './story.mjs';

const { password, optional, required, mailOnly, anything } = facts;

/** Enter the code that was mailed or texted, after a wrong one. */
async function enterCode(to, { poolId, number } = {}) {
  const code = await codeFor({ to, kind: 'Authentication', poolId, number });
  await refused(answer(wrong(code)), 'CodeMismatchException', /^Invalid code/);
  return answer(code);
}

async function appStory() {
  useAmplify(optional);
  assert.equal((await signIn('tilda', password)).signInStep, 'DONE');
  assert.deepEqual(await auth.fetchMFAPreference(), { preferred: undefined, enabled: undefined });

  const { sharedSecret, getSetupUri } = await auth.setUpTOTP();
  assert.equal(getSetupUri('Shop', 'tilda').href, `otpauth://totp/Shop:tilda?secret=${sharedSecret}&issuer=Shop`);
  const code = totp(sharedSecret);
  await refused(auth.verifyTOTPSetup({ code: wrong(code) }), 'EnableSoftwareTokenMFAException', /./);
  await auth.verifyTOTPSetup({ code, options: { friendlyDeviceName: 'phone' } });
  await auth.updateMFAPreference({ totp: 'PREFERRED' });
  assert.deepEqual(await auth.fetchMFAPreference(), { preferred: 'TOTP', enabled: ['TOTP'] });
  await auth.signOut();

  assert.deepEqual(await signIn('tilda', password), { signInStep: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE' });
  await refused(answer(wrong(code)), 'CodeMismatchException', 'Invalid code received for user');
  await refused(answer(code), 'ExpiredCodeException', 'Your software token has already been used once.');
  return signedIn(await answer(totp(sharedSecret, { later: 1 })));
}

async function choiceStory() {
  useAmplify(optional);
  assert.equal((await signIn('mia', password)).signInStep, 'DONE');
  await auth.updateMFAPreference({ sms: 'ENABLED', email: 'ENABLED' });
  assert.deepEqual(await auth.fetchMFAPreference(), { preferred: undefined, enabled: ['SMS', 'EMAIL'] });
  await auth.signOut();

  assert.deepEqual(await signIn('mia', password), {
    signInStep: 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION',
    allowedMFATypes: ['SMS', 'EMAIL'],
  });
  const mailed = await answer('EMAIL');
  assert.equal(mailed.signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  assert.deepEqual(mailed.codeDeliveryDetails, { deliveryMedium: 'EMAIL', destination: 'm***@e***' });
  await signedIn(await enterCode('mia@example.com', optional));

  await signIn('mia', password);
  const texted = await answer('SMS');
  assert.equal(texted.signInStep, 'CONFIRM_SIGN_IN_WITH_SMS_CODE');
  assert.deepEqual(texted.codeDeliveryDetails, { deliveryMedium: 'SMS', destination: '+*******0123' });
  assert.equal((await enterCode('+15550100123', optional)).signInStep, 'DONE');
}

/** Go on as mia, who is signed in: a preferred method is asked without a choice, and none is when all are off. */
async function preferenceStory() {
  await auth.updateMFAPreference({ sms: 'PREFERRED', email: 'NOT_PREFERRED' });
  await auth.signOut();
  assert.equal((await signIn('mia', password)).signInStep, 'CONFIRM_SIGN_IN_WITH_SMS_CODE');
  await enterCode('+15550100123', { ...optional, number: 2 });

  await auth.updateMFAPreference({ sms: 'NOT_PREFERRED', email: 'PREFERRED' });
  await auth.signOut();
  assert.equal((await signIn('mia', password)).signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  await enterCode('mia@example.com', { ...optional, number: 2 });

  await auth.updateMFAPreference({ sms: 'DISABLED', email: 'DISABLED' });
  await auth.signOut();
  return signedIn(await signIn('mia', password));
}

async function requiredAppStory() {
  useAmplify(required);
  const { signInStep, totpSetupDetails } = await signIn('rita', password);
  assert.equal(signInStep, 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
  const { sharedSecret } = totpSetupDetails;
  const code = totp(sharedSecret);
  await refused(answer(wrong(code)), 'EnableSoftwareTokenMFAException', /./);
  assert.deepEqual(await answer(code, { friendlyDeviceName: 'phone' }), { signInStep: 'DONE' });
  assert.deepEqual((await auth.fetchMFAPreference()).enabled, ['TOTP']);
  await refused(auth.updateMFAPreference({ totp: 'DISABLED' }), 'InvalidParameterException', /./);
  await auth.signOut();

  assert.equal((await signIn('rita', password)).signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
  return signedIn(await answer(totp(sharedSecret, { later: 1 })));
}

async function mailSetUpStory() {
  useAmplify(mailOnly);
  assert.deepEqual(await signIn('emil', password), { signInStep: 'CONTINUE_SIGN_IN_WITH_EMAIL_SETUP' });
  const { signInStep } = await answer('emil@example.org');
  assert.equal(signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  assert.equal((await enterCode('emil@example.org', mailOnly)).signInStep, 'DONE');

  const { email, email_verified: verified } = await auth.fetchUserAttributes();
  assert.deepEqual([email, verified], ['emil@example.org', 'true']);
  await auth.signOut();
  assert.equal((await signIn('emil', password)).signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  return signedIn(await enterCode('emil@example.org', { ...mailOnly, number: 2 }));
}

async function setUpChoiceStory() {
  const choice = { signInStep: 'CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION', allowedMFATypes: ['TOTP', 'EMAIL'] };
  useAmplify(anything);
  assert.deepEqual(await signIn('anna', password), choice);
  assert.equal((await answer('EMAIL')).signInStep, 'CONTINUE_SIGN_IN_WITH_EMAIL_SETUP');
  assert.equal((await answer('anna@example.org')).signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  await signedIn(await enterCode('anna@example.org', anything));

  assert.deepEqual(await signIn('otto', password), choice);
  const { signInStep, totpSetupDetails } = await answer('TOTP');
  assert.equal(signInStep, 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
  assert.equal((await answer(totp(totpSetupDetails.sharedSecret))).signInStep, 'DONE');
  return heldTokens({ forceRefresh: true });
}

const app = await appStory();
await choiceStory();
const preferred = await preferenceStory();
const requiredApp = await requiredAppStory();
const mail = await mailSetUpStory();
const chosen = await setUpChoiceStory();
report({ app, preferred, requiredApp, mail, chosen });
