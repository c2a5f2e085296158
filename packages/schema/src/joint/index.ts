export { type ChangeCode, ChangeError } from './change-error.ts'
export * from './paths.ts'
export * from './read-change.ts'
