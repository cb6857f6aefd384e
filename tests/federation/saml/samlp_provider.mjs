// An identity provider made of samlp, unmodified. Usage: node samlp_provider.mjs FACTS, which prints its port.
// FACTS is JSON: key, cert (PEM, its own), issuer, serviceCert, servicePublicKey (PEM, ours), acs, logout, audience.

import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import samlp from "samlp";

const facts = JSON.parse(process.argv[2]);
const user = {
  id: "ada",
  displayName: "Ada Lovelace",
  name: { givenName: "Ada", familyName: "Lövelace & Co" },
  emails: [{ value: "ada@example.com" }],
  groups: ["staff", "admins"],
};
const own = {
  issuer: facts.issuer,
  key: facts.key,
  cert: facts.cert,
  signatureAlgorithm: "rsa-sha256",
  digestAlgorithm: "sha256",
};
const encryption = { encryptionCert: facts.serviceCert, encryptionPublicKey: facts.servicePublicKey };
const ways = {
  assertion: {},
  response: { signResponse: true, signAssertion: false },
  both: { signResponse: true },
  prefixed: { signResponse: true, signatureNamespacePrefix: "ds" },
  encrypted: encryption,
  "encrypted-and-signed": { ...encryption, signResponse: true },
  cbc: {
    ...encryption,
    signResponse: true,
    encryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    disallowEncryptionWithInsecureAlgorithm: false,
    warnOnInsecureEncryptionAlgorithm: false,
  },
};

const signIn = (way) =>
  samlp.auth({
    ...own,
    ...ways[way],
    signingCert: facts.serviceCert,
    audience: facts.audience,
    destination: facts.acs,
    recipient: facts.acs,
    sessionIndex: "_session-1",
    getUserFromRequest: () => user,
    getPostURL: (_audience, _request, _req, done) => done(null, facts.acs),
  });

// One session of the service provider, which /begin has the provider end, and /logout the service provider.
const participants = [];
const session = {};
const logout = (binding) => {
  participants.splice(0, 1, {
    serviceProviderId: facts.audience,
    nameId: "ada",
    nameIdFormat: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    sessionIndex: "_session-1",
    serviceProviderLogoutURL: facts.logout,
    cert: facts.serviceCert,
    binding,
  });
  return answer(binding);
};
const answer = (binding) =>
  samlp.logout({
    ...own,
    deflate: true,
    protocolBinding: binding,
    sessionParticipants: new Participants(participants),
    getCredentials: (_issuer, _sessions, _name, done) => done(null, { cert: facts.serviceCert }),
    signingCert: facts.serviceCert,
  });
const { default: Participants } = await import("samlp/lib/sessionParticipants/index.js");
const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

const handlers = {
  "/metadata": samlp.metadata({
    ...own,
    redirectEndpointPath: "/sso/assertion",
    postEndpointPath: "/sso/assertion",
    logoutEndpointPaths: { redirect: "/logout/redirect", post: "/logout/post" },
  }),
  ...Object.fromEntries(Object.keys(ways).map((way) => [`/sso/${way}`, signIn(way)])),
  "/logout/redirect": (...given) => logout(redirect)(...given),
  "/logout/post": (...given) => logout(post)(...given),
  "/done/redirect": (...given) => answer(redirect)(...given),
  "/done/post": (...given) => answer(post)(...given),
};

const server = createServer(async (req, res) => {
  const url = new URL(req.url, "http://127.0.0.1");
  const fields = (search) => Object.fromEntries(search);
  // What express would have added.
  Object.assign(req, {
    protocol: "http",
    originalUrl: req.url,
    query: fields(url.searchParams),
    body: fields(new URLSearchParams(await text(req))),
    session,
  });
  res.set = (name, value) => res.setHeader(name, value);
  res.send = (body) => (typeof body === "number" ? res.writeHead(body).end() : res.end(body));
  res.redirect = (location) => res.writeHead(302, { location }).end();
  // A browser asks for /favicon.ico too.
  const handler = handlers[url.pathname] ?? (() => res.writeHead(404).end());
  handler(req, res, (error) => res.writeHead(500).end(String(error)));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
