import { defineConfig } from 'vite';

const { FRONTEND_PORT = '5174', BACKEND_PORT = '8001' } = process.env;

export default defineConfig({
  // What `run` sets; none of it is a secret.
  envPrefix: 'APP_',
  cacheDir: '.vite',
  server: {
    port: Number(FRONTEND_PORT),
    strictPort: true,
    // What changes the application; the backend's packages are tens of thousands of files.
    watch: { ignored: ['**/.venv/**', '**/backend/**'] },
    proxy: { '/api': `http://127.0.0.1:${BACKEND_PORT}` },
  },
});
