export { isNation, type NationEntry, nationFromAlpha2, nationName, nations } from './nation.ts'
