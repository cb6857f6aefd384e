// Who is an OpenID provider that nobody here wrote? npm's oidc-provider, at whose door everybody is let in.
// Its arguments: the callback address; whether people come in `at-once` or `by-form`, where they say who they are; the methods by
// which clients may prove themselves. It prints its port as a line of JSON and lives until its standard input ends.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import Provider from 'oidc-provider';

const [callback, door, ...methods] = process.argv.slice(2);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const client = (id, method, algorithm) => ({
  client_id: id,
  ...(method === 'none' ? {} : { client_secret: `secret of ${id} & +more` }),
  redirect_uris: [callback],
  token_endpoint_auth_method: method,
  id_token_signed_response_alg: algorithm,
});

const form = `<!doctype html><title>Partner</title><link rel="icon" href="data:,"><h1>Sign in at the partner</h1>
  <form method="post"><label>Account <input name="account"></label><button>Sign in</button></form>`;

let handle = (_request, response) => response.end();
const server = createServer((request, response) => handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://localhost:${port}`, {
    clients: [
      client('posting', 'client_secret_post', 'RS256'),
      client('basic', 'client_secret_basic', 'PS256'),
      client('public', 'none', 'ES384'),
    ].filter((one) => methods.includes(one.token_endpoint_auth_method)),
    clientAuthMethods: methods,
    jwks: {
      keys: [
        { ...rsa.privateKey.export({ format: 'jwk' }), kid: 'an-rsa-key', use: 'sig' },
        { ...curve.privateKey.export({ format: 'jwk' }), kid: 'a-curve', use: 'sig' },
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES384'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: 'olga@example.com', email_verified: true, name: 'Olga' }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['a key of the tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/let-in/${interaction.uid}` },
  });

  provider.use(async (context, next) => {
    if (!context.path.startsWith('/let-in/')) {
      await next();
      return;
    }
    if (door === 'by-form' && context.method === 'GET') {
      context.body = form;
      return;
    }
    const { params } = await provider.interactionDetails(context.req, context.res);
    const given = new URLSearchParams(await text(context.req)).get('account');
    const accountId = given ?? params.login_hint ?? 'olga';
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const answer = { login: { accountId }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(context.req, context.res, answer);
    context.respond = false;
  });
  handle = provider.callback();
  console.log(JSON.stringify({ port }));
});
process.stdin.resume().on('end', () => process.exit());
