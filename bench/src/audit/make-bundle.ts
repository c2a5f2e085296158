import { createHash, createHmac, hash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { loadOwn } from '@entente/node'
import {
  compilePolicy,
  composeFragment,
  createDecider,
  ENGINE,
  PolicyDocument,
} from '@entente/policy'
import {
  canonicalBytes,
  canonicalJson,
  type DataRecord,
  digestOf,
  recordKeyOf,
  signJws,
  statementType,
  toBase64url,
  versionOf,
} from '@entente/schema'
import {
  cosign,
  createMemoryTree,
  formatEntryBundle,
  formatNote,
  formatTilePath,
  leafHash,
  parseNote,
  signCheckpoint,
  tileHashes,
  tilesOf,
} from '@entente/tlog'
import type { Federation } from '../federation.ts'

/** Leaves of one checkpoint. */
const GROUP = 4_096
const RECORDS = 2_000
const START_MS = Date.UTC(2026, 5, 1)

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/**
 * Writes the bundle, with content, of an honest log of any size: a genesis, a policy, then by turns a release of one changed
 * record and a leaf that only pads, as a quiet node makes them. What was released is composed as a node composes it.
 * @returns when the last checkpoint was cosigned, in milliseconds
 */
export async function makeBundle(
  directory: string,
  leaves: number,
  federation: Federation,
): Promise<number> {
  const { keys, logSigner, config } = loadOwn(federation.sender)
  const { cosigner } = loadOwn(federation.recipient)
  const { origin, nation } = config
  const signed = federation.policy as { readonly policy: unknown; readonly signatures: string[] }
  const policyDocument = PolicyDocument.parse(signed.policy)
  const policyDigest = digestOf(signed.policy)
  const versions = composeAll(policyDocument, nation, keys.fragmentKey)

  const out = createFiles(directory)
  const tree = createMemoryTree(sha256)
  const entries: Uint8Array[] = []
  let atMs = START_MS
  let note = ''
  const append = (kind: string, payload: object, made?: (salt: Uint8Array) => object): string => {
    const salt = new Uint8Array(randomBytes(32))
    const said = { origin, at: atMs, ...payload, ...made?.(salt) }
    const jws = signJws(statementType(kind), said, keys.statement.sign)
    const commitment = createHmac('sha256', salt).update(jws).digest()
    out.line('openings.jsonl', {
      index: entries.length,
      jws,
      salt: Buffer.from(salt).toString('hex'),
    })
    entries.push(new Uint8Array([1, ...commitment]))
    return jws
  }
  let hashed = 0
  const publish = (): void => {
    tree.append(entries.slice(hashed).map((entry) => leafHash(entry, sha256)))
    hashed = entries.length
    atMs += 1_000
    const own = parseNote(signCheckpoint({ origin, size: hashed, root: tree.root() }, logSigner))
    const signatures = [...own.signatures, cosign(own.text, cosigner, atMs / 1_000)]
    note = formatNote({ text: own.text, signatures })
    out.line('checkpoints.jsonl', { size: hashed, note })
    atMs += 1_000
  }

  append('genesis', { nation })
  publish()
  const interval = {
    from: Date.parse(policyDocument.from),
    until: Date.parse(policyDocument.until),
  }
  const { edition } = policyDocument
  const seal = { edition, digest: policyDigest, ...interval, signatures: signed.signatures }
  append('policy', seal)
  publish()
  let feed: string | null = null
  let prev: string | null = null
  for (let seq = 0; entries.length < leaves; ) {
    if (entries.length % 2 === 1) append('pad', {})
    else {
      // Each put changes the record: one version after the other.
      const { record, version, entry, validUntil } = versions[seq % versions.length] as Version
      const index = entries.length
      const opening = [toBase64url(randomBytes(16)), entry]
      const inputs = {
        engine: ENGINE,
        policy: policyDigest,
        recipient: 'GBR',
        purpose: 'use',
        at: atMs,
        validUntil,
        records: [[record, version]],
      }
      const said = {
        feed,
        seq,
        prev,
        recipient: 'GBR',
        dataset: 'stock',
        effect: 'widen',
        entries: [digestOf(opening, sha256)],
        policy: 1,
      }
      const jws = append('release', said, (salt) => ({
        inputs: createHmac('sha256', salt).update(canonicalBytes(inputs)).digest('base64url'),
      }))
      out.line('entries.jsonl', { index, opening })
      out.line('inputs.jsonl', { index, inputs })
      prev = createHash('sha256').update(jws).digest('base64url')
      feed ??= prev
      seq++
    }
    if (entries.length % GROUP === 0) {
      publish()
      await out.drained()
    }
  }
  if (hashed < entries.length) publish()

  out.line('policies.jsonl', signed)
  for (const { record, source, version } of versions) {
    out.line('sources.jsonl', { digest: version, record: source })
    if (versions.find((one) => one.record === record)?.version === version)
      out.line('record-keys.jsonl', {
        record,
        key: Buffer.from(recordKeyOf(keys.fragmentKey, record)).toString('hex'),
      })
  }
  out.file('log/checkpoint', Buffer.from(note))
  for (const tile of tilesOf(entries.length))
    out.file(
      `log/${formatTilePath(tile)}`,
      tile.level === 'entries'
        ? formatEntryBundle(entries.slice(256 * tile.index, 256 * tile.index + tile.width))
        : tileHashes(tile, tree.hashAt),
    )
  const files = await out.close()
  const manifest = { format: 'entente-bundle/1', nation, origin, withContent: true, files }
  writeFileSync(join(directory, 'manifest.json'), canonicalJson(manifest))
  return atMs
}

/** One version of a record, and what GBR may have of it. */
interface Version {
  readonly record: string
  readonly source: DataRecord
  readonly version: string
  readonly entry: object
  readonly validUntil: number | null
}

/** Two versions of every record, each composed once: the first of all, then the second of all. */
function composeAll(
  policy: PolicyDocument,
  sender: string,
  fragmentKey: Uint8Array,
): readonly Version[] {
  const decider = createDecider(compilePolicy(policy))
  return Array.from({ length: 2 * RECORDS }, (_, i): Version => {
    const source = recordOf(i % RECORDS, i < RECORDS ? 'first' : 'second', sender)
    const recordKey = recordKeyOf(fragmentKey, source.id)
    const { digest, fields, authority, validUntil } = composeFragment(
      { record: source, recipient: 'GBR', purpose: 'use', atMs: START_MS, sender },
      decider,
      { recordKey, hash: sha256 },
    )
    return {
      record: source.id,
      source,
      version: versionOf(recordKey, digestOf(source)),
      entry: { op: 'put', record: source.id, digest, fields, authority },
      validUntil,
    }
  })
}

const label = { classification: 'UNCLASSIFIED', releasableTo: ['PARTNERS'], caveats: [] } as const

function recordOf(n: number, state: string, originator: string): DataRecord {
  const id = createHash('sha256').update(`bench record ${n}`).digest('hex').slice(0, 32)
  const rate = { number: String(100 + n), unit: 'each', per: 'month' }
  const values = {
    title: `Exercise capability ${n}`,
    description: `Exercise row ${n}: a line in its ${state} state, with words enough to be a text`,
    domain: 'munitions',
    supplier: `Exercise maker ${n % 400}`,
    rate_max: rate,
    rate_msr: { ...rate, number: String(10 + n) },
    lead_time: { total: String(7 + (n % 30)), unit: 'months' },
  }
  return {
    id: `urn:entente:${id}`,
    kind: 'capability',
    originator,
    dataset: 'stock',
    envelope: {
      asOf: '2026-05-01',
      status: 'active',
      source: { document: 'exercise' },
      handling: { originator_control: true, onward_release: 'ask' },
    },
    fields: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { value, label }]),
    ),
  }
}

/** Files of a bundle while they are written; the large ones grow line by line. */
function createFiles(directory: string) {
  const streams = new Map<string, ReturnType<typeof createWriteStream>>()
  const hashes: Record<string, string> = {}
  const streamOf = (path: string) => {
    const known = streams.get(path)
    if (known !== undefined) return known
    mkdirSync(directory, { recursive: true })
    const made = createWriteStream(join(directory, path))
    streams.set(path, made)
    return made
  }
  return {
    line: (path: string, value: unknown): void =>
      void streamOf(path).write(`${canonicalJson(value)}\n`),
    /** Lets the disk catch up. */
    drained: async (): Promise<void> => {
      for (const stream of streams.values())
        if (stream.writableNeedDrain) await new Promise<void>((go) => stream.once('drain', go))
    },
    file: (path: string, bytes: Uint8Array): void => {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), bytes)
      hashes[path] = hash('sha256', bytes)
    },
    close: async (): Promise<Readonly<Record<string, string>>> => {
      for (const [path, stream] of streams) {
        stream.end()
        await finished(stream)
        hashes[path] = await hashFile(join(directory, path))
      }
      return hashes
    },
  }
}

async function hashFile(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const piece of createReadStream(path)) digest.update(piece as Buffer)
  return digest.digest('hex')
}
