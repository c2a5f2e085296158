import { createHash, createHmac } from 'node:crypto'
import {
  acknowledgementType,
  certificateType,
  decisionSealType,
  type FeedKind,
  genesisSealType,
  type Nation,
  nationsDigest,
  openRoster,
  policySealType,
  type Roster,
  registerSealType,
  revocationType,
  signJws,
  witnessPolicyType,
} from '@entente/schema'
import {
  cosign,
  createMemoryTree,
  createVerifierKey,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  KEY_TYPE,
  leafHash,
  parseNote,
  type Signer,
  signCheckpoint,
  treeRoot,
} from '@entente/tlog'
import { platformVerify, type TestKey, testKey } from './keys.ts'
import { canonical } from './second-fragment.ts'

/**
 * Builds audit bundles as `docs/protocol.md` lays them down, without the node: nations with keys, their logs, what they
 * send each other, and what they then show. Every part can be told to lie.
 */
export interface Federation {
  readonly roster: Roster
  readonly nations: ReadonlyMap<Nation, BuiltNation>
  /** Time of the next statement, in milliseconds; whole seconds. */
  now: number
}

/** A line of one of the JSON Lines files. */
export type Line = Record<string, unknown>

/** One nation: keys, log, and what it will show. */
export interface BuiltNation {
  readonly nation: Nation
  readonly origin: string
  readonly keys: Readonly<
    Record<'root' | 'node' | 'log' | 'witness' | 'authority' | 'officer', TestKey>
  >
  readonly logSigner: Signer
  readonly witnessSigner: Signer
  readonly entries: Uint8Array[]
  readonly tree: ReturnType<typeof createMemoryTree>
  readonly rows: Record<string, Line[]>
  /** Feeds of this nation by recipient and dataset, document or `control`. */
  readonly feeds: Map<string, { id: string | null; seq: number; prev: string | null }>
  /** Latest checkpoint. */
  note: string
}

export const EPOCH = Date.UTC(2026, 9, 1)
const TOLERANCE_MS = 300_000

export const hashText = (text: string | Uint8Array) => createHash('sha256').update(text).digest()
const seedOf = (text: string) => new Uint8Array(hashText(text))
export const digestText = (text: string) => hashText(text).toString('base64url')

/** Nations that trust each other. @param quorum cosignatures of others needed */
export function createFederation(
  names: readonly Nation[],
  quorum = names.length - 1,
  lies: FederationLies = {},
): Federation {
  const nations = new Map(names.map((nation) => [nation, createNation(nation)]))
  const all = [...nations.values()]
  const entries = all.map((one) => ({
    ...rosterEntry(one, one.nation === 'USA' ? lies : {}),
    ...(one.nation === 'USA' && lies.revocation && { revocations: [revoke(one, lies.revocation)] }),
  }))
  const witnessPolicy = {
    number: 1,
    nations: nationsDigest(entries),
    witnesses: all.map(({ nation, witnessSigner }) => ({
      nation,
      key: formatVerifierKey(witnessSigner.key),
    })),
    quorum,
    toleranceMs: TOLERANCE_MS,
    freshnessMs: 10_800_000,
  }
  const roster = openRoster(
    {
      nations: entries,
      witnessPolicy,
      signatures: Object.fromEntries(
        all.map(({ nation, keys }) => [
          nation,
          signJws(witnessPolicyType, witnessPolicy, keys.root.sign),
        ]),
      ),
    },
    platformVerify,
  )
  const federation = { roster, nations, now: EPOCH }
  for (const one of all)
    append(federation, one, 'genesis', {
      nation: one.nation,
      seal: sealFor(one),
      ...(one.nation === 'USA' && lies.genesis?.(one)),
    })
  for (const one of all) publish(federation, one)
  return federation
}

/** What the roster or the first leaf of the USA says otherwise. */
export interface FederationLies {
  readonly genesis?: (usa: BuiltNation) => Line
  readonly revocation?: Line
  /** Authorities of the USA; 1 unless said. */
  readonly authorities?: number
  /** Leaf from which the later ones count. */
  readonly authoritiesFrom?: number
}

/** The root revokes the statement key. */
export const revoke = ({ nation, origin, keys }: BuiltNation, change: Line = {}) =>
  signJws(
    revocationType,
    {
      nation,
      origin,
      key: keys.node.base64url,
      lastGood: null,
      at: EPOCH,
      reason: 'test',
      ...change,
    },
    keys.root.sign,
  )

/** The root's word on a log that follows no other. */
export const sealFor = ({ nation, origin, keys, logSigner }: BuiltNation, change: Line = {}) =>
  signJws(
    genesisSealType,
    { nation, origin, logKey: formatVerifierKey(logSigner.key), previous: null, ...change },
    keys.root.sign,
  )

function createNation(nation: Nation): BuiltNation {
  const key = (use: string) => testKey(seedOf(`${nation} ${use}`))
  const origin = `${nation.toLowerCase()}.entente.example/release-log/1`
  const keys = {
    root: key('root'),
    node: key('node'),
    log: key('log'),
    witness: key('witness'),
    authority: key('authority'),
    officer: key('officer'),
  }
  const signer = (name: string, type: 1 | 4, { publicKey, sign }: TestKey): Signer => ({
    key: createVerifierKey(name, type, publicKey),
    sign,
  })
  return {
    nation,
    origin,
    keys,
    logSigner: signer(origin, KEY_TYPE.ed25519, keys.log),
    witnessSigner: signer(
      `${nation.toLowerCase()}.entente.example/witness`,
      KEY_TYPE.cosignature,
      keys.witness,
    ),
    entries: [],
    tree: createMemoryTree(),
    rows: {},
    feeds: new Map(),
    note: '',
  }
}

/** Key of the second, third … authority of a nation. */
export const authorityKey = (nation: Nation, number: number): TestKey =>
  testKey(seedOf(`${nation} authority ${number}`))

function rosterEntry(
  { nation, origin, keys, logSigner, witnessSigner }: BuiltNation,
  { authorities = 1, authoritiesFrom }: FederationLies,
) {
  const certify = (certificate: Line) =>
    signJws(certificateType, { nation, serial: 1, ...certificate }, keys.root.sign)
  return {
    nation,
    organisation: `Ministry of ${nation}`,
    root: keys.root.base64url,
    policyQuorum: 1,
    certificates: [
      certify({
        role: 'node',
        name: 'node 1',
        key: keys.node.base64url,
        peerId: `12D3KooWexercise${nation}00000000`,
        origin,
        logKey: formatVerifierKey(logSigner.key),
        witnessKey: formatVerifierKey(witnessSigner.key),
        encryptionKey: keys.node.base64url,
        endpoints: [],
      }),
      certify({
        role: 'policy-authority',
        name: 'release authority',
        key: keys.authority.base64url,
        serial: 2,
      }),
      ...Array.from({ length: authorities - 1 }, (_, i) =>
        certify({
          role: 'policy-authority',
          name: `release authority ${i + 2}`,
          key: authorityKey(nation, i + 2).base64url,
          serial: 10 + i,
          ...(authoritiesFrom !== undefined && { from: authoritiesFrom, origin }),
        }),
      ),
      certify({
        role: 'release-officer',
        name: 'release officer',
        key: keys.officer.base64url,
        serial: 3,
      }),
    ],
  }
}

export function row(nation: BuiltNation, file: string, line: Line): void {
  nation.rows[file] ??= []
  nation.rows[file].push(line)
}

/** Leaf index and JWS of a statement just appended, and its salt. */
export interface Appended {
  readonly index: number
  readonly jws: string
  readonly salt: Buffer
}

/** Appends one statement to a log. @param payload members beside origin and time, which it may also overrule */
export function append(
  federation: Federation,
  nation: BuiltNation,
  kind: string,
  payload: Line,
  makePayload: (salt: Buffer) => Line = () => ({}),
): Appended {
  const index = nation.entries.length
  federation.now += 1000
  const salt = hashText(`${nation.nation} leaf ${index}`)
  const said = { origin: nation.origin, at: federation.now, ...payload, ...makePayload(salt) }
  const jws = signJws(`entente-${kind}`, said, nation.keys.node.sign)
  const entry = Buffer.concat([Buffer.of(1), createHmac('sha256', salt).update(jws).digest()])
  nation.entries.push(new Uint8Array(entry))
  nation.tree.append([leafHash(new Uint8Array(entry))])
  row(nation, 'openings.jsonl', { index, jws, salt: salt.toString('hex') })
  return { index, jws, salt }
}

/** Publishes a checkpoint of the log as it stands. @param witnesses who cosigns; all others unless told */
export function publish(
  federation: Federation,
  nation: BuiltNation,
  witnesses = [...federation.nations.keys()].filter((one) => one !== nation.nation),
): void {
  federation.now += 1000
  nation.note = checkpointNote(federation, nation, nation.tree.size(), witnesses)
  row(nation, 'checkpoints.jsonl', { size: nation.tree.size(), note: nation.note })
}

export function checkpointNote(
  { nations, now }: Federation,
  { origin, logSigner, tree }: BuiltNation,
  size: number,
  witnesses: readonly Nation[],
  root = treeRoot(size, tree.hashAt),
): string {
  const note = parseNote(signCheckpoint({ origin, size, root }, logSigner))
  const cosignatures = witnesses.flatMap((name) => {
    const witness = nations.get(name)
    return witness === undefined ? [] : [cosign(note.text, witness.witnessSigner, now / 1000)]
  })
  return formatNote({ text: note.text, signatures: [...note.signatures, ...cosignatures] })
}

/** Appends the next statement of a feed. @param lie members that overrule what would be true */
export function appendToFeed(
  federation: Federation,
  nation: BuiltNation,
  kind: FeedKind,
  payload: Line & { recipient: Nation },
  makePayload?: (salt: Buffer) => Line,
): Appended & { readonly feed: string; readonly seq: number } {
  const subject = ['release', 'reset', 'recall'].includes(kind)
    ? payload['dataset']
    : payload['document']
  const name = `${payload.recipient} ${subject ?? 'control'}`
  const feed = nation.feeds.get(name) ?? { id: null, seq: 0, prev: null }
  const said = { feed: feed.id, seq: feed.seq, prev: feed.prev, ...payload }
  const appended = append(federation, nation, kind, said, makePayload)
  const digest = digestText(appended.jws)
  const id = feed.id ?? digest
  nation.feeds.set(name, { id, seq: said.seq + 1, prev: digest })
  return { ...appended, feed: id, seq: said.seq }
}

/** Puts a policy in force. @returns its leaf index */
export function putInForce(
  federation: Federation,
  nation: BuiltNation,
  policy: Line & { edition: number; from: string; until: string },
  lie: {
    readonly signer?: TestKey
    /** Who signs as well. */
    readonly second?: TestKey
    readonly at?: number
    readonly edition?: number
  } = {},
): { readonly index: number; readonly digest: string } {
  const digest = digestText(canonical(policy))
  const interval = { from: Date.parse(policy.from), until: Date.parse(policy.until) }
  const edition = lie.edition ?? policy.edition
  const seal = { nation: nation.nation, edition, digest, ...interval }
  const keys = [lie.signer ?? nation.keys.authority, ...(lie.second ? [lie.second] : [])]
  const signatures = keys.map(({ sign }) => signJws(policySealType, seal, sign))
  row(nation, 'policies.jsonl', { policy, signatures })
  const payload = { edition, digest, ...interval, signatures, ...(lie.at && { at: lie.at }) }
  return { index: append(federation, nation, 'policy', payload).index, digest }
}

/** Puts an edition of the register in force, in which no agreement stands, nor more than is given. @param signer who should be the authority */
export function putRegister(
  federation: Federation,
  nation: BuiltNation,
  signer = nation.keys.authority,
  lie: {
    readonly edition?: number
    readonly agreements?: readonly Line[]
    readonly members?: Line
  } = {},
): { readonly digest: string } {
  const register = {
    nation: nation.nation,
    edition: 1,
    from: '2026-01-01',
    until: '2029-01-01',
    agreements: lie.agreements ?? [],
    ...lie.members,
  }
  const digest = digestText(canonical(register))
  const interval = { from: Date.parse(register.from), until: Date.parse(register.until) }
  const sentence = { edition: lie.edition ?? 1, digest, ...interval }
  const signatures = [
    signJws(registerSealType, { nation: nation.nation, ...sentence }, signer.sign),
  ]
  row(nation, 'registers.jsonl', { register, signatures })
  append(federation, nation, 'register', { ...sentence, signatures })
  return { digest }
}

/** A person's yes or no. @param signer who should be an officer of the nation */
export function decideOn(
  federation: Federation,
  nation: BuiltNation,
  decision: 'approve' | 'deny',
  about: string,
  signer = nation.keys.authority,
): void {
  const seal = signJws(decisionSealType, { nation: nation.nation, about, decision }, signer.sign)
  const refusal = { recipient: null, code: 'REFUSED_BY_OFFICER' }
  append(federation, nation, decision, { about, seal, ...(decision === 'deny' && refusal) })
}

/** Hands a published statement to its recipient, with its proof. */
export function deliver(from: BuiltNation, to: BuiltNation, { index, jws, salt }: Appended): void {
  const hashes = inclusionProof(index, from.tree.size(), from.tree.hashAt)
  const proof = formatTlogProof({ index, hashes, checkpoint: from.note })
  row(to, 'received.jsonl', { from: from.nation, index, jws, salt: salt.toString('hex'), proof })
}

/** The recipient's word on a feed, shown by both. @param lie members that overrule what would be true */
export function acknowledge(
  federation: Federation,
  by: BuiltNation,
  to: BuiltNation,
  { feed, seq, jws }: { readonly feed: string; readonly seq: number; readonly jws: string },
  lie: Line = {},
): void {
  const ack = {
    feed,
    seq,
    statement: digestText(jws),
    by: by.nation,
    to: to.nation,
    at: federation.now,
    refused: [],
    unopened: 0,
    ...lie,
  }
  const signed = signJws(acknowledgementType, ack, by.keys.node.sign)
  row(by, 'acks-given.jsonl', { jws: signed })
  row(to, 'acks-received.jsonl', { jws: signed })
}

/** Publishes a statement of a feed, hands it over and has it acknowledged. */
export function hand(
  federation: Federation,
  from: BuiltNation,
  to: BuiltNation,
  said: Appended & { readonly feed: string; readonly seq: number },
): void {
  publish(federation, from)
  deliver(from, to, said)
  acknowledge(federation, to, from, said)
}

/** Closes the period: one `ack` leaf that commits to every acknowledgement shown so far, then a checkpoint. */
export function closePeriod(federation: Federation, nation: BuiltNation): void {
  const digests = (file: string) =>
    (nation.rows[file] ?? []).map(({ jws }) => digestText(String(jws)))
  append(federation, nation, 'ack', {
    from: EPOCH,
    until: federation.now,
    given: digests('acks-given.jsonl'),
    received: digests('acks-received.jsonl'),
  })
  publish(federation, nation)
}
