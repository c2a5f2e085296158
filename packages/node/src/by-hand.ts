/** What is done to the folder of a node that does not run. It loads all that a node stores, which what asks a running node does without. */
export { installByHand } from './pairing/install-by-hand.ts'
export { retireLog } from './retire/retire-log.ts'
