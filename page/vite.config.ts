import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { licences } from "./licences.ts";

// The built page comes with the Python package; users of it need no node.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [licences()],
  resolve: {
    alias: [
      {
        find: /^numcodecs\/.*/,
        replacement: fileURLToPath(new URL("./src/study/no-codecs.ts", import.meta.url)),
      },
    ],
  },
  build: {
    outDir: "../src/deepvein/node/web/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    reportCompressedSize: false,
    // The viewer is 2 MB and has a file of its own, which stays the same when the page changes.
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: "niivue", test: /node_modules[\\/]@niivue/ }] },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8042" } },
});
