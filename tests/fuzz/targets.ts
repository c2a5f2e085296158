import { auditTargets } from './audit-targets.ts'
import { nodeTargets } from './node-targets.ts'
import { pairingTargets } from './pairing-targets.ts'
import { schemaTargets } from './schema-targets.ts'
import type { Target } from './target.ts'
import { tlogTargets } from './tlog-targets.ts'

/** Every parser of signed things and of bytes that others wrote. */
export const targets: readonly Target[] = [
  ...tlogTargets,
  ...schemaTargets,
  ...nodeTargets,
  ...pairingTargets,
  ...auditTargets,
]
