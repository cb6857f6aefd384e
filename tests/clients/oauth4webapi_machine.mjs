/** Does oauth4webapi work for a machine? Client credentials by header and by form, and a scope that nobody gave it. */

import assert from 'node:assert/strict';

import * as oauth from 'oauth4webapi';

import { facts, report } from './story.mjs';

const issuer = new URL(facts.issuer);
const client = { client_id: facts.clientId };
const options = { [oauth.allowInsecureRequests]: true };
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));

async function granted(proof, scope) {
  const answer = await oauth.clientCredentialsGrantRequest(as, client, proof, { scope }, options);
  return oauth.processClientCredentialsResponse(as, client, answer);
}

const answers = [];
for (const prove of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
  answers.push(await granted(prove(facts.clientSecret), facts.scope));
  await assert.rejects(granted(prove(facts.clientSecret), 'books/burn'), { error: 'invalid_scope' });
  // Proof by header that fails is told as HTTP has it (RFC 6749 section 5.2), proof by form in the body.
  await assert.rejects(granted(prove('wrong'), facts.scope), ({ error, cause }) =>
    [error, cause?.[0]?.scheme].includes(prove === oauth.ClientSecretBasic ? 'basic' : 'invalid_client'),
  );
}
report({ answers });
