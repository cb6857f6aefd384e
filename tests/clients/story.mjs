/** What do the stories share? The facts they are told, the codes people read in their mail, refusals, the report. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

export const facts = JSON.parse(process.argv[2]);

/** Wait for the message of one kind to one address (the first, or the `number`th) and return the code in it. */
export async function codeFor({ to, kind, number = 1, poolId = facts.poolId }) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const messages = await (await fetch(facts.outbox)).json();
    const mine = messages.filter((m) => m.pool_id === poolId && m.to === to && m.kind === kind);
    if (mine.length >= number) return mine[number - 1].code;

    assert.ok(Date.now() < deadline, `no ${kind} message ${number} to ${to}; kinds: ${messages.map((m) => m.kind)}`);
    await pause(40);
  }
}

/**
 * Return what an authenticator app shows (RFC 6238), now or some steps of 30 seconds `later`.
 *
 * A code is accepted once, and one step ahead of its time: whoever has used one uses the next, and nobody waits.
 */
export function totp(secret, { later = 0 } = {}) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));

  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', key).update(step).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Return a code of the same length that is another one. */
export const wrong = (code) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');

/** Check that a promise is refused with an AWS error of this name and exactly (or, for a pattern, like) this sentence. */
export async function refused(promise, name, message) {
  const error = await promise.then(
    (answer) => assert.fail(`${name} was expected, the answer was ${JSON.stringify(answer)}`),
    (reason) => reason,
  );

  assert.equal(error.name, name, error.stack);
  if (message instanceof RegExp) assert.match(error.message, message);
  else assert.equal(error.message, message);
  return error;
}

/** Check that the server itself refuses a token: clients forget theirs at a sign-out, and swallow what went wrong. */
export async function assertRevoked(AccessToken) {
  const headers = {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': 'AWSCognitoIdentityProviderService.GetUser',
  };
  const answer = await fetch(facts.endpoint, { method: 'POST', headers, body: JSON.stringify({ AccessToken }) });
  assert.deepEqual(await answer.json(), {
    __type: 'NotAuthorizedException',
    message: 'Access Token has been revoked',
  });
}

/** Hand the result over as the one line on stdout, and end: Amplify's autoSignIn leaves a timer of three minutes behind. */
export function report(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
