/** Does the SDK of the Model Context Protocol work? Its client finds the pool by itself, and signs a person in whom no app knows. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { serveTools } from './mcp_server.mjs';
import { Person } from './person.mjs';
import { facts, report } from './story.mjs';

const { issuer, callback, username, password, certificate, key } = facts;

const METADATA = {
  client_name: 'The Toolbelt',
  redirect_uris: [callback],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: facts.method,
};

/** Publish what the app says of itself at an https address of this machine; return it, and how often it was asked for. */
async function publish() {
  const asked = [];
  const host = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    asked.push(request.url);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ client_id: url, ...METADATA }));
  });
  await new Promise((resolve) => host.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${host.address().port}/toolbelt.json`;
  return { url, asked };
}

/** What an app keeps for the SDK: everything as it came. */
class Toolbelt {
  redirectUrl = callback;
  clientMetadata = METADATA;
  #state = randomUUID();

  constructor(clientMetadataUrl) {
    this.clientMetadataUrl = clientMetadataUrl;
  }
  state = () => this.#state;
  clientInformation = () => this.information;
  saveClientInformation = (information) => void (this.information = information);
  tokens = () => this.held;
  saveTokens = (tokens) => void (this.held = tokens);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  redirectToAuthorization = (address) => void (this.address = address);
}

/** Sign a person in at the page to which the SDK sends them, which names the app whoever is signed in; return the code. */
async function signIn(person, app) {
  const page = await person.open(app.address);
  assert.match(page.html ?? '', /The Toolbelt/);
  const { home, html } = await person.send(page, { username, password });
  assert.ok(home, html);
  assert.equal(home.searchParams.get('state'), app.state());
  assert.equal(home.searchParams.get('iss'), issuer);
  return home.searchParams.get('code');
}

async function whoAmI(client) {
  const { content } = await client.callTool({ name: 'who_am_i' });
  return content[0].text;
}

const documents = await publish();
const tools = await serveTools(issuer);
const app = new Toolbelt(facts.byDocument ? documents.url : undefined);
const transport = () => new StreamableHTTPClientTransport(tools.url, { authProvider: app });
const client = () => new Client({ name: 'toolbelt', version: '1.0.0' });

const first = transport();
await assert.rejects(client().connect(first), UnauthorizedError);
const person = new Person(callback);
await first.finishAuth(await signIn(person, app));
const tokens = app.held;
const connected = client();
await connected.connect(transport());
const sub = await whoAmI(connected);

// An access token that the server does not take any more: the SDK asks for another one, and nobody notices.
app.held = { ...tokens, access_token: `${tokens.access_token}x` };
assert.equal(await whoAmI(connected), sub);
const refreshed = app.held;
assert.notEqual(refreshed.access_token, tokens.access_token);

// A browser that is signed in already sees the page all the same: nobody vouches for the app.
const again = new Toolbelt(app.clientMetadataUrl);
again.information = app.information;
const second = new StreamableHTTPClientTransport(tools.url, { authProvider: again });
await assert.rejects(client().connect(second), UnauthorizedError);
assert.match((await person.open(again.address)).html, /The Toolbelt/);

report({
  clientId: app.information.client_id,
  registered: app.information,
  documentUrl: documents.url,
  asked: documents.asked,
  resource: tools.url.href,
  sub,
  tokens,
  refreshed,
});
