/** What is done to the folder of a node that does not run. It loads what a node stores; the rest of this package does not. */
export { installByHand } from './pairing/install-by-hand.ts'
export { retireLog } from './retire/retire-log.ts'
