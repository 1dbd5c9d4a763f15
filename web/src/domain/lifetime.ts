/** How long a token is good for, also where this device's clock is wrong. */

/** Milliseconds, counted from when it was made; by `expiresAt` where the token itself does not say. */
export function lifetime(tokens: { token: string; expiresAt: string }, now: number): number {
  const { exp, iat } = claimsOf(tokens.token);
  if (typeof exp === "number" && typeof iat === "number") return Math.max(0, exp - iat) * 1000;
  const end = Date.parse(tokens.expiresAt);
  return Number.isNaN(end) ? 0 : Math.max(0, end - now);
}

function claimsOf(token: string): { exp?: unknown; iat?: unknown } {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(payload));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
