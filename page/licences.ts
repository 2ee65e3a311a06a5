import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** The licences of all packages that went into the page, beside it: most of them ask for that. */
export function licences(): Plugin {
  return {
    name: "licences",
    generateBundle(_, bundle) {
      const folders = new Set<string>();
      for (const part of Object.values(bundle))
        if (part.type === "chunk")
          for (const id of part.moduleIds) {
            const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id);
            if (found) folders.add(found[1]!);
          }
      const texts = [...folders].sort().map((folder) => {
        const about = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as {
          name: string;
          version: string;
          license?: string;
        };
        const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
        // Some come without the text that they ask to be given along.
        const own = fileURLToPath(new URL(`./licences/${about.name}.txt`, import.meta.url));
        const path = file ? `${folder}/${file}` : own;
        if (!existsSync(path)) throw new Error(`${about.name} brings no licence: put it at ${own}`);
        const text = readFileSync(path, "utf8");
        return `${about.name} ${about.version} (${about.license})\n\n${text.trim()}\n`;
      });
      this.emitFile({
        type: "asset",
        fileName: "assets/licences.txt",
        source: texts.join(`\n${"-".repeat(70)}\n\n`),
      });
    },
  };
}
