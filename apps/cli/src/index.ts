export { defineConfig } from './config/define-config.ts'
export type { EnvironmentConfig, MigConfig } from './config/define-config.ts'
