import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./shell";

const page = fileURLToPath(new URL("../src/meetmates/http/page", import.meta.url));
const client = fileURLToPath(new URL("./node_modules/socket.io-client/dist", import.meta.url));
const server = process.env.MEETMATES_DEV_SERVER ?? "http://127.0.0.1:3001";
const CLIENT_FILES = /socket\.io(\.esm)?(\.min)?\.js(\.map)?$/;

/** The official client's own files, for pages elsewhere that load it from the server. */
const socketIoClient = {
  name: "socket.io-client",
  closeBundle(): void {
    cpSync(client, `${page}/socket.io`, {
      recursive: true,
      filter: (source) => source === client || CLIENT_FILES.test(source),
    });
  },
};

export default defineConfig({
  plugins: [socketIoClient, serviceWorker()],
  build: {
    outDir: page,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false }, // the policy for content allows no inline script
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      "/api": server,
      "/socket.io": { target: server, ws: true },
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"] },
});
