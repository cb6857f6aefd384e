/** Does openid-client bind its tokens to a key? A code that is bound, bound tokens, a refresh, a pushed request, nonces. */

import assert from 'node:assert/strict';

import * as oidc from 'openid-client';

import { Person } from './person.mjs';
import { facts, report } from './story.mjs';

const { issuer, clientId, callback, username, password } = facts;

// The one thing that is not as in the guide: a server on loopback speaks http.
const options = { execute: [oidc.allowInsecureRequests] };
const config = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), options);
const visitor = new Person(callback);

/** Check that a promise is refused by an OAuth error of this name. */
const refusedWith = (promise, error) => assert.rejects(promise, (fault) => fault.error === error);

/** Sign in once; the browser is known from there on. */
async function comeBack(address) {
  const opened = await visitor.open(address);
  const arrived = opened.home ? opened : await visitor.send(opened, { username, password });
  assert.ok(arrived.home, arrived.html);
  return arrived.home;
}

/** Begin an authorize request; return it, and what the answer will be checked with. */
async function begun() {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() };
  const request = {
    redirect_uri: callback,
    scope: 'openid email aws.cognito.signin.user.admin',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  };
  return { request, checks };
}

/** As docs/dpop.md has it, line by line. */
async function boundStory({ request, checks }) {
  const keys = await oidc.randomDPoPKeyPair('ES256');
  const DPoP = oidc.getDPoPHandle(config, keys);
  const dpop_jkt = await DPoP.calculateThumbprint();
  const address = oidc.buildAuthorizationUrl(config, { ...request, dpop_jkt });
  const arrived = await comeBack(address);
  await refusedWith(oidc.authorizationCodeGrant(config, arrived, checks), 'invalid_dpop_proof');
  const tokens = await oidc.authorizationCodeGrant(config, arrived, checks, undefined, { DPoP });
  const person = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  assert.equal(person.email, facts.email);
  return { tokens, DPoP, jkt: dpop_jkt };
}

/** Nobody gets on with what was stolen. */
async function thiefStory(tokens) {
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
  await refusedWith(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_dpop_proof');
  await refusedWith(oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }), 'invalid_grant');
  const { sub } = tokens.claims();
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub), (fault) => fault.status === 401);
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP }), (fault) => fault.status === 401);
}

/** Push the request with a proof, which binds its code. */
async function pushedStory(DPoP) {
  const { request, checks } = await begun();
  const address = await oidc.buildAuthorizationUrlWithPAR(config, request, { DPoP });
  const arrived = await comeBack(address);
  await refusedWith(oidc.authorizationCodeGrant(config, arrived, checks), 'invalid_dpop_proof');
  return oidc.authorizationCodeGrant(config, arrived, checks, undefined, { DPoP });
}

const { tokens, DPoP, jkt } = await boundStory(await begun());
await thiefStory(tokens);
const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
const pushed = await pushedStory(DPoP);
report({ jkt, tokens, refreshed, pushed });
