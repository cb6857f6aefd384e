/** What do the stories of amazon-cognito-identity-js share? A storage like a browser's, users of a pool, its callbacks. */

import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
} from 'amazon-cognito-identity-js';

import { facts } from './story.mjs';

/** Remember like a browser's localStorage, which answers null, so that `DEVICE_KEY: null` goes over the wire. */
export function browserStorage() {
  const kept = new Map();
  return {
    setItem: (key, value) => kept.set(key, String(value)),
    getItem: (key) => kept.get(key) ?? null,
    removeItem: (key) => kept.delete(key),
    clear: () => kept.clear(),
  };
}

/** Return a pool of the library, `{ poolId, clientId }`. */
export const poolOf = ({ poolId, clientId }, Storage = browserStorage()) =>
  new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint: facts.endpoint, Storage });

/** Return a user of a pool, who remembers what the pool remembers. */
export const userOf = (Pool, Username) => new CognitoUser({ Username, Pool, Storage: Pool.storage });

/** Turn one call with a `(error, result)` callback into a promise. */
export const asked = (call) =>
  new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });

const steps = [
  'onSuccess',
  'newPasswordRequired',
  'inputVerificationCode',
  'mfaRequired',
  'totpRequired',
  'selectMFAType',
  'mfaSetup',
  'associateSecretCode',
  'customChallenge',
];

/** Turn one call with an object of callbacks into a promise of the callback that was called and its arguments. */
export const conversed = (call) =>
  new Promise((resolve, reject) => {
    const told = Object.fromEntries(steps.map((name) => [name, (...values) => resolve({ name, values })]));
    call({ onFailure: reject, ...told });
  });

export const authenticate = (user, Password) =>
  conversed((callbacks) =>
    user.authenticateUser(new AuthenticationDetails({ Username: user.getUsername(), Password }), callbacks),
  );

export const tokensOf = (session) => ({
  IdToken: session.getIdToken().getJwtToken(),
  AccessToken: session.getAccessToken().getJwtToken(),
  RefreshToken: session.getRefreshToken().getToken(),
});
