import { existsSync, readdirSync } from 'node:fs'
import { rangeOf } from '../backup/opening-backup.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { HeadFile } from '../log/head-file.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { StartGuard } from '../log/start-guard.ts'
import type { Transport } from '../ports/transport.ts'
import { askPartner } from '../recover/ask-partner.ts'
import { readBackup } from '../recover/read-backup.ts'
import { readTiles } from '../recover/read-tiles.ts'
import { type Recovered, recoverLog } from '../recover/recover-log.ts'
import type { RecoverySource } from '../recover/source.ts'
import type { View } from '../view/view.ts'

export interface RecoverApi {
  /**
   * Takes the missing end of the log back from partners (by nation), folders of backups and exported logs. A running node must be
   * started again afterwards.
   * @throws {NodeError} `RECOVER_SOURCE`, `RECOVER_INCOMPLETE`, `RECOVER_MISMATCH`, `RECOVER_NOT_NEEDED`
   */
  readonly logRecover: (request: RecoverRequest) => Promise<Recovered>
}

export interface RecoverRequest {
  readonly from: readonly string[]
  /** File of the recovery key, for backups. */
  readonly key?: string | undefined
}

export interface RecoverContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly headFile: HeadFile
  readonly view: View
  readonly guard: StartGuard
  readonly transport: Transport | null
}

/** A partner that gives everything it holds of a large log takes its time. */
const askWithinMs = 600_000

export function createRecoverApi(context: RecoverContext): RecoverApi {
  const { deps, log, headFile, view, guard, transport } = context
  const open = (
    name: string,
    key: string | undefined,
  ): Promise<RecoverySource> | RecoverySource => {
    const refuse = (why: string) => new NodeError('RECOVER_SOURCE', why)
    const partner = deps.partners.get(name)
    const { size } = log.head()
    if (partner !== undefined) {
      if (transport === null)
        throw refuse(
          `${name} can be asked by a running node alone: \`entente serve\`, then this again`,
        )
      const signal = AbortSignal.timeout(askWithinMs)
      return askPartner(deps, transport, partner, size, { signal })
    }
    if (!existsSync(name)) throw refuse(`${name} is neither a partner of the roster nor a folder`)
    if (readdirSync(name).every((file) => rangeOf(file) === null)) return readTiles(name)
    if (key === undefined) throw refuse(`${name} holds backups: name the recovery key with --key`)
    return readBackup(name, key, deps.origin, size)
  }
  return {
    logRecover: async ({ from, key }) => {
      if (guard.state().state === 'serving')
        throw new NodeError(
          'RECOVER_NOT_NEEDED',
          'this node serves: its log is whole, and nothing is recovered',
        )
      const sources = await Promise.all(from.map((name) => open(name, key)))
      const recovered = recoverLog(deps, log, headFile, view, sources)
      guard.freeze('the log has been recovered: start the node again')
      return recovered
    },
  }
}
