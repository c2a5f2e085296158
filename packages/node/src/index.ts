export * from './adapters/ed25519.ts'
export * from './control/index.ts'
export type * from './node-api.ts'
export * from './setup/index.ts'
