/** Does a handler of a custom sender, as AWS's guide shows it, read its code? Its environment alone says where KMS is. */

import assert from 'node:assert/strict';

import encryptionSdk from '@aws-crypto/client-node';

import { facts, report } from './story.mjs';

const { REQUIRE_ENCRYPT_ALLOW_DECRYPT, REQUIRE_ENCRYPT_REQUIRE_DECRYPT } = encryptionSdk.CommitmentPolicy;

/** Decrypt the code of an event. The guide's example has the laxer policy; AWS's own messages keep to the stricter one. */
async function handler(event, { keyId = process.env.KEY_ID, policy = REQUIRE_ENCRYPT_ALLOW_DECRYPT } = {}) {
  const { decrypt } = encryptionSdk.buildClient(policy);
  const keyring = new encryptionSdk.KmsKeyringNode({ generatorKeyId: process.env.KEY_ALIAS, keyIds: [keyId] });
  const { plaintext, messageHeader } = await decrypt(keyring, Buffer.from(event.request.code, 'base64'));
  return { code: plaintext.toString('utf8'), context: messageHeader.encryptionContext };
}

/** Flip one bit of the middle of a message, which is in its wrapped data key. */
function damaged(code) {
  const bytes = Buffer.from(code, 'base64');
  bytes[bytes.indexOf('arn:aws:kms') + facts.keyArn.length + 60] ^= 1;
  return bytes.toString('base64');
}

const event = { request: { code: facts.code } };
const read = await handler(event);
assert.deepEqual(await handler(event, { policy: REQUIRE_ENCRYPT_REQUIRE_DECRYPT }), read);
await assert.rejects(handler(event, { keyId: facts.otherKeyArn }), /unencryptedDataKey has not been set/);
await assert.rejects(handler({ request: { code: damaged(facts.code) } }), /InvalidCiphertextException/);

report({ code: read.code, context: { ...read.context } });
