// After a build: a stamp of the sources that it was made from.
import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));
const built = join(here, "../src/personae/serve/studio");
const SOURCES = ["index.html", "package-lock.json", "package.json", "public", "scripts", "src", "tsconfig.json", "vite.config.ts"];

function filesBelow(path) {
  return statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesBelow(join(path, name))) : [path];
}

// The test of the committed build computes the same: name, NUL, SHA-256 of the content, newline, in the order of names.
const names = SOURCES.flatMap((name) => filesBelow(join(here, name)))
  .map((path) => relative(here, path).split(sep).join("/"))
  .sort();
const whole = createHash("sha256");
for (const name of names) whole.update(`${name}\0${createHash("sha256").update(readFileSync(join(here, name))).digest("hex")}\n`);

writeFileSync(join(built, "build.json"), `${JSON.stringify({ sources: whole.digest("hex") })}\n`);
copyFileSync(join(here, "node_modules/@fontsource-variable/inter/LICENSE"), join(built, "assets/inter-licence.txt"));
