import { useState } from 'react';
import { useAuth } from 'react-oidc-context';

export function App() {
  const auth = useAuth();
  return (
    <>
      <h1>Example application</h1>
      {auth.error && <p role="alert">{auth.error.message}</p>}
      {auth.isAuthenticated ? <SignedIn /> : <SignedOut />}
    </>
  );
}

function SignedOut() {
  const auth = useAuth();
  return (
    <>
      <p>Nobody is signed in.</p>
      <button disabled={auth.isLoading} onClick={() => auth.signinRedirect()}>
        Sign in
      </button>
    </>
  );
}

function SignedIn() {
  const auth = useAuth();
  const { profile, access_token: token } = auth.user;
  const [answer, setAnswer] = useState('');

  async function callBackend() {
    const response = await fetch('/api/me', { headers: { Authorization: `Bearer ${token}` } });
    setAnswer(`${response.status} ${await response.text()}`);
  }

  return (
    <>
      <p>
        Signed in as <strong>{profile.email}</strong>
      </p>
      <dl>
        <dt>Access token</dt>
        <dd data-testid="token">{claimsOf(token).jti}</dd>
        <dt>Good until</dt>
        <dd>{new Date(auth.user.expires_at * 1000).toLocaleTimeString()}</dd>
      </dl>
      <p className="actions">
        <button onClick={callBackend}>Call the backend</button>
        <button onClick={() => auth.signinSilent()}>Refresh</button>
        <button onClick={() => auth.signoutRedirect()}>Sign out</button>
      </p>
      <output aria-label="Answer of the backend">{answer}</output>
    </>
  );
}

/** Read a token's claims to show them. Nothing is decided by them here: the backend is what verifies. */
function claimsOf(token) {
  return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
}
