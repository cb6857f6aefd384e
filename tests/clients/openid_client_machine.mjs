/** Does openid-client work for a machine? Client credentials, by header and by form. */

import * as oidc from 'openid-client';

import { facts, report } from './story.mjs';

const options = { execute: [oidc.allowInsecureRequests] };

const answers = [];
for (const proof of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
  const { issuer, clientId, clientSecret } = facts;
  const config = await oidc.discovery(new URL(issuer), clientId, undefined, proof(clientSecret), options);
  answers.push(await oidc.clientCredentialsGrant(config, { scope: facts.scope }));
}
report({ answers });
