export {
  changePassphrase,
  encryptKeys,
  type KeysAt,
  mustBeNew,
} from '../keys/at-rest/encrypt-keys.ts'
export {
  newPassphrase,
  type PassphraseSource,
  setPassphraseSource,
} from '../keys/at-rest/passphrases.ts'
export { type BuildOptions, buildRoster, quorumFor } from './build-roster.ts'
export { type CertifiedPerson, certifyPerson } from './certify-person.ts'
export { type LogRhythm, NodeConfig, readConfig } from './config.ts'
export { type InitOptions, type InitResult, initNode, initNodeForRoot } from './init-node.ts'
export { type JoinOptions, type JoinResult, joinNation } from './join-nation.ts'
export { readSigner, writeNewKey } from './key-file.ts'
export { loadNodeFolder, loadOwn, type NodeFolder, type NodeKeys, selfOf } from './node-folder.ts'
export { type CertifiedNode, certifyNodeRequest } from './node-request.ts'
export { type NodePaths, pathsOf } from './paths.ts'
export { putBackRoster, settleRoster } from './put-back-roster.ts'
export { makeRecoveryKey } from './recovery-key.ts'
export { type RevokedKey, revokeKey } from './revoke-key.ts'
export { installRoster, readRosterJson } from './roster-store.ts'
export { type RotatedIdentity, rotateIdentity } from './rotate-identity.ts'
export { type RotatedKey, rotateKey } from './rotate-key.ts'
export { type RotatedWitness, rotateWitness } from './rotate-witness.ts'
export { type SetupCode, SetupError } from './setup-error.ts'
export { parseRosterFile, signRoster, unsignedBy } from './sign-roster.ts'
export { SOLO, soloRoster } from './solo-roster.ts'
export { supplierSigner } from './supplier-key.ts'
