/** What is an authenticator without a browser? A key in memory that answers as navigator.credentials does (WebAuthn Level 3). */

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

const sha256 = (data) => createHash('sha256').update(data).digest();
const base64url = (data) => Buffer.from(data).toString('base64url');

/** Return a new authenticator with one ES256 key, in a browser at `origin`. */
export function newAuthenticator({ origin = 'http://localhost:3000' } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  let count = 0;

  const head = (relyingParty, flags) => {
    const counted = Buffer.alloc(4);
    counted.writeUInt32BE((count += 1));
    return Buffer.concat([sha256(relyingParty), Buffer.from([flags]), counted]);
  };
  const clientData = (type, challenge) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const answer = (response) => ({
    id: base64url(id),
    rawId: base64url(id),
    type: 'public-key',
    authenticatorAttachment: 'platform',
    clientExtensionResults: {},
    response,
  });

  return {
    id: base64url(id),

    /** Answer PublicKeyCredentialCreationOptions, without attestation. */
    create: ({ challenge, rp }) => {
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, coseOf(publicKey)]);
      const data = Buffer.concat([head(rp.id, PRESENT | VERIFIED | ATTESTED), attested]);
      return answer({
        clientDataJSON: base64url(clientData('webauthn.create', challenge)),
        attestationObject: base64url(attestationOf(data)),
        transports: ['internal'],
      });
    },

    /** Answer PublicKeyCredentialRequestOptions with a signature. */
    get: ({ challenge, rpId }) => {
      const data = head(rpId, PRESENT | VERIFIED);
      const said = clientData('webauthn.get', challenge);
      return answer({
        clientDataJSON: base64url(said),
        authenticatorData: base64url(data),
        signature: base64url(sign('sha256', Buffer.concat([data, sha256(said)]), privateKey)),
      });
    },
  };
}

/** Return a P-256 key as a COSE_Key (RFC 9053): the CBOR map {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
function coseOf(publicKey) {
  const { x, y } = publicKey.export({ format: 'jwk' });
  const coordinate = (label, value) =>
    Buffer.concat([Buffer.from([label, 0x58, 32]), Buffer.from(value, 'base64url')]);
  const kind = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]);
  return Buffer.concat([kind, coordinate(0x21, x), coordinate(0x22, y)]);
}

/** Return an attestation object of the format `none`: the CBOR map {fmt, attStmt, authData}. */
function attestationOf(data) {
  const text = (value) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
  const bytes = Buffer.concat([Buffer.from([0x58, data.length]), data]);
  const members = [text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0]), text('authData'), bytes];
  return Buffer.concat([Buffer.from([0xa3]), ...members]);
}
