export { initWitness, type NewWitness } from './init-witness.ts'
export { type HostedWitness, openWitness } from './open-witness.ts'
