import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page, for both hosts: plain files without inline script or style, so that the strict content policy holds. */
export default defineConfig({
  root: resolve(import.meta.dirname, 'renderer/app'),
  plugins: [react()],
  build: {
    outDir: resolve(import.meta.dirname, 'dist/page'),
    emptyOutDir: true,
    target: 'es2024',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
