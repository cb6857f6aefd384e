/** What stands behind a sign-in of the Model Context Protocol? A server of its SDK whose tools are for people of a pool. */

import { discoverAuthorizationServerMetadata } from '@modelcontextprotocol/sdk/client/auth.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const SCOPES = ['openid', 'email'];

/** Return what verifies tokens that are meant for this server and no other (RFC 8707). */
function verifierOf({ issuer, jwks_uri: keys }, resource) {
  const keySet = createRemoteJWKSet(new URL(keys));
  return {
    async verifyAccessToken(token) {
      const { payload } = await jwtVerify(token, keySet, { issuer, audience: resource.href }).catch((fault) => {
        throw new InvalidTokenError(fault.message);
      });
      return {
        token,
        clientId: payload.client_id,
        scopes: payload.scope.split(' '),
        expiresAt: payload.exp,
        resource: new URL(payload.aud),
        extra: { sub: payload.sub },
      };
    },
  };
}

/** Return a server with one tool, which tells whose token came. */
function toolbox() {
  const server = new McpServer({ name: 'toolbox', version: '1.0.0' });
  server.registerTool('who_am_i', { description: 'Tells who asks.' }, ({ authInfo }) => ({
    content: [{ type: 'text', text: authInfo.extra.sub }],
  }));
  return server;
}

/** Serve the tools at an address of this machine; return it, and how to stop. */
export async function serveTools(issuer) {
  const oauthMetadata = await discoverAuthorizationServerMetadata(issuer);
  const app = createMcpExpressApp({ host: 'localhost' });
  const listening = await new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server));
  });
  const resourceServerUrl = new URL(`http://localhost:${listening.address().port}/mcp`);

  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl, scopesSupported: SCOPES }));
  const guard = requireBearerAuth({
    verifier: verifierOf(oauthMetadata, resourceServerUrl),
    requiredScopes: SCOPES,
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resourceServerUrl),
    expectedResource: resourceServerUrl,
  });
  app.post('/mcp', guard, async (request, response) => {
    const [server, transport] = [toolbox(), new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })];
    response.on('close', () => server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all('/mcp', (_, response) => response.status(405).end());
  return { url: resourceServerUrl, stop: () => listening.close() };
}
