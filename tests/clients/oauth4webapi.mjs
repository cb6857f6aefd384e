/** Does oauth4webapi work? It makes each request by itself and believes no answer: discovery to revocation, pushed requests too. */

import assert from 'node:assert/strict';

import * as oauth from 'oauth4webapi';

import { Person } from './person.mjs';
import { facts, report } from './story.mjs';

const { clientId, clientSecret, callback, username, password } = facts;

const issuer = new URL(facts.issuer);
const client = { client_id: clientId };
const proof = { none: oauth.None, basic: oauth.ClientSecretBasic, post: oauth.ClientSecretPost }[facts.proof](clientSecret);
// The one thing that is not as in the guide: a server on loopback speaks http.
const options = { [oauth.allowInsecureRequests]: true };
const person = new Person(callback);

/** Check that an answer of the token endpoint is a refusal by this name. */
const refusedWith = (promise, error) =>
  assert.rejects(promise, (fault) => fault instanceof oauth.ResponseBodyError && fault.error === error);

/** Read the metadata where OpenID Connect Discovery has them, and where RFC 8414 does. */
async function discover() {
  const [openid, plain] = await Promise.all(
    ['oidc', 'oauth2'].map(async (algorithm) =>
      oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...options })),
    ),
  );
  assert.deepEqual(openid, plain);
  return openid;
}

const as = await discover();

/** Return the parameters of an authorize request, and what its answer will be checked with. */
async function begun() {
  const checks = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  };
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid email aws.cognito.signin.user.admin',
    code_challenge: await oauth.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: 'S256',
    state: checks.state,
    nonce: checks.nonce,
  };
  return { parameters, checks };
}

/** Return where the browser goes with parameters. */
function addressOf(parameters) {
  const address = new URL(as.authorization_endpoint);
  address.search = new URLSearchParams(parameters);
  return address;
}

/** Check an answer that came back to the application, and exchange its code. */
async function exchanged(home, { verifier, state, nonce }) {
  const answer = oauth.validateAuthResponse(as, client, home, state);
  const request = await oauth.authorizationCodeGrantRequest(as, client, proof, answer, callback, verifier, options);
  return oauth.processAuthorizationCodeResponse(as, client, request, { expectedNonce: nonce, requireIdToken: true });
}

async function signInStory() {
  const { parameters, checks } = await begun();
  const { home, html } = await person.send(await person.open(addressOf(parameters)), { username, password });
  assert.ok(home, html);

  const tokens = await exchanged(home, checks);
  await refusedWith(exchanged(home, { ...checks, verifier: oauth.generateRandomCodeVerifier() }), 'invalid_grant');
  return tokens;
}

/** Push what is asked for; the browser brings no more than a name of it, which is good for one time. */
async function pushedStory() {
  const { parameters, checks } = await begun();
  const answer = await oauth.pushedAuthorizationRequest(as, client, proof, { ...parameters, prompt: 'none' }, options);
  const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, answer);

  const address = addressOf({ client_id: clientId, request_uri });
  const { home } = await person.open(address);
  const tokens = await exchanged(home, checks);
  const again = (await person.open(address)).home;
  assert.equal(again?.searchParams.get('error'), 'invalid_request_uri');
  return tokens;
}

async function refreshed(token) {
  const answer = await oauth.refreshTokenGrantRequest(as, client, proof, token, options);
  return oauth.processRefreshTokenResponse(as, client, answer);
}

async function userInfo({ access_token: token }, subject) {
  return oauth.processUserInfoResponse(as, client, subject, await oauth.userInfoRequest(as, client, token, options));
}

async function introspected(token) {
  const answer = await oauth.introspectionRequest(as, client, proof, token, options);
  return oauth.processIntrospectionResponse(as, client, answer);
}

// The code of a sign-in was tried twice there, which ends its session: what goes on is the pushed one.
await signInStory();
const tokens = await pushedStory();
const { sub } = oauth.getValidatedIdTokenClaims(tokens);
const newer = await refreshed(tokens.refresh_token);
assert.equal((await userInfo(newer, sub)).email, facts.email);

const confidential = facts.proof !== 'none';
if (confidential) {
  const told = await introspected(newer.access_token);
  assert.deepEqual([told.active, told.sub, told.client_id, told.iss], [true, sub, clientId, issuer.href]);
}

await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, tokens.refresh_token, options));
await refusedWith(refreshed(tokens.refresh_token), 'invalid_grant');
// A challenge as Cognito has it names no scheme, so the client takes it for none and goes by the status.
await assert.rejects(userInfo(newer, sub), ({ cause }) => cause.status === 401);
if (confidential) assert.equal((await introspected(newer.access_token)).active, false);

report({ tokens, newer });
