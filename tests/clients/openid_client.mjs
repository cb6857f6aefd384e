/** Does openid-client work? Discovery, code with PKCE, userInfo, refresh, revocation, end of session. */

import assert from 'node:assert/strict';

import * as oidc from 'openid-client';

import { Person } from './person.mjs';
import { facts, report } from './story.mjs';

const { issuer, clientId, clientSecret, callback, username, password } = facts;

const proofs = {
  none: () => oidc.None(),
  basic: () => oidc.ClientSecretBasic(clientSecret),
  post: () => oidc.ClientSecretPost(clientSecret),
};

// The one thing that is not as in the guide: a server on loopback speaks http.
const options = { execute: [oidc.allowInsecureRequests] };
const config = await oidc.discovery(new URL(issuer), clientId, undefined, proofs[facts.proof](), options);
assert.ok(config.serverMetadata().supportsPKCE());
const person = new Person(callback);

/** Check that a promise is refused by an OAuth error of this name. */
const refusedWith = (promise, error) => assert.rejects(promise, (fault) => fault.error === error);

/** Begin an authorize request; return its address, and what the answer will be checked with. */
async function begun(more = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() };
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid email aws.cognito.signin.user.admin',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...more,
  });
  return { address, checks };
}

async function signInStory() {
  const { address, checks } = await begun();
  const arrived = await person.send(await person.open(address), { username, password });
  assert.ok(arrived.home, arrived.html);

  const tokens = await oidc.authorizationCodeGrant(config, arrived.home, { ...checks, idTokenExpected: true });
  assert.equal(tokens.claims().email, facts.email);
  const userInfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(userInfo.email, facts.email);
  return tokens;
}

/** Come back without a page, as long as the browser is known; somebody else's verifier is not taken. */
async function silentStory() {
  const { address, checks } = await begun({ prompt: 'none' });
  const { home: arrived } = await person.open(address);
  const stolen = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
  await refusedWith(oidc.authorizationCodeGrant(config, arrived, stolen), 'invalid_grant');

  const again = await begun({ prompt: 'none' });
  return oidc.authorizationCodeGrant(config, (await person.open(again.address)).home, again.checks);
}

/** Spend a code twice: the second time is refused, and takes what the first one gave. */
async function replayStory() {
  const { address, checks } = await begun();
  const { home: arrived } = await person.open(address);
  const tokens = await oidc.authorizationCodeGrant(config, arrived, checks);
  await refusedWith(oidc.authorizationCodeGrant(config, arrived, checks), 'invalid_grant');
  await refusedWith(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant');
}

async function endStory({ id_token: hint, refresh_token: refresh }) {
  await oidc.tokenRevocation(config, refresh);
  await refusedWith(oidc.refreshTokenGrant(config, refresh), 'invalid_grant');

  const state = oidc.randomState();
  const end = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: callback, id_token_hint: hint, state });
  const left = await person.open(end);
  assert.equal(left.home?.searchParams.get('state'), state, left.html);
  const { address, checks } = await begun({ prompt: 'none' });
  const { home: arrived } = await person.open(address);
  await refusedWith(oidc.authorizationCodeGrant(config, arrived, checks), 'login_required');
}

const tokens = await signInStory();
const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
const silent = await silentStory();
await replayStory();
// An answer to a refresh may leave the refresh token out: the one before goes on being good.
await endStory({ refresh_token: tokens.refresh_token, ...refreshed });
report({ tokens, refreshed, silent });
