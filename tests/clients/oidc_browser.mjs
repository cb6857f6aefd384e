/** What does a single-page application do? Unmodified oidc-client-ts: by redirect, in a popup, and unseen in a frame. */

import { IndexedDbDPoPStore, UserManager, WebStorageStateStore } from 'oidc-client-ts';

const { issuer, clientId, home } = window.facts;

const settings = {
  authority: issuer,
  client_id: clientId,
  redirect_uri: `${home}callback.html`,
  popup_redirect_uri: `${home}popup.html`,
  silent_redirect_uri: `${home}silent.html`,
  post_logout_redirect_uri: home,
  popup_post_logout_redirect_uri: `${home}popup.html?signed=out`,
  scope: 'openid email',
  automaticSilentRenew: false,
  silentRequestTimeoutInSeconds: 15,
  userStore: new WebStorageStateStore({ store: window.localStorage }),
};
const manager = new UserManager(settings);
// The same application, whose tokens are bound to a key that no script can read out.
const withKey = new UserManager({
  ...settings,
  userStore: new WebStorageStateStore({ store: window.sessionStorage }),
  dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() },
});

/** Return what an application learns of a promise: a user, or an error. */
async function told(promise) {
  try {
    const user = await promise;
    return user && { email: user.profile.email, accessToken: user.access_token, refreshToken: user.refresh_token };
  } catch (fault) {
    return { error: fault.error ?? fault.name, message: fault.message };
  }
}

window.story = {
  signInByRedirect: () => manager.signinRedirect(),
  signInByPopup: () => told(manager.signinPopup()),
  signInWithKey: () => told(withKey.signinPopup()),
  refreshWithKey: () => told(withKey.signinSilent()),
  signInSilently: () => told(manager.signinSilent({ forceIframeAuth: true })),
  refresh: () => told(manager.signinSilent()),
  forget: () => manager.removeUser(),
  revoke: () => told(manager.revokeTokens()),
  signOutByRedirect: () => manager.signoutRedirect(),
  signOutByPopup: () => told(manager.signoutPopup()),
  user: () => told(manager.getUser()),
  opener: () => window.localStorage.getItem('opener'),
};

const arrivals = {
  '/callback.html': async () => {
    await manager.signinRedirectCallback();
    window.location.replace(home);
  },
  '/popup.html': () => {
    // This library finds another way where the opener is lost; not every one does.
    window.localStorage.setItem('opener', window.opener ? 'kept' : 'lost');
    return window.location.search.includes('signed=out') ? manager.signoutPopupCallback() : manager.signinPopupCallback();
  },
  '/silent.html': () => manager.signinSilentCallback(),
};
arrivals[window.location.pathname]?.();
