// The licences of other people's packages that a bundle holds, as one text.
import { readdirSync, readFileSync } from "node:fs";

/** One part for each package, as they come; fails for a package that comes without a licence. */
export function licencesOf(modules) {
  const folders = new Set(
    modules.flatMap((path) => path.match(/^.*\/node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []),
  );
  return [...folders].map(licenceIn).join("\n");
}

function licenceIn(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && license === undefined) throw new Error(`${name} has no licence`);
  const text = file === undefined ? "" : `\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  return `${name} ${version}: ${license}\n${text}`;
}
