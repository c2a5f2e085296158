import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AutomergeProcess,
  createAutomergeAnswerer,
  createHeadFile,
  createJointDocuments,
  createReleaseLog,
  type Database,
  type Deps,
  type JointDocuments,
  JointError,
  type JointFrame,
  openDatabase,
  type Partner,
  type ReleaseLog,
  statementHash,
  type TwiceFrame,
  tables,
} from '@entente/node/testing'
import { compilePolicy, PolicyDocument } from '@entente/policy'
import {
  type Joint,
  type Label,
  type Nation,
  signJws,
  statementType,
  toHex,
  type Vote,
} from '@entente/schema'
import { cosign, formatNote, formatTlogProof, parseNote } from '@entente/tlog'
import type { Federation } from '../support/federation.ts'
import { depsOf } from '../support/receiver.ts'

export const nations: readonly Nation[] = ['AUS', 'GBR', 'USA']
const allNations: readonly Nation[] = ['AUS', 'CAN', 'GBR', 'USA']
export const restricted: Label = {
  classification: 'RESTRICTED',
  releasableTo: [...allNations],
  caveats: [],
}

/** Members may have what is written in joint documents, up to RESTRICTED; what the rows do not name stays at home. */
export const policyOf = (nation: Nation) => ({
  nation,
  edition: 1,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { joint: { mode: 'live', title: 'Joint documents' } },
  groups: {},
  ceilings: Object.fromEntries(
    allNations.filter((one) => one !== nation).map((one) => [one, 'RESTRICTED']),
  ),
  bands: {},
  rules: [
    {
      id: 'joint',
      match: {
        dataset: { in: ['joint'] },
        recipient: { in: allNations.filter((one) => one !== nation) },
      },
      effect: 'permit',
      reasonCode: 'JOINT',
      authority: 'exercise',
    },
  ],
  tests: [],
})

/** Automerge in this process: for tests in which nothing kills it. */
function automergeHere(): AutomergeProcess {
  const answer = createAutomergeAnswerer()
  return {
    ask: async (request) => {
      const answered = answer(request)
      if (answered.ok) return answered
      throw new JointError('JOINT_APPLY', answered.message)
    },
    life: () => 1,
    pid: () => 1,
    [Symbol.asyncDispose]: async () => {},
  }
}

/** One member with its real keys, log and joint documents, without a network: frames are carried by hand. */
export interface Member extends AsyncDisposable {
  readonly nation: Nation
  readonly joint: JointDocuments
  readonly db: Database
  readonly deps: Deps
  readonly refused: string[]
  /** Its policy permits nothing to a nation from now on. */
  readonly forbid: (nation: Nation) => void
  /** Signs and logs whatever it is told to, and gives what a member would be sent of it. */
  readonly sign: (kind: 'joint' | 'vote', payload: unknown, body: Uint8Array | null) => JointFrame
  /** What it has said so far in a document, as its own store has it. */
  readonly said: (
    document: string,
  ) => { readonly payload: Joint | Vote; readonly frame: JointFrame }[]
}

export function openMember(
  federation: Federation,
  nation: Nation,
  automerge: AutomergeProcess = automergeHere(),
  now: () => number = () => Date.UTC(2026, 8, 21),
  db: Database = openDatabase(':memory:', tables),
  most?: { readonly inDocument: number; readonly inAll: number },
): Member {
  const refused: string[] = []
  const deps: Deps = {
    ...depsOf(federation.folder(nation), db, now),
    journal: {
      ...depsOf(federation.folder(nation), db, now).journal,
      refused: ({ from, code }: { from: string; code: string }) => {
        refused.push(`${from} ${code}`)
      },
    },
  }
  const log: ReleaseLog = createReleaseLog({
    db,
    clock: deps.clock,
    headFile: createHeadFile(join(federation.folder(nation), 'test-head')),
    origin: deps.origin,
    signer: deps.logSigner,
    hash: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  })
  const cosigners = allNations
    .filter((one) => one !== nation && existsSync(federation.folder(one)))
    .map((one) => depsOf(federation.folder(one), db, now).cosigner)
  const cosigned = (): string => {
    const { text, signatures } = parseNote(log.head().note ?? '')
    const added = cosigners.map((one) => cosign(text, one, Math.floor(now() / 1000)))
    return formatNote({ text, signatures: [...signatures, ...added] })
  }
  const append = (kind: 'genesis' | 'joint' | 'vote', payload: object) => {
    const jws = signJws(statementType(kind), payload, deps.signStatement)
    const salt = deps.randomBytes(32)
    const leaf = { kind, jws, salt, atMs: now(), feed: null, seq: null }
    const index = db.transact(() => log.append([leaf]))
    return { jws, salt, index }
  }
  append('genesis', { origin: deps.origin, at: now(), nation })
  const compiled = compilePolicy(PolicyDocument.parse(policyOf(nation)))
  let policy = {
    compiled,
    digest: 'p'.repeat(43),
    index: 0,
    register: null,
    ground: '',
    committedAt: 0,
  }
  const joint = createJointDocuments({
    deps,
    door: {
      deps,
      log,
      policies: { at: () => policy as never },
      publishedSize: () => Number.POSITIVE_INFINITY,
    },
    published: () => ({ size: log.head().size, note: cosigned(), publishedMs: now() }) as never,
    sealed: () => {},
    maySeal: () => true,
    onCheckpoint: () => {},
    automerge,
    ...(most !== undefined && { most }),
  })
  const proofOf = (index: number) =>
    formatTlogProof({
      index,
      hashes: log.inclusion(index, log.head().size),
      checkpoint: cosigned(),
    })
  return {
    nation,
    joint,
    db,
    deps,
    refused,
    forbid: (other) => {
      const { ceilings, ...rest } = policyOf(nation)
      const { [other]: _, ...left } = ceilings
      policy = {
        ...policy,
        compiled: compilePolicy(PolicyDocument.parse({ ...rest, edition: 2, ceilings: left })),
      }
    },
    sign: (kind, payload, body) => {
      const { jws, salt, index } = append(kind, payload as object)
      return {
        t: 'joint',
        writer: nation,
        jws,
        salt: toHex(salt),
        proof: proofOf(index),
        body: body === null ? null : Buffer.from(body).toString('base64'),
      }
    },
    said: (document) =>
      db
        .prepare('SELECT * FROM joint_statement WHERE document = ? AND writer = ? ORDER BY seq')
        .all(document, nation)
        .map((row) => ({
          payload: JSON.parse(
            Buffer.from((row['jws'] as string).split('.')[1] as string, 'base64url').toString(),
          ) as Joint | Vote,
          frame: {
            t: 'joint',
            writer: nation,
            jws: row['jws'] as string,
            salt: toHex(row['salt'] as Uint8Array),
            proof: proofOf(row['idx'] as number),
            body:
              row['body'] === null
                ? null
                : Buffer.from(row['body'] as Uint8Array).toString('base64'),
          },
        })),
    [Symbol.asyncDispose]: async () => {
      await joint[Symbol.asyncDispose]()
      db[Symbol.dispose]()
    },
  }
}

const partnerIn = ({ deps }: Member, nation: Nation): Partner =>
  deps.partners.get(nation) as Partner

/** One answer of `from` to what `to` says it has. @returns how many frames were new */
export async function give(
  from: Member,
  to: Member,
  change: (frames: readonly (JointFrame | TwiceFrame)[]) => readonly (JointFrame | TwiceFrame)[] = (
    frames,
  ) => frames,
): Promise<number> {
  from.joint.notePublished()
  let taken = 0
  for (const frame of change(from.joint.missing(to.nation, to.joint.held(from.nation))))
    if (await to.joint.take(partnerIn(to, from.nation), frame)) taken++
  return taken
}

/** All members tell each other all, until there is no news. */
export async function settle(members: readonly Member[]): Promise<void> {
  for (let isNew = true; isNew; ) {
    isNew = false
    for (const from of members)
      for (const to of members) if (from !== to && (await give(from, to)) > 0) isNew = true
  }
}

/** Takes one frame in. @returns the code it is refused with; null: it was taken */
export async function taking(to: Member, frame: JointFrame | TwiceFrame): Promise<string | null> {
  const before = to.refused.length
  const writer = frame.t === 'twice' ? frame.first.writer : frame.writer
  await to.joint.take(partnerIn(to, writer), frame)
  return to.refused.length > before ? (to.refused.at(-1) as string) : null
}

export const hashOf = (frame: JointFrame): string => statementHash(frame.jws)
