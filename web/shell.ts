/** What the service worker keeps: writes the list of this build's files, and the name of the build, into `sw.js`. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

/** Of everything that is built: what a screen needs, and what is shown without a network. */
const KEPT = /^(assets\/.*\.(js|css)|theme\.js|offline\.(html|css|js)|icons\/mark\.svg)$/;

export function serviceWorker(): Plugin {
  let built = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved({ root, build }) {
      built = resolve(root, build.outDir);
    },
    closeBundle() {
      const files = readdirSync(built, { recursive: true, encoding: "utf8" })
        .map((file) => file.replaceAll("\\", "/"))
        .filter((file) => KEPT.test(file))
        .sort();
      const path = `${built}/sw.js`;
      writeFileSync(
        path,
        withFiles(readFileSync(path, "utf8"), files, (file) => readFileSync(`${built}/${file}`)),
      );
    },
  };
}

/** The worker's own text counts too: any change of it is another version. */
export function withFiles(
  worker: string,
  files: readonly string[],
  read: (file: string) => Buffer | string,
): string {
  const hash = createHash("sha256").update(worker);
  for (const file of files) hash.update(file).update(read(file));
  const version = hash.digest("hex").slice(0, 12);
  return worker
    .replace('const VERSION = "dev";', `const VERSION = "${version}";`)
    .replace("const FILES = [];", `const FILES = ${JSON.stringify(files.map((file) => `/${file}`))};`);
}
