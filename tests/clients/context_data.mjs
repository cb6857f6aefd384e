/** What do AWS's libraries send where a page has loaded our script? The page is made up; the libraries are as they are. */

import assert from 'node:assert/strict';
import { runInThisContext } from 'node:vm';

import { authenticate, browserStorage, poolOf, userOf } from './identity_js_client.mjs';
import { facts, report } from './story.mjs';

globalThis.window = globalThis;
globalThis.navigator ??= {};
for (const [name, value] of Object.entries({ userAgent: facts.userAgent, language: 'en', platform: 'Linux x86_64' })) {
  Object.defineProperty(globalThis.navigator, name, { value, configurable: true });
}
globalThis.localStorage = browserStorage();

const script = await fetch(`${facts.endpoint}/amazon-cognito-advanced-security-data.min.js`);
assert.equal(script.headers.get('cross-origin-resource-policy'), 'cross-origin');
runInThisContext(await script.text());

const Pool = poolOf(facts);
for (const name of facts.names) assert.equal((await authenticate(userOf(Pool, name), facts.password)).name, 'onSuccess');

const { signIn, useAmplify } = await import('./amplify_client.mjs');
useAmplify(facts);
const { signOut } = await import('aws-amplify/auth');
for (const name of facts.names) {
  assert.equal((await signIn(name, facts.password)).signInStep, 'DONE');
  await signOut();
}
report({});
