import { WebStorageStateStore } from 'oidc-client-ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { AuthProvider } from 'react-oidc-context';

import { App } from './App.jsx';
import './app.css';

const home = `${window.location.origin}/`;

// The issuer is all that is known of the pool: endpoints and keys are in its discovery document.
const settings = {
  authority: import.meta.env.POOL_ISSUER,
  client_id: import.meta.env.POOL_CLIENT_ID,
  redirect_uri: home,
  post_logout_redirect_uri: home,
  scope: 'openid email',
  revokeTokensOnSignout: true,
  userStore: new WebStorageStateStore({ store: window.sessionStorage }),
  // The code in the address is spent by now: a reload must not bring it again.
  onSigninCallback: () => window.history.replaceState({}, document.title, '/'),
};

createRoot(document.getElementById('app')).render(
  <StrictMode>
    <AuthProvider {...settings}>
      <App />
    </AuthProvider>
  </StrictMode>,
);
