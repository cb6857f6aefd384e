/** What does an application do with passkeys? Unmodified Amplify in a page, one function for each thing a person asks for. */

import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';

const facts = window.facts;

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: facts.poolId,
      userPoolClientId: facts.clientId,
      userPoolEndpoint: facts.endpoint,
    },
  },
});

/** Return what a person sees of a promise: its answer, or the name and the sentence of its error. */
async function told(promise) {
  try {
    return { answer: await promise };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}

window.story = {
  signInByPassword: (username, password) =>
    told(auth.signIn({ username, password, options: { authFlowType: 'USER_SRP_AUTH' } })),
  signInByPasskey: (username) =>
    told(auth.signIn({ username, options: { authFlowType: 'USER_AUTH', preferredChallenge: 'WEB_AUTHN' } })),
  associate: () => told(auth.associateWebAuthnCredential()),
  list: (input) => told(auth.listWebAuthnCredentials(input)),
  remove: (credentialId) => told(auth.deleteWebAuthnCredential({ credentialId })),
  accessToken: async () => `${(await auth.fetchAuthSession()).tokens.accessToken}`,
  signOut: () => told(auth.signOut()),
};
