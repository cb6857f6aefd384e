// What does the peer oidc-provider serve? Two clients and their codes, held in memory. Its arguments: the package's folder, a port.
// It signs what Poolkeeper signs: access tokens are JWTs (RFC 9068), which it makes for a named resource alone.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [folder, port] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${folder}/lib/index.js`).href);
const API = 'https://api.example';
const CALLBACK = 'https://app.example/callback';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'machine',
      client_secret: 'secret-of-the-machine',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
    },
    {
      client_id: 'app',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'none',
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'one' }] },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, email: 'user@example.com' }) }),
  pkce: { required: () => false },
  rotateRefreshToken: false,
  issueRefreshToken: () => true,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'read', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    },
  },
});

// A code as an interaction would leave it behind: no page is measured here.
async function code() {
  const accountId = randomUUID();
  const grant = new provider.Grant({ accountId, clientId: 'app' });
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(API, 'read');
  const client = await provider.Client.find('app');
  return new provider.AuthorizationCode({
    accountId,
    client,
    grantId: await grant.save(),
    gty: 'authorization_code',
    redirectUri: CALLBACK,
    resource: API,
    scope: 'openid offline_access read',
    authTime: Math.floor(Date.now() / 1000),
  }).save();
}

provider.use(async (context, next) => {
  if (context.path === '/bench/health') context.body = 'ok';
  else if (context.path === '/bench/codes') {
    context.body = await Promise.all(Array.from({ length: Number(context.query.count) }, code));
  } else await next();
});
provider.listen(Number(port), '127.0.0.1');
