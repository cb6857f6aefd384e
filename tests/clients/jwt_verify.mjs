/** Does aws-jwt-verify accept our tokens? Its generic verifier over TLS, or CognitoJwtVerifier with the keys handed over. */

import assert from 'node:assert/strict';

import { CognitoJwtVerifier, JwtVerifier } from 'aws-jwt-verify';
import * as errors from 'aws-jwt-verify/error';

import { facts, report } from './story.mjs';

const { tokens, clientId, poolId } = facts;

/** Put another subject into the payload, so that the signature is that of another text. */
function tampered(token) {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody else' })).toString('base64url');
  return [header, forged, signature].join('.');
}

async function generic() {
  const { issuer, jwksUri } = facts;
  const idVerifier = JwtVerifier.create({ issuer, jwksUri, audience: clientId });
  const accessVerifier = JwtVerifier.create({ issuer, jwksUri, audience: null });
  await assert.rejects(idVerifier.verify(tampered(tokens.IdToken)), errors.JwtInvalidSignatureError);
  await assert.rejects(idVerifier.verify(tokens.AccessToken), errors.JwtInvalidAudienceError);

  return { id: await idVerifier.verify(tokens.IdToken), access: await accessVerifier.verify(tokens.AccessToken) };
}

async function cognito() {
  const verifierOf = (tokenUse, expectedClient = clientId) => {
    const verifier = CognitoJwtVerifier.create({ userPoolId: poolId, clientId: expectedClient, tokenUse });
    verifier.cacheJwks(facts.jwks);
    return verifier;
  };
  const [id, access] = [verifierOf('id'), verifierOf('access')];
  await assert.rejects(id.verify(tokens.AccessToken), errors.CognitoJwtInvalidTokenUseError);
  await assert.rejects(access.verify(tampered(tokens.AccessToken)), errors.JwtInvalidSignatureError);
  const another = verifierOf('access', 'another');
  await assert.rejects(another.verify(tokens.AccessToken), errors.CognitoJwtInvalidClientIdError);

  return { id: id.verifySync(tokens.IdToken), access: await access.verify(tokens.AccessToken) };
}

report(await { generic, cognito }[facts.verifier]());
