// A real OpenID provider on this machine, twice: one tells addresses at its userinfo endpoint, as the specification has
// it, the other in the ID token. Started with {"ports": [...], "redirect": "..."}; ends with its standard input.
// Whoever signs in types a name, which decides what is known of them.
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const { ports, redirect } = JSON.parse(process.argv[2]);
const SECRET = "a secret+of/100%&=more:than 40 characters";

const people = {
  unverified: { email: "eve@college.edu", email_verified: false },
  text: { email: "eve@college.edu", email_verified: "true" },
  addressless: {},
};

function account(name) {
  const known = people[name] ?? { email: `${name}@college.edu`, email_verified: true };
  return { accountId: name, claims: () => ({ sub: name, ...known }) };
}

function key(type, options) {
  return { ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), use: "sig" };
}

function client(id, more) {
  return { client_id: id, client_secret: SECRET, redirect_uris: [redirect], grant_types: ["authorization_code"], ...more };
}

function provider(port, conformIdTokenClaims) {
  return new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      client("meet mates", {}),
      client("public", { client_secret: undefined, token_endpoint_auth_method: "none" }),
      client("elliptic", { id_token_signed_response_alg: "ES256" }),
      client("posting", { token_endpoint_auth_method: "client_secret_post" }),
      client("old", { id_token_signed_response_alg: "HS256" }),
    ],
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "none"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "HS256"] },
    jwks: { keys: [key("rsa", { modulusLength: 2048 }), key("ec", { namedCurve: "P-256" })] },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    conformIdTokenClaims,
    cookies: { keys: ["only for tests"] },
    findAccount: (_, name) => account(name),
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });
}

await Promise.all(
  ports.map((port, index) => new Promise((ready) => provider(port, index === 0).listen(port, "127.0.0.1", ready))),
);
console.log("ready");
process.stdin.on("end", () => process.exit(0)).resume();
