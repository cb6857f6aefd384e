/** What does an application of Amplify's do with the pages? Unmodified Amplify in a browser: there, back, refreshed, out. */

import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
// Finishes the sign-in when the application is opened with a code in its address.
import 'aws-amplify/auth/enable-oauth-listener';
import { Hub } from 'aws-amplify/utils';

const { poolId, clientId, endpoint, domain, home } = window.facts;

const events = [];
Hub.listen('auth', ({ payload }) => events.push(payload.event));

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: poolId,
      userPoolClientId: clientId,
      userPoolEndpoint: endpoint,
      loginWith: {
        oauth: {
          domain,
          scopes: ['openid', 'email', 'aws.cognito.signin.user.admin'],
          redirectSignIn: [home],
          redirectSignOut: [home],
          responseType: 'code',
        },
      },
    },
  },
});

/** Return what an application learns of a promise: its answer, or the name and the sentence of its error. */
async function told(promise) {
  try {
    return { answer: await promise };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}

async function tokens(options) {
  const { tokens: held } = await auth.fetchAuthSession(options);
  return held && { accessToken: `${held.accessToken}`, idToken: `${held.idToken}` };
}

window.story = {
  signIn: (input) => auth.signInWithRedirect(input),
  events: () => events,
  user: () => told(auth.getCurrentUser()),
  attributes: () => told(auth.fetchUserAttributes()),
  tokens: () => tokens(),
  refreshed: () => tokens({ forceRefresh: true }),
  signOut: () => auth.signOut(),
};
