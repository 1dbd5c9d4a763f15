/** Every screen has an address of its own. */

export const ROUTES = {
  welcome: "/",
  signin: "/signin",
  start: "/start",
  devices: "/devices",
  waiting: "/waiting",
  chat: "/chat",
  account: "/account",
  blocked: "/blocked",
  help: "/help",
} as const;

export type Route = keyof typeof ROUTES;
