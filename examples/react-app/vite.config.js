import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const { FRONTEND_PORT = '5173', BACKEND_PORT = '8000' } = process.env;

export default defineConfig({
  plugins: [react()],
  // What setup_pool.py writes to .env: POOL_ISSUER and POOL_CLIENT_ID. Neither is a secret.
  envPrefix: 'POOL_',
  cacheDir: '.vite',
  server: {
    port: Number(FRONTEND_PORT),
    // The address is registered with the pool: another port would be another application.
    strictPort: true,
    // What changes the application; the backend's packages are tens of thousands of files.
    watch: { ignored: ['**/.venv/**', '**/backend/**'] },
    proxy: { '/api': `http://127.0.0.1:${BACKEND_PORT}` },
  },
});
