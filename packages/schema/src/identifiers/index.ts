export { isNation, type NationEntry, nationFromAlpha2, nationName, nations } from './nation.ts'
export { type NsnCode, parseNiin, parseNsn } from './nsn.ts'
export type { IdentifierOutcome } from './outcome.ts'
