import { type Erase, type Json, type Nation, peekJws, toHex } from '@entente/schema'
import { formatBase64, formatTlogProof, parseCheckpoint, parseNote } from '@entente/tlog'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { checkLog, type LogFinding } from '../log/check-log.ts'
import { erasuresOf } from '../log/erase-leaves.ts'
import { type ExportedLog, exportLog } from '../log/export-log.ts'
import type { HeadFile } from '../log/head-file.ts'
import { logFile } from '../log/log-files.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { Progress } from '../node-api.ts'
import { evidenceIn } from '../witness/fork-evidence.ts'
import type { Witness } from '../witness/witness.ts'

/** What may be asked about the release log. */
export interface LogApi {
  /** Writes the published log as static files, or brings an earlier export up to date. */
  readonly logExport: (
    request: { readonly directory: string },
    progress?: Progress,
  ) => Promise<ExportedLog>
  /** One file of the published log in base64, by its path below the log; null when there is none. */
  readonly logFile: (path: string) => Promise<string | null>
  /** What this node's witness answers: `<status>\n<body>`. @see C2SP tlog-witness */
  readonly witnessAnswer: (request: string) => Promise<string>
  /** Derives the log again from its entries, and says what of it does not fit. Changes nothing. */
  readonly logFsck: (
    request: { readonly limit?: number | undefined },
    progress?: Progress,
  ) => Promise<LogCheck>
  /** One leaf and what it commits to. @throws {NodeError} `LEAF_UNKNOWN` */
  readonly logShow: (index: number) => Promise<ShownLeaf>
  /** Checkpoints by which anybody can see that a partner's log has two histories. */
  readonly logEvidence: () => Promise<readonly Evidence[]>
  /** Proof that a leaf is in the published log. @throws {NodeError} `LEAF_UNKNOWN` */
  readonly logProve: (index: number) => Promise<LeafProof>
}

export interface LogCheck {
  readonly origin: string
  readonly leaves: number
  readonly published: number
  /** How many findings there are; `findings` are the first of them. */
  readonly found: number
  readonly findings: readonly LogFinding[]
}

/** Two checkpoints of one size and other roots, both signed by the log. */
export interface Evidence {
  readonly nation: Nation
  readonly origin: string
  /** Key of the log, as any verifier of signed notes takes it. */
  readonly logKey: string
  readonly size: number
  readonly first: string
  readonly second: string
  readonly foundAtMs: number
}

export interface ShownLeaf {
  readonly index: number
  readonly kind: string
  readonly atMs: number
  readonly feed: string | null
  readonly seq: number | null
  /** base64url SHA-256 of the statement. */
  readonly hash: string
  /** The entry in hex: `01`, then the commitment. */
  readonly entry: string
  readonly published: boolean
  /** Null once the statement has been erased, as `payload` and `salt` are. */
  readonly jws: string | null
  readonly payload: Json
  readonly salt: string | null
  /** By which leaf the statement was declared erased, and why; null: it was not. */
  readonly erased: {
    readonly index: number
    readonly ground: string
    readonly authority: string
  } | null
}

export interface LeafProof {
  readonly index: number
  readonly size: number
  /** Text of the proof, which any verifier of the format can check. @see C2SP tlog-proof */
  readonly proof: string
  /** The entry that it is of, in hex. */
  readonly entry: string
}

export interface LogContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly headFile: HeadFile
  readonly published: () => PublishedLog
  readonly witness: Witness
}

const defaultLimit = 1000

export function createLogApi({ deps, log, headFile, published, witness }: LogContext): LogApi {
  const { db, hash, verify, self } = deps
  const entryAt = (index: number): string => {
    const [entry] = log.entries(index, index + 1)
    if (entry !== undefined) return toHex(entry)
    const { size } = log.head()
    throw new NodeError(
      'LEAF_UNKNOWN',
      size === 0 ? 'the log has no leaf yet' : `the log has the leaves 0 to ${size - 1}`,
    )
  }
  const erasedBy = (leaf: number): ShownLeaf['erased'] => {
    const by = erasuresOf(deps).get(leaf)
    if (by === undefined) return null
    const { ground, authority } = peekJws(by.jws).payload as unknown as Erase
    return { index: by.index, ground, authority }
  }
  return {
    logExport: async ({ directory }, progress) => exportLog(log, published(), directory, progress),
    logFile: async (path) => {
      const bytes = logFile(log, published(), path)
      return bytes && formatBase64(bytes)
    },
    witnessAnswer: async (request) => witness.answer(request),
    logEvidence: async () =>
      evidenceIn(db).flatMap(({ origin, first, second, atMs }) => {
        const partner = [...deps.partners.values()].find(({ log }) => log.origin === origin)
        if (partner === undefined) return []
        const { size } = parseCheckpoint(parseNote(first).text)
        const { nation, certificate } = partner
        const { logKey } = certificate
        return [{ nation, origin, logKey, size, first, second, foundAtMs: atMs }]
      }),
    logFsck: async ({ limit = defaultLimit }, progress) => {
      const findings: LogFinding[] = []
      let found = 0
      const { origin, key } = self.log
      const onLeaf = (done: number, total: number) =>
        progress?.({ stage: 'check log', done, total })
      for await (const finding of checkLog({ db, origin, key, headFile, hash, verify }, onLeaf))
        if (++found <= limit) findings.push(finding)
      return { origin, leaves: log.head().size, published: published().size, found, findings }
    },
    logShow: async (index) => {
      const entry = entryAt(index)
      const row = db.prepare('SELECT * FROM statement WHERE idx = ?').get(index)
      const statement = log.statement(index)
      return {
        index,
        kind: row?.['kind'] as string,
        atMs: row?.['at_ms'] as number,
        feed: row?.['feed'] as string | null,
        seq: row?.['seq'] as number | null,
        hash: row?.['hash'] as string,
        entry,
        published: index < published().size,
        jws: statement?.jws ?? null,
        payload: statement ? peekJws(statement.jws).payload : null,
        salt: statement ? toHex(statement.salt) : null,
        erased: statement ? null : erasedBy(index),
      }
    },
    logProve: async (index) => {
      const entry = entryAt(index)
      const { size, note } = published()
      if (index >= size)
        throw new NodeError(
          'LEAF_UNKNOWN',
          `leaf ${index} is not published yet: witnesses have cosigned the first ${size}; see \`entente status\``,
        )
      const proof = formatTlogProof({ index, hashes: log.inclusion(index, size), checkpoint: note })
      return { index, size, proof, entry }
    },
  }
}
