export { armour, openArmour } from './armour.ts'
export * from './invitation.ts'
export { type PairingSide, pairingCode } from './pairing-code.ts'
