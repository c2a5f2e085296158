import { toHex, utf8 } from '@entente/schema'
import { addCheckpoint, type WitnessedLog } from '@entente/tlog'
import type { Deps } from '../deps.ts'

export const witnessProtocol = '/entente/tlog-witness/1'

/** One row per origin: the largest checkpoint this node has cosigned, and evidence of forks. */
export const witnessTables = `
CREATE TABLE IF NOT EXISTS witnessed(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fork_evidence(origin TEXT NOT NULL, stored TEXT NOT NULL, submitted TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(origin, submitted)) STRICT;
`

/** Answers witness requests: `<status>\n<body>`, bodies as in C2SP tlog-witness. */
export interface Witness {
  readonly answer: (request: string) => string
  /** Partners' origins for which two checkpoints of one size were shown. */
  readonly forked: () => readonly string[]
}

/**
 * The cosigner of this node. What it cosigned is compared, stored and only then answered, in one transaction, so that
 * two requests at once cannot make it cosign two histories.
 * @param frozen a node that may have lost state cosigns nothing
 */
export function createWitness(deps: Deps, frozen: () => boolean): Witness {
  const { db, clock, hash, verify, cosigner, partners } = deps
  const byOrigin = new Map([...partners.values()].map((partner) => [partner.log.origin, partner]))
  const byOriginHash = new Map(
    [deps.self, ...partners.values()].map(({ log }) => [toHex(hash(utf8(log.origin))), log.origin]),
  )
  const findLog = (origin: string): WitnessedLog | undefined => {
    const partner = byOrigin.get(origin)
    if (partner === undefined) return undefined
    const row = db.prepare('SELECT size, root, note FROM witnessed WHERE origin = ?').get(origin)
    if (row === undefined) return { key: partner.log.key }
    const stored = {
      size: row['size'] as number,
      root: row['root'] as Uint8Array,
      note: row['note'] as string,
    }
    return { key: partner.log.key, stored }
  }
  const cosign = (body: string): string => {
    if (frozen())
      return '503\nthis witness does not know yet whether its state is whole, and cosigns nothing\n'
    return db.transact(() => {
      const nowS = Math.floor(clock.nowMs() / 1000)
      const answer = addCheckpoint(body, {
        findLog,
        cosigner,
        timeS: nowS,
        primitives: { sha256: hash, verify },
      })
      if (answer.update !== undefined) {
        const { origin, next } = answer.update
        db.prepare(
          'INSERT INTO witnessed(origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT(origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note',
        ).run(origin, next.size, next.root, next.note)
      }
      if (answer.evidence !== undefined) {
        const { stored, submitted } = answer.evidence
        db.prepare(
          'INSERT OR IGNORE INTO fork_evidence(origin, stored, submitted, at_ms) VALUES (?, ?, ?, ?)',
        ).run(submitted.slice(0, submitted.indexOf('\n')), stored, submitted, clock.nowMs())
      }
      return `${answer.status}\n${answer.body}`
    })
  }
  const largest = (originHash: string): string => {
    const origin = byOriginHash.get(originHash)
    if (origin === undefined) return '404\nunknown log\n'
    const note =
      origin === deps.origin
        ? null
        : ((db.prepare('SELECT note FROM witnessed WHERE origin = ?').get(origin)?.['note'] as
            | string
            | undefined) ?? null)
    return note === null ? '404\nno checkpoint\n' : `200\n${note}`
  }
  return {
    answer: (request) => {
      const get = /^GET \/([0-9a-f]{64})\/checkpoint\n$/.exec(request)
      if (get?.[1] !== undefined) return largest(get[1])
      const post = 'POST /add-checkpoint\n\n'
      return request.startsWith(post)
        ? cosign(request.slice(post.length))
        : '400\nnot a witness request\n'
    },
    forked: () =>
      db
        .prepare('SELECT DISTINCT origin FROM fork_evidence')
        .all()
        .map((row) => row['origin'] as string),
  }
}
