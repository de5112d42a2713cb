import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 240_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/{core,sdk,cli}/**/*.test.ts', 'packages/vault/seal/**/*.test.ts', 'e2e/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'store',
          include: ['packages/vault/**/*.test.ts'],
          exclude: ['packages/vault/seal/**', '**/node_modules/**'],
          globalSetup: ['packages/server/testing/postgres.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'api',
          include: ['packages/server/**/*.test.ts'],
          globalSetup: ['packages/server/testing/postgres.ts'],
        },
      },
    ],
  },
})

export default config
