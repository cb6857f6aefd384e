/** What do the stories of Amplify share? Its configuration for a pool, signing in, and the tokens that it holds. */

import assert from 'node:assert/strict';

import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { sharedInMemoryStorage } from 'aws-amplify/utils';

import { facts } from './story.mjs';

// A browser has one, and Node from 21 on: Amplify names the device by it.
globalThis.navigator ??= { userAgent: 'Mozilla/5.0 (story)' };

/** Turn Amplify to one pool, `{ poolId, clientId }`, with a storage to remember in. */
export function useAmplify({ poolId, clientId }, { loginWith, storage = sharedInMemoryStorage } = {}) {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: poolId,
        userPoolClientId: clientId,
        userPoolEndpoint: facts.endpoint,
        ...(loginWith && { loginWith }),
      },
    },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
}

/** Remember like another browser, which knows nothing of the first but what was taken over. */
export function newStorage(takenOver = []) {
  const kept = new Map(takenOver);
  return {
    entries: () => [...kept],
    setItem: async (key, value) => kept.set(key, value),
    getItem: async (key) => kept.get(key) ?? null,
    removeItem: async (key) => kept.delete(key),
    clear: async () => kept.clear(),
  };
}

/** Begin to sign in by SRP unless another flow is named, and return the next step. */
export async function signIn(username, password, options = { authFlowType: 'USER_SRP_AUTH' }) {
  const { isSignedIn, nextStep } = await auth.signIn({ username, password, options });
  assert.equal(isSignedIn, nextStep.signInStep === 'DONE');
  return nextStep;
}

/** Answer the step and return the next one. */
export async function answer(challengeResponse, options) {
  const { isSignedIn, nextStep } = await auth.confirmSignIn({ challengeResponse, options });
  assert.equal(isSignedIn, nextStep.signInStep === 'DONE');
  return nextStep;
}

/** Return the three tokens that Amplify keeps now, after a refresh if it is forced. */
export async function heldTokens(options) {
  const { tokens, userSub } = await auth.fetchAuthSession(options);
  assert.ok(tokens, 'Amplify gives no tokens when its refresh was refused');
  const { refreshToken } = await cognitoUserPoolsTokenProvider.tokenOrchestrator.getTokenStore().loadTokens();
  assert.equal(userSub, tokens.accessToken.payload.sub);
  return { IdToken: `${tokens.idToken}`, AccessToken: `${tokens.accessToken}`, RefreshToken: refreshToken };
}

/** Check that the sign-in is at its end, sign out again, and return the tokens that it gave. */
export async function signedIn(nextStep) {
  assert.deepEqual(nextStep, { signInStep: 'DONE' });
  const tokens = await heldTokens();
  await auth.signOut();
  return tokens;
}
