import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Addresses from the root: the app is served there, and its pages have paths of their own.
export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    outDir: "../src/personae/serve/studio",
    emptyOutDir: true,
    license: { fileName: "licences.md" },
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy knows no data: for scripts and fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8420", "/v1": "http://127.0.0.1:8420" } },
});
