import { hash, randomBytes } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  certificateType,
  type GenesisSeal,
  genesisSealType,
  type Handover,
  type NodeCertificate,
  openRoster,
  peekJws,
  signJws,
  toBase64url,
} from '@entente/schema'
import { createEd25519Signer, type Ed25519Signer, verifyEd25519 } from '../adapters/ed25519.ts'
import { type Database, openDatabase } from '../adapters/sqlite-database.ts'
import { migrations, tables } from '../layout.ts'
import { createHeadFile } from '../log/head-file.ts'
import { createPadding, defaultPadTo } from '../log/padding.ts'
import { createReleaseLog, type ReleaseLog } from '../log/release-log.ts'
import type { Clock } from '../ports/clock.ts'
import type { NodeConfig } from '../setup/config.ts'
import { readKey, writeNewKey } from '../setup/key-file.ts'
import { loadOwn } from '../setup/node-folder.ts'
import { type OwnNationFile, readOwnNationFile, writeNationFile } from '../setup/own-nation-file.ts'
import { pathsOf } from '../setup/paths.ts'
import { readRosterJson } from '../setup/roster-store.ts'
import { type EndedLog, endedLogs, layAside } from './ended-log.ts'
import { carriedOver, firstLeaves } from './first-leaves.ts'
import { lastCheckpoint } from './last-checkpoint.ts'
import { type NextLog, prepareNextLog } from './next-log.ts'
import { RetireError } from './retire-error.ts'

/** What became of the two logs. */
export interface RetiredLog {
  readonly ended: EndedLog
  readonly origin: string
  /** Leaves of the new log so far. */
  readonly leaves: number
  /** Leaves of the old one that no quorum had cosigned: they are in no log any more. */
  readonly uncosigned: number
  /** It ended with a handover, as planned. */
  readonly planned: boolean
  readonly nationFilePath: string
}

/**
 * Ends the log of this node and begins another under a new key: the way out when the end of the log is lost or its key is in other hands,
 * and the second step of a planned handover. The root signs the new log's first leaf over the largest cosigned checkpoint of the
 * old one. All in one transaction; config and nation file follow, and a second run does what a crash left undone. The node
 * must not run, and the caller holds the folder's lock.
 * @param options.checkpoint the largest cosigned checkpoint that anybody holds, as signed note; else our own
 * @throws {RetireError} SetupError, RosterError
 */
export function retireLog(
  folder: string,
  root: Ed25519Signer,
  options: { readonly checkpoint?: string | undefined; readonly clock: Clock },
): RetiredLog {
  const own = loadOwn(folder)
  const { config } = own
  const given = readOwnNationFile(
    { folder, nation: config.nation, rosterPath: own.rosterPath },
    root,
  )
  // Of the log that ends; after a crash the roster no longer names the one in the config.
  const roster = openRoster(readRosterJson(own.rosterPath), verifyEd25519)
  using db = openDatabase(own.databasePath, tables, migrations)
  const next = prepareNextLog(folder, config)
  const done = endedLogs(db).find(({ epoch }) => epoch === (config.epoch ?? 1))
  const signer = statementSigner(folder, given, config.origin)
  const certify = (): string =>
    signJws(certificateType, nextCertificate(config.origin, given, next, signer), root.sign)
  if (done !== undefined) return finish(folder, config, given, certify, next, db, done)

  const log = createReleaseLog({
    db,
    clock: options.clock,
    headFile: createHeadFile(own.headPath),
    origin: config.origin,
    signer: own.logSigner,
    hash: sha256,
  })
  if (log.head().size === 0)
    throw new RetireError('LOG_EMPTY', 'this log has no leaf: there is nothing to retire')
  const end = lastCheckpoint(
    db,
    log,
    { origin: config.origin, key: own.logSigner.key },
    roster,
    config.nation,
    options.checkpoint ?? null,
  )
  checkHandover(log, next, end.size)
  const { uncosigned, ...at } = end
  const ended: EndedLog = { ...at, epoch: config.epoch ?? 1, origin: config.origin }
  const seal: GenesisSeal = {
    nation: config.nation,
    origin: next.origin,
    logKey: next.logKey,
    previous: { origin: config.origin, size: end.size, root: end.root, lost: [...end.lost] },
  }
  // Both words of the root before anything is written: it may lie elsewhere.
  const signed = { seal: signJws(genesisSealType, seal, root.sign), certificate: certify() }
  begin(db, folder, next, options.clock, {
    ended,
    seal: signed.seal,
    signer,
    nation: config.nation,
    padTo: config.log?.padTo ?? defaultPadTo,
  })
  const certified = () => signed.certificate
  return { ...finish(folder, config, given, certified, next, db, ended), uncosigned }
}

function begin(
  db: Database,
  folder: string,
  next: NextLog,
  clock: Clock,
  made: {
    readonly ended: EndedLog
    readonly seal: string
    readonly signer: Ed25519Signer
    readonly nation: string
    readonly padTo: number
  },
): void {
  const headFile = createHeadFile(pathsOf(folder, next.epoch).head)
  const lastAtMs = db.prepare('SELECT MAX(at_ms) AS at FROM statement').get()?.['at'] as number
  const atMs = Math.max(clock.nowMs(), lastAtMs)
  const carried = carriedOver(db, atMs)
  const signing = {
    origin: next.origin,
    signStatement: made.signer.sign,
    randomBytes: (size: number) => new Uint8Array(randomBytes(size)),
  }
  db.transact(() => {
    layAside(db, made.ended, atMs, tables)
    const log = createReleaseLog({
      db,
      clock,
      headFile,
      origin: next.origin,
      signer: next.signer,
      hash: sha256,
      padding: createPadding(signing, made.padTo),
    })
    const { nation, seal } = made
    const { leaves, store } = firstLeaves(db, { ...signing, nation, seal, atMs }, carried)
    log.append(leaves)
    store()
    // Before the commit: this file belongs to the new log alone, and is written again if this is cut off.
    log.noteHead()
  })
}

/** What follows the transaction: the nation file with the new log's certificate, then the config. Done again, it changes nothing. */
function finish(
  folder: string,
  config: NodeConfig,
  given: OwnNationFile,
  /** The root's certificate of the new log. */
  certify: () => string,
  next: NextLog,
  db: Database,
  ended: EndedLog,
): RetiredLog {
  const known = given.nodes.find(({ origin }) => origin === next.origin)
  if (known === undefined)
    writeNationFile(given.path, {
      ...given.file,
      certificates: [...given.file.certificates, certify()],
    })
  const { config: path } = pathsOf(folder)
  const text = JSON.stringify({ ...config, origin: next.origin, epoch: next.epoch }, null, 2)
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  const last = db
    .prepare(`SELECT kind FROM statement_${ended.epoch} ORDER BY idx DESC LIMIT 1`)
    .get()?.['kind']
  return {
    ended,
    origin: next.origin,
    leaves: db.prepare('SELECT size FROM head').get()?.['size'] as number,
    uncosigned: 0,
    planned: last === 'handover',
    nationFilePath: given.path,
  }
}

/** What the root says of the log that follows. */
function nextCertificate(
  origin: string,
  given: OwnNationFile,
  next: NextLog,
  signer: Ed25519Signer,
): NodeCertificate {
  const { succession: _, ...before } = given.nodes.findLast(
    (node) => node.origin === origin,
  ) as NodeCertificate
  return {
    ...before,
    serial: given.nextSerial,
    key: toBase64url(signer.publicKey),
    origin: next.origin,
    logKey: next.logKey,
    from: 0,
  }
}

/** The key that signs the new log: the one that the newest certificate of the old log names, or a new one where that is revoked. */
function statementSigner(folder: string, given: OwnNationFile, origin: string): Ed25519Signer {
  const newest = given.nodes.findLast((node) => node.origin === origin)
  const isRevoked = given.revocations.some(({ key }) => key === newest?.key)
  const own = loadOwn(folder).keys.statements.find(
    ({ publicKey }) => toBase64url(publicKey) === newest?.key,
  )
  if (own !== undefined && !isRevoked) return own
  const path = join(pathsOf(folder).keys, `statement-${given.nextSerial}.pem`)
  return createEd25519Signer(existsSync(path) ? readKey(path) : writeNewKey(path, 'ed25519'))
}

/** A log that has been handed over is followed by the log that its last leaf names, and ends with that leaf. */
function checkHandover(log: ReleaseLog, next: NextLog, size: number): void {
  const last = log.statement(log.head().size - 1)
  if (last?.kind !== 'handover') return
  const said = peekJws(last.jws).payload as unknown as Handover
  if (said.next !== next.origin)
    throw new RetireError(
      'HANDOVER_DIFFERS',
      `leaf ${last.index} hands this log over to ${said.next}, not to ${next.origin}`,
    )
  if (last.index >= size)
    throw new RetireError(
      'LOG_UNFINISHED',
      `the handover at leaf ${last.index} is not cosigned yet: start the node until \`entente status\` says that all is published`,
    )
}

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
