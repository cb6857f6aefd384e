/** Does AWS Amplify work? Sign-up with autoSignIn, SRP, refresh, profile, recovery, both kinds of sign-out, an invitation. */

import assert from 'node:assert/strict';

import * as auth from 'aws-amplify/auth';

import { heldTokens, useAmplify } from './amplify_client.mjs';
import { assertRevoked, codeFor, facts, refused, report } from './story.mjs';

const email = 'amelie@example.com';
const password = 'Amplified-Pass-1';

useAmplify(facts, { loginWith: { email: true } });

const signIn = (username, secret) =>
  auth.signIn({ username, password: secret, options: { authFlowType: 'USER_SRP_AUTH' } });

async function signUpStory() {
  const input = { username: email, password, options: { userAttributes: { email }, autoSignIn: true } };
  const signedUp = await auth.signUp(input);
  assert.equal(signedUp.isSignUpComplete, false);
  assert.equal(signedUp.nextStep.signUpStep, 'CONFIRM_SIGN_UP');
  assert.deepEqual(signedUp.nextStep.codeDeliveryDetails, {
    attributeName: 'email',
    deliveryMedium: 'EMAIL',
    destination: 'a***@e***',
  });
  await refused(auth.signUp(input), 'UsernameExistsException', 'An account with the given email already exists.');

  await auth.resendSignUpCode({ username: email });
  const confirmationCode = await codeFor({ to: email, kind: 'ResendCode' });
  const confirmed = await auth.confirmSignUp({ username: email, confirmationCode });
  assert.equal(confirmed.nextStep.signUpStep, 'COMPLETE_AUTO_SIGN_IN');
  assert.equal((await auth.autoSignIn()).isSignedIn, true);
  return { sub: signedUp.userId, automatic: await heldTokens() };
}

/** Change the address, and prove the new one by the code that goes there. */
async function moveTo(address) {
  const { nextStep } = await auth.updateUserAttribute({ userAttribute: { attributeKey: 'email', value: address } });
  assert.equal(nextStep.updateAttributeStep, 'CONFIRM_ATTRIBUTE_WITH_CODE');
  assert.equal((await auth.fetchUserAttributes()).email_verified, 'false');

  const confirmationCode = await codeFor({ to: address, kind: 'UpdateUserAttribute' });
  await auth.confirmUserAttribute({ userAttributeKey: 'email', confirmationCode });
  const { email: held, email_verified: verified } = await auth.fetchUserAttributes();
  assert.deepEqual([held, verified], [address, 'true']);
}

async function profileStory(sub) {
  const { username, userId, signInDetails } = await auth.getCurrentUser();
  assert.deepEqual([userId, username, signInDetails.loginId], [sub, sub, email]);

  const updated = await auth.updateUserAttributes({ userAttributes: { nickname: 'Amélie' } });
  assert.equal(updated.nickname.nextStep.updateAttributeStep, 'DONE');
  const attributes = await auth.fetchUserAttributes();
  assert.deepEqual([attributes.nickname, attributes.email_verified], ['Amélie', 'true']);

  await moveTo('amelie.two@example.com');
  await moveTo(email);

  const refreshed = await heldTokens({ forceRefresh: true });
  await auth.updatePassword({ oldPassword: password, newPassword: 'Amplified-Pass-2' });
  return refreshed;
}

async function recoveryStory({ AccessToken }) {
  await auth.signOut({ global: true });
  await assertRevoked(AccessToken);
  await refused(auth.getCurrentUser(), 'UserUnAuthenticatedException', /./);
  await refused(signIn(email, password), 'NotAuthorizedException', 'Incorrect username or password.');

  const { nextStep } = await auth.resetPassword({ username: email });
  assert.equal(nextStep.resetPasswordStep, 'CONFIRM_RESET_PASSWORD_WITH_CODE');
  assert.equal(nextStep.codeDeliveryDetails.destination, 'a***@e***');
  await auth.confirmResetPassword({
    username: email,
    confirmationCode: await codeFor({ to: email, kind: 'ForgotPassword' }),
    newPassword: 'Amplified-Pass-3',
  });

  assert.deepEqual(await signIn(email, 'Amplified-Pass-3'), { isSignedIn: true, nextStep: { signInStep: 'DONE' } });
  const recovered = await heldTokens();
  await auth.signOut();
  return recovered;
}

async function invitationStory() {
  const { nextStep } = await signIn(facts.invited.email, facts.invited.password);
  assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
  assert.deepEqual(nextStep.missingAttributes, []);
  await refused(auth.confirmSignIn({ challengeResponse: 'weak' }), 'InvalidPasswordException', /./);
  assert.equal((await auth.confirmSignIn({ challengeResponse: 'Amplified-Guest-1' })).isSignedIn, true);

  const invited = await heldTokens();
  await auth.deleteUser();
  return invited;
}

const { sub, automatic } = await signUpStory();
const refreshed = await profileStory(sub);
const recovered = await recoveryStory(refreshed);
const invited = await invitationStory();
report({ sub, automatic, refreshed, recovered, invited });
