/** Does amazon-cognito-identity-js work? One user of an e-mail pool from sign-up to sign-out, and one who was invited. */

import assert from 'node:assert/strict';

import { CognitoUserAttribute } from 'amazon-cognito-identity-js';

import { asked, authenticate, conversed, poolOf, tokensOf, userOf } from './identity_js_client.mjs';
import { assertRevoked, codeFor, facts, refused, report } from './story.mjs';

const email = 'niklas@example.com';
const password = 'Ünïcode-Pässwörd-1';

const Pool = poolOf(facts);
const userNamed = (username) => userOf(Pool, username);
const attribute = (Name, Value) => new CognitoUserAttribute({ Name, Value });

async function signUpStory() {
  const attributes = [attribute('email', email), attribute('nickname', 'Nik')];
  const signedUp = await asked((done) => Pool.signUp(email, password, attributes, null, done));
  assert.equal(signedUp.userConfirmed, false);
  assert.equal(signedUp.codeDeliveryDetails.DeliveryMedium, 'EMAIL');
  assert.equal(signedUp.codeDeliveryDetails.Destination, 'n***@e***');
  await refused(
    asked((done) => Pool.signUp(email, password, attributes, null, done)),
    'UsernameExistsException',
    'An account with the given email already exists.',
  );

  const user = userNamed(email);
  const resent = await asked((done) => user.resendConfirmationCode(done));
  assert.equal(resent.CodeDeliveryDetails.AttributeName, 'email');
  const code = await codeFor({ to: email, kind: 'ResendCode' });
  assert.equal(await asked((done) => user.confirmRegistration(code, true, done)), 'SUCCESS');
  return signedUp.userSub;
}

async function signInStory(sub) {
  const user = userNamed(email);
  await refused(authenticate(user, `${password}!`), 'NotAuthorizedException', 'Incorrect username or password.');

  const known = userNamed(email);
  const { name, values: [session] } = await authenticate(known, password);
  assert.equal(name, 'onSuccess');
  assert.ok(session.isValid());
  assert.equal(session.getIdToken().payload.email, email);
  assert.equal(known.getUsername(), sub, 'USER_ID_FOR_SRP is the user name of the pool, not the alias that was typed');
  return { user: known, signedIn: tokensOf(session) };
}

async function profileStory(user) {
  const updated = [attribute('nickname', 'Niklas'), attribute('locale', 'de-AT')];
  assert.equal(await asked((done) => user.updateAttributes(updated, done)), 'SUCCESS');
  assert.equal(await asked((done) => user.deleteAttributes(['locale'], done)), 'SUCCESS');

  const attributes = await asked((done) => user.getUserAttributes(done));
  const found = Object.fromEntries(attributes.map((one) => [one.getName(), one.getValue()]));
  assert.deepEqual([found.nickname, found.locale, found.email_verified], ['Niklas', undefined, 'true']);
  const data = await asked((done) => user.getUserData(done, { bypassCache: true }));
  assert.equal(data.Username, user.getUsername());

  const refreshToken = user.getSignInUserSession().getRefreshToken();
  const session = await asked((done) => user.refreshSession(refreshToken, done));
  assert.equal(session.getRefreshToken().getToken(), refreshToken.getToken());
  assert.equal(session.getIdToken().payload.nickname, 'Niklas');
  return tokensOf(session);
}

async function passwordStory(user, { AccessToken }) {
  await refused(
    asked((done) => user.changePassword('Not-The-Old-One-1', 'Another-Pass-2', done)),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
  assert.equal(await asked((done) => user.changePassword(password, 'Another-Pass-2', done)), 'SUCCESS');
  assert.equal((await conversed((callbacks) => user.globalSignOut(callbacks))).name, 'onSuccess');
  await assertRevoked(AccessToken);

  const forgetful = userNamed(email);
  assert.equal((await conversed((callbacks) => forgetful.forgotPassword(callbacks))).name, 'inputVerificationCode');
  const code = await codeFor({ to: email, kind: 'ForgotPassword' });
  const recovered = await conversed((callbacks) => forgetful.confirmPassword(code, 'Third-Pass-3', callbacks));
  assert.equal(recovered.name, 'onSuccess');

  const plain = userNamed(email);
  plain.setAuthenticationFlowType('USER_PASSWORD_AUTH');
  const { values: [session] } = await authenticate(plain, 'Third-Pass-3');
  const tokens = tokensOf(session);
  await new Promise((resolve, reject) => {
    plain.signOut((error) => (error ? reject(error) : resolve()));
  });
  return tokens;
}

async function invitationStory() {
  const user = userNamed(facts.invited.email);
  const { name, values: [userAttributes, requiredAttributes] } = await authenticate(user, facts.invited.password);
  assert.equal(name, 'newPasswordRequired');
  assert.equal(userAttributes.email, facts.invited.email);
  assert.deepEqual(requiredAttributes, []);

  const completed = await conversed((callbacks) =>
    user.completeNewPasswordChallenge('Chosen-Myself-1', { nickname: 'Guest' }, callbacks),
  );
  assert.equal(completed.name, 'onSuccess');
  return tokensOf(completed.values[0]);
}

const sub = await signUpStory();
const { user, signedIn } = await signInStory(sub);
const refreshed = await profileStory(user);
const signedOut = await passwordStory(user, refreshed);
const invited = await invitationStory();
report({ sub, signedIn, refreshed, signedOut, invited });
